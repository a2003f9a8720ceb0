import { describe, it } from "@std/testing/bdd";
import { bucket, IMAGE_BATCHES, inBatches, rowsOf } from "../../../lib/experts/shared/batches.ts";
import fc from "fast-check";
import assert from "node:assert/strict";
import { problem, right } from "../../run/outcome.ts";

describe("bucket()", () => {
  it("always holds what it must, and takes few values", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), (count, limit) => {
        const size = bucket(count, IMAGE_BATCHES, limit);
        assert.ok(size >= count);
        assert.ok(size === count || IMAGE_BATCHES.includes(size) || size === limit);
      }),
    );
  });
});

describe("inBatches()", () => {
  it("keeps the order and never runs more than the size at once", async () => {
    const sizes: number[] = [];
    const double = inBatches("double", 3, (batch: readonly number[]) => {
      sizes.push(batch.length);
      return Promise.resolve(batch.map((x) => 2 * x));
    });
    assert.deepEqual(right(await double([1, 2, 3, 4, 5, 6, 7])({})()), [2, 4, 6, 8, 10, 12, 14]);
    assert.deepEqual(sizes, [3, 3, 1]);
    assert.deepEqual(right(await double([])({})()), []);
  });
  it("turns what is thrown into an error with the name of the operation", async () => {
    const broken = inBatches("look", 2, () => Promise.reject(new Error("out of memory")));
    assert.equal(problem(await broken([1])({})()), "look: out of memory");
  });
});

describe("rowsOf()", () => {
  it("copies the first rows", () => {
    const data = Float32Array.of(1, 2, 3, 4, 5, 6);
    const rows = rowsOf(data, 2, 2);
    data.fill(0);
    assert.deepEqual(rows.map((row) => [...row]), [[1, 2], [3, 4]]);
  });
});
