import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { HasFiles } from "../../lib/core/capability.ts";
import { cosine } from "../../lib/core/cosine.ts";
import { type RgbImage, solidImage } from "../../lib/image/image.ts";
import { encodePng } from "../../lib/image/png.ts";
import type { DrawItem } from "../../lib/evaluation/item.ts";
import type { PictureRow } from "../../lib/evaluation/prediction_rows.ts";
import { legacyContrast, scorePictures } from "../../lib/evaluation/score_pictures.ts";
import {
  type EvaluationExperts,
  referencePhotos,
  SCORE_DEFAULTS,
  type ScoreOptions,
} from "../../lib/evaluation/scored.ts";
import { memoryFiles } from "../support/files.ts";
import { failure, succeed, worldConcept } from "./world_fixture.ts";

const mip = { ...await worldConcept("mip"), trainImages: ["r0.png", "r1.png"], testImages: ["r1.png"] };
const RED = solidImage(4, 4, [255, 0, 0]);
const GREEN = solidImage(4, 4, [0, 255, 0]);
const GREY = solidImage(4, 4, [120, 120, 120]);
const files = memoryFiles({
  "r0.png": encodePng(RED),
  "r1.png": encodePng(GREEN),
  "p0.png": encodePng(RED),
  "p1.png": encodePng(GREY),
});
const colour = (image: RgbImage): Float32Array => Float32Array.from(image.data.subarray(0, 3));
const texts: string[] = [];
const experts: EvaluationExperts = {
  clip: {
    embedTexts: (asked) =>
      RTE.fromIO(() => (texts.push(...asked), asked.map(() => Float32Array.of(255, 0, 0)))),
    embedImages: (images) => RTE.right(images.map(colour)),
  },
  dino: { embed: (images) => RTE.right(images.map((image) => ({ cls: colour(image) }))) },
  faces: {
    embed: (images) => RTE.right(images.map((image) => image.data[1] === 120 ? null : colour(image))),
  },
  judge: {
    id: "j",
    text: () => RTE.right(null),
    segments: (_, segments) => RTE.right(segments.map((segment) => segment === "?" ? null : 1)),
  },
};
const item = (changes: Partial<DrawItem> = {}): DrawItem => ({
  kind: "draw",
  task: "dense_gen",
  id: "prompt_000",
  prompt: "a photo of <mip> , ?",
  wanted: "a photo of <mip> , ?",
  segments: ["a photo of the man", "?"],
  upstream: null,
  ...changes,
});
const row = (of: DrawItem, sample: number): PictureRow => ({
  ...{ v: 1, model: "m", bench: "b", concept: "mip", task: of.task, item: of.id, sample },
  image: `p${sample}.png`,
});
const score = async (
  of: DrawItem,
  samples: number,
  changes: {
    options?: Partial<ScoreOptions>;
    experts?: Partial<EvaluationExperts>;
    category?: "animal";
    info?: string;
  } = {},
) => {
  const rows = Array.from({ length: samples }, (_, index) => row(of, index));
  const context = {
    concept: {
      ...mip,
      ...(changes.category === undefined ? {} : { category: changes.category }),
      info: changes.info ?? mip.info,
    },
    experts: { ...experts, ...changes.experts },
    options: { ...SCORE_DEFAULTS, ...changes.options },
  };
  return await succeed(
    scorePictures([of], new Map([[`${of.task}/${of.id}`, rows]]), context),
    { files } as HasFiles,
  );
};

