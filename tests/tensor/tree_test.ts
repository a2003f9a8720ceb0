import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { tf } from "../../lib/tensor/tf.ts";
import { copyTree, disposeTree, flatten, mapTree, namedLeaves, unflatten } from "../../lib/tensor/tree.ts";

await tf.setBackend("cpu");
const sample = () => ({ b: [tf.scalar(1), { c: tf.scalar(2) }], a: tf.scalar(3), none: undefined });

describe("flatten() and unflatten()", () => {
  it("are inverse, sorted by name, and skip undefined", () => {
    const tree = sample();
    const { leaves, structure } = flatten(tree);
    assert.deepEqual(leaves.map((leaf) => leaf.dataSync()[0]), [3, 1, 2]);
    assert.deepEqual(flatten(unflatten(structure, leaves)), { leaves, structure });
    assert.deepEqual(namedLeaves(tree).map(([name]) => name), ["a", "b.0", "b.1.c"]);
    disposeTree(tree);
  });
});

describe("copyTree()", () => {
  it("outlives the original", () => {
    const before = tf.memory().numTensors;
    const tree = sample();
    const copy = copyTree(tree);
    disposeTree(tree);
    assert.deepEqual(flatten(copy).leaves.map((leaf) => leaf.dataSync()[0]), [3, 1, 2]);
    disposeTree(copy);
    assert.equal(tf.memory().numTensors, before);
  });
});

describe("mapTree() and disposeTree()", () => {
  it("leak nothing", () => {
    const before = tf.memory().numTensors;
    const tree = sample();
    const twice = mapTree(tree, (leaf) => tf.mul(leaf, 2));
    assert.equal((twice.a as tf.Tensor).dataSync()[0], 6);
    disposeTree(tree);
    disposeTree(twice);
    disposeTree(twice);
    assert.equal(tf.memory().numTensors, before);
  });
});
