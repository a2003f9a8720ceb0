import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { Concept } from "../../lib/concept/concept.ts";
import { solidImage } from "../../lib/image/image.ts";
import { encodePng } from "../../lib/image/png.ts";
import { askRun, questionPhoto } from "../../lib/trained/ask_run.ts";
import type { Ask } from "../../lib/trained/assistant.ts";
import type { Profile } from "../../lib/method/profile.ts";
import { memoryFiles, testWorld } from "../support/files.ts";

function model() {
  const asked: Ask[] = [];
  return {
    asked,
    concept: { token: "<mip>" } as Concept,
    profile: { imageSize: 8 } as Profile,
    assistant: {
      answer: (questions: readonly Ask[]) => {
        asked.push(...questions);
        return RTE.right(["a hat ."]);
      },
      draw: () => RTE.right([]),
    },
  };
}

const log = { info: () => {}, warn: () => {}, progress: () => {} };

describe("askRun()", () => {
  it("asks about the photo in the model's size", async () => {
    const fake = model();
    const image = solidImage(20, 10, [1, 2, 3]);
    const answer = await askRun(fake, { question: "What is <sks> wearing?", image })({ log })();
    assert.deepEqual(answer, E.right("a hat ."));
    assert.equal(fake.asked[0]?.question, "What is <mip> wearing?");
    assert.deepEqual([fake.asked[0]?.image?.width, fake.asked[0]?.image?.height], [8, 8]);
  });

  it("asks without a photo; refuses other concepts before the model is asked", async () => {
    const fake = model();
    await askRun(fake, { question: "Who?", image: null })({ log })();
    assert.equal(fake.asked[0]?.image, null);
    const other = await askRun(fake, { question: "Who is <mop>?", image: null })({ log })();
    assert.equal(E.isLeft(other), true);
    assert.equal(fake.asked.length, 1);
  });
});

describe("questionPhoto()", () => {
  const world = testWorld(memoryFiles({ "a.png": encodePng(solidImage(3, 2)), "b.png": "text" }));

  it("reads a picture in its own size, or none", async () => {
    const found = await questionPhoto("a.png")(world)();
    assert.deepEqual(E.isRight(found) && [found.right?.width, found.right?.height], [3, 2]);
    assert.deepEqual(await questionPhoto("none")(world)(), E.right(null));
  });

  it("says what is wrong with a file", async () => {
    const bad = await questionPhoto("b.png")(world)();
    assert.equal(E.isLeft(bad) && bad.left._tag, "InputInvalid");
    const missing = await questionPhoto("c.png")(world)();
    assert.equal(E.isLeft(missing) && missing.left._tag, "FileMissing");
  });
});
