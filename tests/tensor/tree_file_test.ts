import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import * as E from "fp-ts/lib/Either.js";
import { tf } from "../../lib/tensor/tf.ts";
import { disposeTree, namedLeaves, type Tree } from "../../lib/tensor/tree.ts";
import { decodeTree, encodeTree, lazyTreeArrays, treeArrays, writeTree } from "../../lib/tensor/tree_file.ts";
import { problem, right } from "../run/outcome.ts";
import { useTestBackend } from "../support/backend.ts";
import { memoryDisk } from "./sources.ts";

await useTestBackend("cpu");

const tree: Tree = {
  layers: [{ weight: tf.tensor2d([[1, -2.5], [1e-4, 7]]) }, { weight: tf.tensor2d([[0.25]]) }],
  count: tf.scalar(3, "int32"),
};

const plain = (content: Tree) =>
  namedLeaves(content).map(([name, leaf]) => [name, leaf.dtype, leaf.shape, [...leaf.dataSync()]]);

describe("encodeTree() and decodeTree()", () => {
  it("keep names, dtypes, shapes and numbers", () => {
    const { tree: found, metadata } = right(decodeTree(encodeTree(tree, { metadata: { note: "x" } }), "t"));
    assert.deepEqual(plain(found), plain(tree));
    assert.deepEqual(metadata, { note: "x" });
    disposeTree(found);
  });
});

describe("writeTree()", () => {
  for (const dtype of ["F32", "F16"] as const) {
    it(`writes leaf by leaf what encodeTree() writes at once, ${dtype}`, async () => {
      const disk = memoryDisk({});
      const options = { dtype, metadata: { note: "y" } };
      const bytes = right(await writeTree("t.safetensors", tree, options)(disk)());
      const expected = encodeTree(tree, options);
      assert.deepEqual(disk.content.get("t.safetensors"), expected);
      assert.equal(bytes, expected.byteLength);
    });
  }

  it("leaves no file behind when the disk is full", async () => {
    const abandoned: string[] = [];
    const blobs = {
      ...memoryDisk({}).blobs,
      create: (path: string) => () =>
        Promise.resolve(E.right({
          append: (bytes: Uint8Array) =>
            bytes.byteLength < 20
              ? E.left({ _tag: "FileFailure" as const, path, problem: "no space left" })
              : E.right(undefined),
          commit: () => assert.fail("committed"),
          abandon: () => void abandoned.push(path),
        })),
    };
    assert.equal(problem(await writeTree("t", tree)({ blobs })()), "t: no space left");
    assert.deepEqual(abandoned, ["t"]);
  });
});

describe("lazyTreeArrays()", () => {
  it("gives what treeArrays() gives, read when it is asked for", () => {
    assert.deepEqual(lazyTreeArrays(tree), treeArrays(tree));
    const gone = { w: tf.tensor1d([1]) };
    const arrays = lazyTreeArrays(gone);
    assert.deepEqual(arrays.get("w")?.shape, [1]);
    disposeTree(gone);
    assert.throws(() => arrays.get("w")?.data, /disposed/);
  });
});
