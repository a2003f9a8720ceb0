import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { keyFromSeed } from "../../lib/core/key.ts";
import { batchAt, epochLength, type Order } from "../../lib/cold_start/order.ts";

const key = keyFromSeed(4);
const samples = (
  step: number,
  flow: Parameters<typeof batchAt>[1],
  options: { readonly order: Order; readonly epoch: number },
) => batchAt(step, flow, { ...options, key }).flatMap(({ sample, filler }) => filler ? [] : [sample]);

describe("epochLength()", () => {
  it("counts the batches of the longest task", () => {
    const flow = (count: number, batchSize: number) => ({ count, batchSize, keepsOrder: true });
    assert.equal(epochLength([flow(9, 4), flow(5, 1)]), 5);
    assert.equal(epochLength([flow(9, 4)]), 3);
    assert.equal(epochLength([]), 0);
  });
});

describe("batchAt()", () => {
  it("shuffles every pass anew and sees each sample once in it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 6 }), (count, batchSize) => {
        const flow = { count, batchSize, keepsOrder: true };
        const stream = Array.from(
          { length: count },
          (_, step) => samples(step, flow, { order: "shuffled", epoch: 1 }),
        ).flat();
        assert.equal(stream.length, count * batchSize);
        for (let pass = 0; pass < batchSize; pass++) {
          const seen = stream.slice(pass * count, (pass + 1) * count).sort((a, b) => a - b);
          assert.deepEqual(seen, Array.from({ length: count }, (_, index) => index));
        }
      }),
    );
  });
  it("is not the same in every pass", () => {
    const flow = { count: 12, batchSize: 12, keepsOrder: true };
    const [one, two] = [0, 1].map((step) => samples(step, flow, { order: "shuffled", epoch: 1 }));
    assert.notDeepEqual(one, two);
  });
  it("replays a frozen epoch with the same batches and the same views", () => {
    const flow = { count: 7, batchSize: 3, keepsOrder: false };
    const options = { order: "frozen" as const, key, epoch: 5 };
    for (let step = 0; step < 5; step++) {
      assert.deepEqual(batchAt(step + 10, flow, options), batchAt(step, flow, options));
    }
    assert.notDeepEqual(batchAt(1, flow, options)[0]?.viewKey, batchAt(0, flow, options)[0]?.viewKey);
  });
  it("keeps the order of the file where it is frozen, and starts again when exhausted", () => {
    const flow = { count: 5, batchSize: 2, keepsOrder: true };
    const epoch = Array.from({ length: 4 }, (_, step) => samples(step, flow, { order: "frozen", epoch: 4 }));
    assert.deepEqual(epoch, [[0, 1], [2, 3], [4], [0, 1]]);
  });
  it("shuffles a frozen task again when it starts again within the epoch", () => {
    const flow = { count: 8, batchSize: 8, keepsOrder: false };
    const [one = [], two = []] = [0, 1].map((step) => samples(step, flow, { order: "frozen", epoch: 2 }));
    assert.notDeepEqual(one, two);
    assert.deepEqual([...one].sort(), [...two].sort());
  });
  it("fills every batch to its size", () =>
    assert.equal(
      batchAt(2, { count: 5, batchSize: 2, keepsOrder: true }, { order: "frozen", key, epoch: 3 }).length,
      2,
    ));
});
