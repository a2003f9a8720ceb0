import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import * as E from "fp-ts/lib/Either.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import type { RandomAccess } from "../../lib/tensor/containers/random_access.ts";
import { encodeSafetensors } from "../../lib/tensor/containers/safetensors.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { openWeights, type WeightSource } from "../../lib/tensor/weight_source.ts";
import { renameTensors } from "../../lib/tensor/weight_names.ts";
import { weightTensor, weightTensors } from "../../lib/tensor/weight_tensor.ts";
import { problem, right } from "../run/outcome.ts";
import { useTestBackend } from "../support/backend.ts";
import { memoryDisk } from "./sources.ts";

await useTestBackend();

const VIEWS = Deno.readFileSync(new URL("../fixtures/torch/views.pt", import.meta.url));

const opened = async (name: string, bytes: Uint8Array): Promise<WeightSource> =>
  right(await openWeights(name)(memoryDisk({ [name]: bytes }))());

/** More than one piece of the reader, with a value for every place. */
const LONG = 2 ** 21 + 5;
const long = Float32Array.from({ length: LONG }, (_, index) => (index % 2048) - 1024);

describe("weightTensor()", () => {
  for (const dtype of ["F32", "F16", "BF16"] as const) {
    it(`reads ${dtype} in pieces`, async () => {
      // bf16 keeps 8 bits of a number.
      const values = dtype === "BF16" ? long.map((value) => value - value % 8) : long;
      const file = encodeSafetensors(new Map([["w", { dtype, shape: [LONG], data: values }]]));
      const tensor = right(weightTensor(await opened("a.safetensors", file), "w"));
      assert.deepEqual(tensor.shape, [LONG]);
      assert.deepEqual(tensor.dataSync(), values);
      tensor.dispose();
    });
  }

  it("reads the views of a PyTorch file as whole reads do", async () => {
    const source = await opened("v.pt", VIEWS);
    for (const name of source.names) {
      const tensor = right(weightTensor(source, name));
      const { shape, data } = right(source.readFloat32(name));
      assert.deepEqual([tensor.shape, [...tensor.dataSync()]], [[...shape], [...data]], name);
      tensor.dispose();
    }
  });

  it("follows new names", async () => {
    const file = encodeSafetensors(
      new Map([["w", { dtype: "F32", shape: [2], data: Float32Array.of(1, 2) }]]),
    );
    const renamed = renameTensors((name) => `new.${name}`)(await opened("a.safetensors", file));
    const tensor = right(weightTensor(renamed, "new.w"));
    assert.deepEqual([...tensor.dataSync()], [1, 2]);
    tensor.dispose();
  });
});

describe("weightTensors()", () => {
  it("keeps nothing when a file is cut short while it is read", async () => {
    const two = { dtype: "F32", shape: [2], data: Float32Array.of(1, 2) } as const;
    const file = encodeSafetensors(new Map([["a", two], ["b", two]]));
    const disk = memoryDisk({ "a.safetensors": file });
    const cut = {
      ...disk.blobs,
      open: (path: string) =>
        TE.map((blob: RandomAccess): RandomAccess => ({
          ...blob,
          readAt: (offset, length) =>
            offset === file.byteLength - 8
              ? E.left({ _tag: "CheckpointCorrupt", path, problem: "became shorter" })
              : blob.readAt(offset, length),
        }))(disk.blobs.open(path)),
    };
    const source = right(await openWeights("a.safetensors")({ ...disk, blobs: cut })());
    const before = tf.memory().numTensors;
    assert.match(problem(weightTensors(source, ["a", "b"])), /a\.safetensors: became shorter/);
    assert.equal(tf.memory().numTensors, before);
    source.close();
  });
});