describe("scorePictures()", () => {
  it("compares with every photo and with the text, and asks the judge for each clause", async () => {
    const { items } = await score(item(), 2);
    const s = cosine([120, 120, 120], [255, 0, 0]);
    const [red, grey] = items.map(({ scores }) => scores);
    assert.deepEqual(red, {
      dense_gen_clip_t: 1,
      dense_gen_clip_i: 0.5,
      dense_gen_dino_i: 0.5,
      dense_gen_judge: 1,
      dense_gen_identity: 1,
    });
    for (const name of ["dense_gen_clip_t", "dense_gen_clip_i", "dense_gen_dino_i"]) {
      assert.ok(Math.abs((grey?.[name] ?? 0) - s) < 1e-6, name);
    }
    assert.deepEqual(items[0]?.segments, [{ text: "a photo of the man", score: 1 }, {
      text: "?",
      score: null,
    }]);
    assert.equal(texts.at(-1), "a photo of the man , ?");
  });

  it("says nothing of the look of a concept whose description does not name its attributes", async () => {
    const { items } = await score(item(), 1, { info: "<mip> is my neighbour." });
    assert.ok(!("dense_gen_identity" in (items[0]?.scores ?? {})));
  });

  it("gives the same numbers in small batches", async () => {
    assert.deepEqual(await score(item(), 2, { options: { pictureBatch: 1 } }), await score(item(), 2));
  });

  it("compares no text with a picture whose explicit prompt is unknown, and counts it", async () => {
    const { items } = await score(item({ task: "rea_gen", wanted: null, segments: [] }), 1);
    assert.deepEqual(items[0]?.scores, {
      rea_gen_clip_t: null,
      rea_gen_clip_i: 0.5,
      rea_gen_dino_i: 0.5,
      rea_gen_judge: null,
      rea_gen_identity: 1,
    });
  });

  it("measures faces of people, and the share of pictures that show one", async () => {
    const face = item({ task: "face" });
    const { items, realImages } = await score(face, 2);
    assert.deepEqual(items.map(({ scores }) => scores), [
      { face_sim: 0.5, face_sim_zero_fill: 0.5, face_detection: 1 },
      { face_sim: null, face_sim_zero_fill: 0, face_detection: 0 },
    ]);
    assert.deepEqual(realImages, { clip_i: 0.5, dino_i: 0.5, face_sim: 0.5 });
    assert.deepEqual((await score(face, 1, { category: "animal" })).items[0]?.scores, {});
  });

  it("measures what its experts can", async () => {
    const none = { clip: null, dino: null, faces: null, judge: null };
    assert.deepEqual((await score(item(), 1, { experts: none })).items[0]?.scores, {});
    const { items, realImages } = await score(item(), 1, { experts: { ...none, dino: experts.dino } });
    assert.deepEqual([items[0]?.scores, realImages], [{ dense_gen_dino_i: 0.5 }, { dino_i: 0.5 }]);
  });

  it("counts a prompt without a picture", async () => {
    const blank = {
      dense_gen_clip_t: null,
      dense_gen_clip_i: null,
      dense_gen_dino_i: null,
      dense_gen_judge: null,
      dense_gen_identity: null,
    };
    const { items } = await score(item(), 0);
    assert.deepEqual([items[0]?.scores, items[0]?.image], [blank, null]);
    const zero = await score(item(), 0, { options: { missingAsZero: true } });
    assert.deepEqual(Object.values(zero.items[0]?.scores ?? {}), [0, 0, 0, 0, 0]);
  });

  it("names the picture that is missing", async () => {
    const of = item();
    const rows = new Map([["dense_gen/prompt_000", [{ ...row(of, 0), image: "none.png" }]]]);
    const context = { concept: mip, experts, options: SCORE_DEFAULTS };
    assert.match(await failure(scorePictures([of], rows, context), { files }), /^none\.png: file not found/);
  });
});

describe("referencePhotos()", () => {
  it("are all train photos, or the first test photo", () => {
    assert.deepEqual(referencePhotos(mip, "train"), ["r0.png", "r1.png"]);
    assert.deepEqual(referencePhotos(mip, "test-first"), ["r1.png"]);
  });
});

describe("legacyContrast()", () => {
  it("halves the contrast into the upper half, at 512 pixels", () => {
    const found = legacyContrast(RED);
    assert.deepEqual([found.width, ...found.data.subarray(0, 3)], [512, 255, 128, 128]);
  });
});
