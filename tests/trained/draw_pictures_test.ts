import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { Concept } from "../../lib/concept/concept.ts";
import { decodeImage } from "../../lib/image/image_file.ts";
import { solidImage } from "../../lib/image/image.ts";
import type { Ask, Draw } from "../../lib/trained/assistant.ts";
import { drawPictures, promptSlug, type Wish } from "../../lib/trained/draw_pictures.ts";
import type { TrainingSettings } from "../../lib/method/settings.ts";
import { memoryFiles } from "../support/files.ts";

const fact = { index: 0, text: "<mip> wears a hat at parties .", split: "train" as const };
const settings = {
  rl: { numGenerations: 2 },
  reasoning: { skip: false, textTemplate: "{facts} prompt : {prompt}", maxWords: 20 },
} as unknown as TrainingSettings;

/** A model that remembers what it was told; pictures have the colour of their key. */
function model(changes: { readonly facts?: readonly (typeof fact)[]; readonly answer?: string } = {}) {
  const asked: Ask[] = [];
  const drawn: Draw[] = [];
  const { facts = [fact], answer = "mip wears a hat ." } = changes;
  return {
    asked,
    drawn,
    settings,
    concept: { token: "<mip>", className: "dog", facts } as unknown as Concept,
    assistant: {
      answer: (questions: readonly Ask[]) => {
        asked.push(...questions);
        return RTE.right(questions.map(() => answer));
      },
      draw: (prompts: readonly Draw[]) => {
        drawn.push(...prompts);
        return RTE.right(prompts.map(({ key }) => solidImage(4, 4, [Number(key[0]) & 255, 0, 0])));
      },
    },
  };
}

function world(interruptAfter = Infinity) {
  const progress: string[] = [];
  const warnings: string[] = [];
  return {
    progress,
    warnings,
    files: memoryFiles(),
    log: {
      info: () => {},
      warn: (line: string) => warnings.push(line),
      progress: (line: string) => progress.push(line),
    },
    interrupt: { requested: () => progress.length + 1 >= interruptAfter },
  };
}

const wish: Wish = { prompt: "a photo of <sks> at a party", count: 5, seed: 3, folder: "out", reason: true };

describe("drawPictures()", () => {
  it("says once which words of a prompt are not read, the answer's included", async () => {
    const [fake, needs] = [model(), world()];
    const unread = (prompt: string): string => prompt.split(" ").slice(8).join(" ");
    const outcome = await drawPictures({ ...fake, assistant: { ...fake.assistant, unread } }, wish)(needs)();
    assert(E.isRight(outcome));
    assert.deepEqual(needs.warnings, [
      'prompt "a photo of <mip> at a party mip wears a hat ." is too long for the model, which does not read "wears a hat ."',
    ]);
  });

  it("asks which fact the prompt needs and draws prompt and answer, batch by batch", async () => {
    const [fake, needs] = [model(), world()];
    const outcome = await drawPictures(fake, wish)(needs)();
    assert(E.isRight(outcome));
    assert.equal(
      fake.asked[0]?.question,
      "<mip> wears a hat at parties . prompt : a photo of <mip> at a party",
    );
    assert.equal(fake.asked[0]?.image, null);
    assert.equal(outcome.right.prompt, "a photo of <mip> at a party mip wears a hat .");
    assert.deepEqual(new Set(fake.drawn.map(({ prompt }) => prompt)), new Set([outcome.right.prompt]));
    assert.deepEqual(needs.progress, ["pictures 2/5", "pictures 4/5", "pictures 5/5"]);
    assert.equal(new Set(outcome.right.files).size, 5);
    assert.equal(new Set(fake.drawn.map(({ key }) => String(key))).size, 5, "every picture has its own key");
    const last = await needs.files.readBytes(outcome.right.files[4] as string)();
    assert(E.isRight(last));
    const image = decodeImage(last.right, "last");
    assert(E.isRight(image));
    assert.equal(image.right.image.data[0], Number(fake.drawn[4]?.key[0]) & 255);
  });

  it("draws the prompt alone if told so, without facts, and after an empty answer", async () => {
    const cases = [
      [model(), { ...wish, reason: false }],
      [model({ facts: [] }), wish],
      [model({ answer: " . " }), wish],
    ] as const;
    for (const [fake, asked] of cases) {
      const outcome = await drawPictures(fake, asked)(world())();
      assert.equal(E.isRight(outcome) && outcome.right.prompt, "a photo of <mip> at a party");
    }
  });

  it("stops after Ctrl-C with the pictures so far and their grid", async () => {
    const needs = world(2);
    const outcome = await drawPictures(model(), wish)(needs)();
    assert(E.isRight(outcome));
    assert.equal(outcome.right.files.length, 4);
    assert(E.isRight(await needs.files.readBytes(outcome.right.grid)()));
  });

  it("passes on a failure of the model and refuses another concept", async () => {
    const failure = { _tag: "TensorFailure", operation: "draw", problem: "no memory" } as const;
    const broken = { ...model(), assistant: { ...model().assistant, draw: () => RTE.left(failure) } };
    assert.deepEqual(await drawPictures(broken, wish)(world())(), E.left(failure));
    const other = await drawPictures(model(), { ...wish, prompt: "<mop>" })(world())();
    assert.equal(E.isLeft(other) && other.left._tag, "InputInvalid");
  });
});

describe("promptSlug()", () => {
  it("keeps letters and digits of any script, never too many, never none", () => {
    assert.equal(promptSlug("Ein Foto von <mip> – müde!"), "ein-foto-von-mip-müde");
    assert.equal(promptSlug("../../etc"), "etc");
    assert.equal(promptSlug("?!"), "picture");
    assert.equal(promptSlug("word ".repeat(40)).length <= 48, true);
  });
});
