import { describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import assert from "node:assert/strict";
import { solidImage } from "../../lib/image/image.ts";
import { keyFromSeed } from "../../lib/core/key.ts";
import type { Profile } from "../../lib/method/profile.ts";
import {
  expertLoadings,
  loadExperts,
  previewRow,
  rewardConcept,
  rewardRow,
} from "../../lib/method/rewarding.ts";
import type { Prompted } from "../../lib/method/rollout.ts";
import { sampleTask } from "../../lib/method/task.ts";
import { liveBlobs } from "../../lib/run/blobs.ts";
import { liveFiles } from "../../lib/run/live.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { useTestBackend } from "../support/backend.ts";
import { tinyWorld } from "../cold_start/tiny.ts";
import { concept, right, smallSettings } from "./tiny_run.ts";

await useTestBackend("wasm");

const none = { ernie: null, blip2: null, dinov2: null, facenet: null, mtcnn: null } as unknown as Profile;

describe("rewardConcept()", () => {
  it("has one reference per train photo, of the model's size", async () => {
    const found = right(await rewardConcept(concept, 16)(tinyWorld())());
    assert.equal(found.references.length, concept.trainImages.length);
    assert.ok(found.references.every(({ width, height }) => width === 16 && height === 16));
    assert.deepEqual([found.id, found.token, found.category], [concept.id, concept.token, concept.category]);
  });
});

describe("rewardRow()", () => {
  it("copies task and candidate", async () => {
    const known = right(await rewardConcept(concept, 16)(tinyWorld())());
    const task = right(
      sampleTask(keyFromSeed(1), concept, { reasoningMix: 0, textReasoning: "{prompt}", plainPrompt: "p" }),
    );
    const prompted = { compoundPrompt: "cp", text: "said" } as Prompted;
    const image = solidImage(2, 2);
    const row = rewardRow(task, prompted, { concept: known, image });
    assert.deepEqual([row.compoundPrompt, row.reasoning, row.prompt], ["cp", "said", task.basePrompt]);
    assert.deepEqual([row.candidates, row.truthIndex, row.explicitPrompt], [
      task.candidates,
      task.truthIndex,
      task.explicitPrompt,
    ]);
    assert.equal(row.image, image);
    const { explicitPrompt: _, ...plain } = task;
    assert.ok(!("explicitPrompt" in rewardRow(plain, prompted, { concept: known, image })));
  });
});

describe("previewRow()", () => {
  it("is compared with the candidate's own prompt, or with one text for the whole group", async () => {
    const known = right(await rewardConcept(concept, 16)(tinyWorld())());
    const prompted = { compoundPrompt: "cp", text: "said" } as Prompted;
    const row = (text: string, reasoningMix: number) => {
      const settings = smallSettings({ dsog: { text } });
      const options = { reasoningMix, textReasoning: "{prompt}", plainPrompt: "a photo of {concept} ." };
      const task = right(sampleTask(keyFromSeed(1), concept, options));
      const given = { concept: known, image: solidImage(2, 2) };
      const found = previewRow(task, prompted, { ...given, settings });
      return { task, found, plain: rewardRow(task, prompted, given) };
    };
    const own = row("compound", 0);
    assert.deepEqual(own.found, own.plain);
    for (const mix of [0, 1]) {
      const { task, found } = row("base", mix);
      assert.deepEqual([found.compoundPrompt, found.explicitPrompt], [task.basePrompt, task.basePrompt]);
    }
    const textual = row("explicit", 0);
    assert.equal(textual.found.compoundPrompt, textual.task.explicitPrompt);
    const visual = row("explicit", 1);
    const answer = visual.task.candidates[visual.task.truthIndex] as string;
    assert.ok(visual.found.compoundPrompt.startsWith(`${visual.task.basePrompt} `));
    assert.ok(visual.found.compoundPrompt.length > visual.task.basePrompt.length + 1, answer);
    assert.deepEqual(visual.found.reasoning, "said");
  });
});

describe("expertLoadings()", () => {
  it("looks at faces of humans only; the first one scores previews", () => {
    const names = (category: "human" | "animal") =>
      expertLoadings(none, smallSettings(), { category }).map(({ name }) => name);
    assert.deepEqual(names("animal"), ["ber", "tier", "der"]);
    assert.deepEqual(names("human"), ["ber", "tier", "der", "fer"]);
  });
  it("says which expert the profile lacks", async () => {
    for (const { name, folder, load } of expertLoadings(none, smallSettings(), { category: "human" })) {
      const found = await load({ ...tinyWorld(), blobs: {} as never })();
      assert.equal(folder, null);
      assert.ok(E.isLeft(found) && found.left._tag === "InputInvalid" && found.left.problem.includes(name));
    }
  });
});

describe("loadExperts()", () => {
  const disk = { files: liveFiles(), blobs: liveBlobs };
  const ernie = "assets/nano/ernie";
  const off = { human: 0, animal: 0, object: 0 };
  const quiet = (rewards: Readonly<Record<string, unknown>> = {}) =>
    smallSettings({ rewards: { ber: off, der: off, ...rewards }, dsog: { enabled: false } });
  const load = (profile: Partial<Profile>, settings = quiet()) =>
    loadExperts({ ...none, ...profile }, settings, { category: "animal" })(disk)();

  it("does without the folders of experts that do not count, the preview's included if DSOG is off", async () => {
    const before = tf.memory().numTensors;
    const found = right(await load({ ernie }));
    assert.deepEqual(found.experts.map(({ name }) => name), ["tier"]);
    assert.deepEqual(Object.keys(found.weights), ["tier"]);
    assert.deepEqual([...right(await found.previewExpert.score([{}, {}] as never)({})())], [1, 1]);
    found.dispose();
    assert.equal(tf.memory().numTensors, before);
  });
  it("logs an expert of weight 0 that the profile has", async () => {
    const found = right(await load({ ernie }, quiet({ tier: 0 })));
    assert.deepEqual(found.weights, { tier: 0 });
    found.dispose();
  });
  it("needs the expert that scores previews while DSOG is on", async () => {
    const settings = smallSettings({ rewards: { ber: off, der: off } });
    const found = await load({ ernie }, settings);
    assert.ok(E.isLeft(found) && found.left._tag === "InputInvalid");
    assert.match(found.left.remedy, /rewards\.ber to 0 and dsog\.enabled=false/);
  });
  it("frees what was loaded before something that is missing", async () => {
    const before = tf.memory().numTensors;
    const found = await load({ ernie, dinov2: "nowhere" }, quiet({ der: { ...off, animal: 1 } }));
    assert.ok(E.isLeft(found) && found.left._tag === "FileMissing");
    assert.equal(tf.memory().numTensors, before);
  });
});
