import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import { loadConcept } from "../../lib/concept/unifybench.ts";
import { loadConceptImage } from "../../lib/concept/photo.ts";
import { decodeConfig } from "../../lib/config/load.ts";
import { describe as describeError } from "../../lib/core/error.ts";
import { liveBlobs } from "../../lib/run/blobs.ts";
import { liveFiles } from "../../lib/run/live.ts";
import { pictureScores, scoreTable } from "../../lib/trained/picture_scores.ts";
import type { Profile } from "../../lib/method/profile.ts";
import { TRAINING } from "../../lib/method/settings.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { useTestBackend } from "../support/backend.ts";
import { testWorld } from "../support/files.ts";

await useTestBackend();

const needs = { ...testWorld(liveFiles()), blobs: liveBlobs };
const right = <A>(value: E.Either<Parameters<typeof describeError>[0], A>): A => {
  if (E.isLeft(value)) throw new Error(describeError(value.left));
  return value.right;
};
const concept = right(await loadConcept("assets/world", "lumi")(needs)());
const image = right(await loadConceptImage(concept.trainImages[0] as string, 64)(needs)());
const settings = right(decodeConfig(TRAINING));
const profile = {
  imageSize: 64,
  dinov2: "assets/nano/dinov2",
  blip2: null,
  ernie: null,
  facenet: null,
  mtcnn: null,
} as unknown as Profile;
const judged = { concept, image, text: `a photo of ${concept.token}`, answer: "", fact: null };

describe("pictureScores()", () => {
  it("scores with the experts that there are, says why the others don't, and keeps nothing in memory", async () => {
    const before = tf.memory().numTensors;
    const { experts, total } = right(await pictureScores(judged, profile, settings)(needs)());
    assert.equal(tf.memory().numTensors, before);
    assert.deepEqual(experts.map(({ name }) => name), ["ber", "tier", "der"], "faces are for people only");
    const der = experts[2];
    assert((der?.score ?? 0) > 0.8, "a reference photo is near the references");
    assert.equal(total.toFixed(9), der?.score.toFixed(9));
    assert.deepEqual(
      experts.map(({ note }) => note).slice(0, 2),
      Array(2).fill("the profile has no folder for it"),
    );
  });

  it("names the facts if there is none of that number, and a folder that is missing", async () => {
    const none = await pictureScores({ ...judged, fact: 77 }, profile, settings)(needs)();
    assert.match(
      E.isLeft(none) ? describeError(none.left) : "",
      /^fact 78: <lumi> has \d+ facts; choose one of 1: /,
    );
    const missing = await pictureScores(judged, { ...profile, dinov2: "nowhere" }, settings)(needs)();
    assert.match(E.isLeft(missing) ? describeError(missing.left) : "", /nowhere/);
  });
});

describe("scoreTable()", () => {
  it("shows a total of nothing as nothing", () => {
    assert.deepEqual(scoreTable({ experts: [], total: NaN }), ["expert  score  weight", "total       -"]);
  });
});
