import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { keyFromSeed } from "../../lib/core/key.ts";
import { initialise, nest } from "../../lib/tensor/nest.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { disposeTree, flatten, namedLeaves } from "../../lib/tensor/tree.ts";

await tf.setBackend("cpu");

describe("nest()", () => {
  it("is the inverse of namedLeaves(), also beside an empty state", () => {
    const tree = { a: [{}, { b: tf.scalar(1) }], "c": tf.scalar(2) };
    const again = nest(namedLeaves(tree));
    assert.deepEqual(flatten(again).structure, { a: [{}, { b: "*" }], c: "*" });
    assert.deepEqual(flatten(again).leaves, flatten(tree).leaves);
    disposeTree(tree);
  });
});

describe("initialise()", () => {
  it("depends on the name, not on the order", () => {
    const a = ["a.weight", { shape: [2, 3], fill: { normal: 1 } }] as const;
    const b = ["b.0", { shape: [2], fill: { constant: 5 } }] as const;
    const values = (order: ReadonlyMap<string, typeof a[1] | typeof b[1]>) => {
      const tree = initialise(keyFromSeed(4), order);
      const out = namedLeaves(tree).map(([name, leaf]) => [name, [...leaf.dataSync()], leaf.shape]);
      disposeTree(tree);
      return out;
    };
    assert.deepEqual(
      values(new Map<string, typeof a[1] | typeof b[1]>([a, b])),
      values(new Map<string, typeof a[1] | typeof b[1]>([b, a])),
    );
    assert.deepEqual(values(new Map([b])), [["b.0", [5, 5], [2]]]);
  });
});
