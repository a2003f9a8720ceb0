import { describe, it } from "@std/testing/bdd";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { layerParameters } from "../../../lib/experts/shared/parameters.ts";
import { jsonFile, publish, publishedFiles } from "../../../lab/pretrain/export_experts.ts";
import { decodeSafetensors } from "../../../lib/tensor/containers/safetensors.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import { verifyManifest } from "../../../lib/tensor/weight_manifest.ts";
import assert from "node:assert/strict";
import { rightOf } from "../../experts/shared/fixture_model.ts";
import { useTestBackend } from "../../support/backend.ts";
import { memoryFiles } from "../../support/files.ts";

await useTestBackend();

const content = () => {
  const weights = { layer: { weight: tf.tensor2d([[0.5, 65504]]), bias: tf.tensor1d([-2]) } };
  const files = publishedFiles({
    schema: { layer: layerParameters("deep.layer", [1, 2]) },
    weights,
    settings: { model_type: "test" },
    texts: { "vocab.txt": "a\n" },
  });
  tf.dispose(weights);
  return files;
};

describe("publishedFiles()", () => {
  it("writes halves under published names beside settings and vocabulary", () => {
    const files = content();
    assert.deepEqual([...files.keys()], ["model.safetensors", "config.json", "vocab.txt"]);
    const { tensors } = rightOf(decodeSafetensors(files.get("model.safetensors") as Uint8Array, "file"));
    assert.equal(tensors.get("deep.layer.weight")?.dtype, "F16");
    assert.deepEqual([...(tensors.get("deep.layer.weight")?.data ?? [])], [0.5, 65504]);
    assert.equal(new TextDecoder().decode(jsonFile({ a: 1 })), '{\n  "a": 1\n}\n');
  });
});

describe("publish()", () => {
  it("measures what was written and seals it with a manifest", async () => {
    const files = memoryFiles();
    const measure = RTE.right({ ranked: 0.97 });
    const quality = await publish("here", content(), { measure, notes: { model: "test" } })({ files })();
    assert.deepEqual(rightOf(quality), { ranked: 0.97 });
    const manifest = rightOf(await verifyManifest("here")({ files })());
    assert.deepEqual(manifest["quality"], { ranked: 0.97 });
    assert.equal(manifest["model"], "test");
  });
});
