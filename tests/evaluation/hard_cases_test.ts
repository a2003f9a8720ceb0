import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { keyFromSeed } from "../../lib/core/key.ts";
import { type HardCase, hardCases, saysUnknown, sideBySide } from "../../lib/evaluation/hard_cases.ts";
import { askHardCases, hardCaseSummary, measureHardCases } from "../../lib/evaluation/hard_case_scores.ts";
import { lookAlikePhotos } from "../../lib/evaluation/look_alike_photos.ts";
import { type RgbImage, solidImage } from "../../lib/image/image.ts";
import { encodePng } from "../../lib/image/png.ts";
import type { Ask, Assistant } from "../../lib/trained/assistant.ts";
import { changedFiles } from "../support/files.ts";
import { failure, succeed, world, worldConcept } from "./world_fixture.ts";

const mip = await worldConcept("mip");
const bo = { ...mip, facts: [], info: "", textOnly: mip.textOnly };
const OWN = [[200, 0, 0], [220, 10, 0]] as const;
const OTHERS = [[0, 0, 200], [0, 10, 220]] as const;
const pictures = {
  own: OWN.map((colour) => solidImage(8, 8, colour)),
  others: OTHERS.map((colour) => solidImage(8, 8, colour)),
  vqa: [{ question: "what colour ?", answer: "red .", image: solidImage(8, 8, OWN[0]) }],
};
const cases = hardCases(bo, pictures);

/** Red at a place: the left or the right half of the middle line. */
const isRed = ({ data, width, height }: RgbImage, part: number): boolean => {
  const at = (Math.floor(height / 2) * width + Math.floor(width * part)) * 3;
  return (data[at] ?? 0) > 150 && (data[at + 2] ?? 0) < 100;
};

type Answer = (ask: Ask) => string;

/** Knows the concept, and what it does not know. */
const good: Answer = ({ question, image }) => {
  if (image === null) {
    return bo.textOnly.some((known) => known.question === question) ? "A ball." : "I don't know.";
  }
  const [left, right] = [isRed(image, 0.25), isRed(image, 0.75)];
  if (question.startsWith("Which")) return left ? "Left." : "Right.";
  const seen = left || right;
  if (question.includes("somebody else")) return seen ? "No." : "Yes.";
  return question.startsWith("what colour") ? "red ." : seen ? "Yes." : "No.";
};

const scoresOf = async (answer: Answer): Promise<Readonly<Record<string, number | null>>> => {
  const assistant: Assistant = {
    answer: (asks) => RTE.right(asks.map(answer)),
    draw: () => RTE.right([]),
  };
  const scores = await succeed(
    askHardCases("bo", cases, assistant, { batch: 3, key: keyFromSeed(1) }),
    world().capabilities,
  );
  const { scores: found } = hardCaseSummary(scores, { lookAlikes: "drawn", seed: 1 });
  return Object.fromEntries(Object.entries(found).map(([name, { value }]) => [name, value]));
};

const RIGHT_OR_WRONG = [
  ...["look_alike_rec", "look_alike_beside", "look_alike_which", "look_alike_two_turns", "cant_know"],
];

