import { describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import assert from "node:assert/strict";
import type { Concept } from "../../lib/concept/concept.ts";
import { gatherMaterial, wordingOf } from "../../lib/cold_start/material.ts";
import { stagesOf } from "../../lib/cold_start/plan.ts";
import type { ColdStartOptions } from "../../lib/cold_start/settings.ts";
import { useTestBackend } from "../support/backend.ts";
import { concept, right, tinyOptions, tinyRuntime, tinyWorld } from "./tiny.ts";

await useTestBackend();
const runtime = tinyRuntime();
const gather = async (changes: Partial<ColdStartOptions> = {}, of: Concept = concept) => {
  const options = tinyOptions(changes);
  const world = tinyWorld();
  const plans = stagesOf(options.plan, { ...runtime.naming, perceptionTokens: options.perceptionTokens });
  const found = await gatherMaterial(options, runtime, { concept: of, plans })(world)();
  return { found, lines: world.lines };
};

describe("gatherMaterial()", () => {
  it("has dialogues for stage 1, and drawings too for stage 2", async () => {
    const { stages, length } = right((await gather()).found);
    const [first, second] = [stages.get("stage1"), stages.get("stage2")];
    assert.ok(first && second);
    assert.equal(first.drawings.length, 0);
    assert.equal(second.dialogues.length, first.dialogues.length);
    assert.equal(second.drawings.length, 6);
    assert.ok(first.dialogues.every(({ text }) => text.ids.length <= length));
    assert.equal(length % 16, 0);
  });
  it("encodes each photo once, in one view", async () => {
    const seen: number[] = [];
    const codec = {
      ...runtime.codec,
      encode: (images: Parameters<typeof runtime.codec.encode>[0]) => {
        seen.push(images.length);
        return runtime.codec.encode(images);
      },
    };
    const plans = stagesOf("stages", { ...runtime.naming, perceptionTokens: 0 });
    right(await gatherMaterial(tinyOptions(), { ...runtime, codec }, { concept, plans })(tinyWorld())());
    const asked = new Set(concept.trainingData.stage1.map(({ image }) => image));
    assert.deepEqual(seen, [asked.size + concept.croppedImages.length]);
  });
  it("crops only what is drawn", async () => {
    const { stages } = right((await gather({ crop: 1.5, views: 3, pictures: "cropped" })).found);
    assert.ok(stages.get("stage2")?.drawings.every(({ views }) => views.length === 3));
    assert.ok(stages.get("stage2")?.dialogues.every(({ views }) => views.length === 1));
  });
  it("mirrors what is asked about, too", async () => {
    const { stages } = right((await gather({ flip: 0.25, views: 2, knowledge: false })).found);
    assert.ok(stages.get("stage1")?.dialogues.every(({ views }) => views.length === 2));
  });
  it("reads train photos for first rows from images", async () => {
    assert.equal(
      right((await gather({ init: "images" })).found).trainPictures.length,
      concept.trainImages.length,
    );
  });
  it("refuses a concept without samples", async () => {
    const silent = {
      ...concept,
      trainingData: { stage1: [], stage2: [], stage3: [] },
      photoDialogues: [],
      textDialogues: [],
      positiveRecognitions: [],
      negativeRecognitions: [],
    };
    const { found } = await gather({}, silent);
    assert.ok(E.isLeft(found) && found.left._tag === "InputInvalid" && /dialogues/.test(found.left.problem));
    const blind = await gather({}, { ...concept, trainImages: [], croppedImages: [] });
    assert.ok(
      E.isLeft(blind.found) && blind.found.left._tag === "InputInvalid" &&
        /photos/.test(blind.found.left.problem),
    );
  });
  it("warns of photos that can't be read and of prompts that are too long", async () => {
    const [first = ""] = concept.trainImages;
    const captions = { [first]: "a photo of <mip> . ".repeat(20) };
    const { found, lines } = await gather({}, { ...concept, captions, croppedImages: ["root/lost.png"] });
    assert.equal(right(found).stages.get("stage2")?.drawings.length, concept.trainImages.length);
    assert.ok(lines.some((line) => /lost\.png/.test(line)));
    const cut = lines.filter((line) => /^a caption is too long for the model/.test(line));
    assert.equal(cut.length, 1);
    assert.match(cut[0] ?? "", /does not read ".*a photo of <?mip>? \."$/);
  });
});

describe("wordingOf()", () => {
  it("passes the settings of a stage on", () =>
    assert.deepEqual(wordingOf(tinyOptions({ prompts: "released", perceptionTokens: 1 }), "stage3"), {
      prompts: "released",
      stage: "stage3",
      perceptionTokens: 1,
    }));
});
