import assert from "node:assert/strict";
import { after, before, describe, it } from "@std/testing/bdd";
import { join } from "node:path";
import { decodeConfig } from "../../lib/config/load.ts";
import { keyFromSeed } from "../../lib/core/key.ts";
import { trainedBaseline } from "../../lib/evaluation/baselines.ts";
import type { HasEvaluation } from "../../lib/evaluation/session.ts";
import { EVALUATION, type EvaluationSettings } from "../../lib/evaluation/settings.ts";
import { liveBlobs } from "../../lib/run/blobs.ts";
import { liveFiles } from "../../lib/run/live.ts";
import { loadProfile, type Profile } from "../../lib/method/profile.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { completion, fakeWorld } from "../metrics/judge/fakes.ts";
import { right } from "../run/outcome.ts";
import { useTestBackend } from "../support/backend.ts";
import { writeTinyProfile } from "../support/tiny_profile.ts";
import { failure, succeed, world, worldConcept } from "./world_fixture.ts";

await useTestBackend();
const mip = await worldConcept("mip");
const folder = await Deno.makeTempDir({ prefix: "baselines-" });
const file = join(folder, "kept", "mip.safetensors");
const capabilities = (): HasEvaluation => ({
  ...world().capabilities,
  files: liveFiles(),
  blobs: liveBlobs,
  network: fakeWorld(() => completion("")).capabilities.network,
});
const { baseline } = right(
  decodeConfig(EVALUATION, { baseline: { steps: 1, batch: 1, vectors: 2 } }),
) as EvaluationSettings;
let profile: Profile;

before(async () => {
  await writeTinyProfile(join(folder, "profile"));
  profile = await succeed(loadProfile(join(folder, "profile")), capabilities());
});
after(() => Deno.remove(folder, { recursive: true }));

describe("trainedBaseline()", () => {
  const open = () =>
    trainedBaseline("textual_inversion", baseline, { profile, weights: "", fileOf: () => file })(mip);

  it("draws the same from kept weights as after the training, and frees everything", async () => {
    const tensors = tf.memory().numTensors;
    const draws = [{ prompt: "a photo of <mip> .", key: keyFromSeed(1) }];
    const pixels: Uint8Array[] = [];
    for (let time = 0; time < 2; time++) {
      const { assistant, dispose } = await succeed(open(), capabilities());
      const [picture] = await succeed(assistant.draw(draws), {});
      pixels.push(picture?.data as Uint8Array);
      dispose();
    }
    assert.deepEqual(pixels[1], pixels[0]);
    assert.equal(tf.memory().numTensors, tensors);
  });

  it("names the file of weights that is damaged, and frees the model", async () => {
    const tensors = tf.memory().numTensors;
    const bytes = await Deno.readFile(file);
    await Deno.writeFile(file, bytes.subarray(0, bytes.length - 9));
    assert.match(await failure(open(), capabilities()), /mip\.safetensors/);
    assert.equal(tf.memory().numTensors, tensors);
  });
});