describe("hard cases", () => {
  it("are all right for a model that knows the concept and its limits", async () => {
    assert.deepEqual(await scoresOf(good), {
      ...Object.fromEntries(RIGHT_OR_WRONG.map((name) => [name, 1])),
      look_alike_vqa: 1,
    });
  });

  for (
    const [name, answer] of [
      ["always says yes", () => "Yes."],
      ["always says no", () => "No."],
      ["always says left", () => "Left, yes."],
      ["never answers", () => "I don't know."],
      ["says nothing", () => ""],
    ] as const
  ) {
    it(`catch a model that ${name}, in every score`, async () => {
      const scores = await scoresOf(answer);
      for (const metric of RIGHT_OR_WRONG) assert.equal(scores[metric], 0, metric);
      assert.ok((scores["look_alike_vqa"] ?? 1) < 0.5);
    });
  }

  it("catch in its score alone a model that is fooled in one way", async () => {
    const foolable = await scoresOf((ask) => ask.question.includes("somebody else") ? "Yes." : good(ask));
    assert.deepEqual([foolable["look_alike_two_turns"], foolable["look_alike_rec"]], [0, 1]);
    const knowsAll = await scoresOf((ask) => ask.image === null ? "On Monday." : good(ask));
    assert.deepEqual([knowsAll["cant_know"], knowsAll["look_alike_which"]], [0, 1]);
    const twins = await scoresOf((ask) => ask.question.startsWith("Which") ? "Left." : good(ask));
    assert.deepEqual([twins["look_alike_which"], twins["look_alike_rec"]], [0, 1]);
  });

  it("leave out what a fact answers, and ask the second turn with the first in front", async () => {
    const told = hardCases({ ...bo, info: "<mip> was born in May and weighs 70 kilograms." }, pictures);
    const asked = (all: readonly HardCase[]) =>
      all.filter(({ metric }) => metric === "cant_know").map(({ questions }) => questions[0]?.question)
        .join();
    assert.ok(asked(cases).includes("born") && !/born|weigh/.test(asked(told)));
    const seen: string[] = [];
    await scoresOf((ask) => (seen.push(ask.question), "Yes."));
    assert.ok(
      seen.some((text) => /\nYes\.\nSo is this somebody else who only looks like <mip>\?/.test(text)),
    );
  });
});

describe("measureHardCases()", () => {
  it("draws look-alikes in the world, the same ones for the same seed", async () => {
    const options = { source: "", count: 3, imageSize: 32, seed: 2, batch: 16 };
    const first = await succeed(lookAlikePhotos(mip, options), world().capabilities);
    assert.deepEqual([first.length, first[0]?.width], [3, 32]);
    assert.deepEqual(first, await succeed(lookAlikePhotos(mip, options), world().capabilities));
    const assistant: Assistant = {
      answer: (asks) => RTE.right(asks.map(() => "Yes.")),
      draw: () => RTE.right([]),
    };
    const scores = await succeed(measureHardCases(mip, assistant, options), world().capabilities);
    assert.ok(scores.filter(({ metric }) => metric !== "look_alike_vqa").every(({ score }) => score === 0));
    assert.equal(scores.filter(({ metric }) => metric === "look_alike_which").length, 3);
  });

  it("takes photos, of a concept by its id, and says what is missing", async () => {
    const png = encodePng(solidImage(4, 4));
    const files = changedFiles({ "o/mip/0.png": png, "o/mip/1.png": png, "p/0.png": png });
    const needs = { ...world().capabilities, files };
    const load = (source: string) => lookAlikePhotos(mip, { source, count: 8, imageSize: 4, seed: 1 });
    assert.equal((await succeed(load("o"), needs)).length, 2);
    assert.match(
      await failure(load("p"), needs),
      /^p: has 1 photos of look-alikes of mip; put two or more/,
    );
    const elsewhere = lookAlikePhotos({ ...mip, root: "z" }, {
      source: "",
      count: 2,
      imageSize: 4,
      seed: 1,
    });
    assert.match(
      await failure(elsewhere, needs),
      /look_alikes: mip is no concept of the procedural world/,
    );
  });
});

describe("sideBySide()", () => {
  it("holds both pictures at half their size", () => {
    const both = sideBySide(solidImage(8, 8, [200, 0, 0]), solidImage(8, 8, [0, 0, 200]));
    assert.deepEqual([both.width, both.height, both.data.length], [8, 8, 192]);
    assert.ok(isRed(both, 0.25) && !isRed(both, 0.75));
    assert.deepEqual([...both.data.subarray(0, 3)], [128, 128, 128]);
  });
});

describe("saysUnknown()", () => {
  it("knows the ways to say so, and takes no answer for one", () => {
    for (const text of ["I don't know", "Unknown.", "It is not mentioned.", "I cannot tell", "no idea"]) {
      assert.ok(saysUnknown(text), text);
    }
    for (const text of ["Yes.", "a red ball", "He knows it.", ""]) assert.ok(!saysUnknown(text), text);
    fc.assert(fc.property(fc.constantFrom(...mip.textOnly), ({ answer }) => assert.ok(!saysUnknown(answer))));
  });
});
