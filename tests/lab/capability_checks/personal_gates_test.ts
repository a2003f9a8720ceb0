import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { characterOf, personalGates } from "../../../lab/capability_checks/personal_gates.ts";
import { solidImage } from "../../../lib/image/image.ts";
import type { Sights } from "../../../lib/experts/attribute_reader/attribute_reader_load.ts";
import type { Ask, Draw } from "../../../lib/trained/assistant.ts";
import { loadConcept } from "../../../lib/concept/unifybench.ts";
import { liveFiles, liveLog } from "../../../lib/run/live.ts";
import { bundledMembers } from "../../../lib/world/bundled.ts";
import { constraintsOf } from "../../../lib/world/scene_truth.ts";
import { succeed } from "../../evaluation/world_fixture.ts";

const needs = { files: liveFiles(), log: liveLog() };
const mip = await succeed(loadConcept("assets/world", "mip"), needs);

/** Draws what the prompt says: a picture that carries its prompt, and a reader that reads it off. */
const prompts: string[] = [];
const assistant = {
  answer: (asks: readonly Ask[]) =>
    RTE.right(
      asks.map(({ question }) => question.startsWith("is this") ? "yes ." : mip.facts[0]?.text as string),
    ),
  draw: (draws: readonly Draw[]) => {
    prompts.push(...draws.map(({ prompt }) => prompt));
    return RTE.right(draws.map(() => solidImage(8, 8, [0, 0, 0])));
  },
};
const described = constraintsOf(mip.info);
const reader = {
  read: (images: readonly unknown[]) =>
    RTE.right(
      prompts.splice(0, images.length).map((prompt): Sights => {
        const seen = prompt.includes(mip.token)
          ? { ...described, ...constraintsOf(prompt) }
          : constraintsOf(prompt);
        return Object.fromEntries(
          Object.entries(seen).map(([topic, value]) => [topic, { value, confidence: 1 }]),
        );
      }),
    ),
};
const run = {
  assistant,
  concept: mip,
  profile: { imageSize: 8 },
  settings: { reasoning: { textTemplate: "{facts} prompt : {prompt}", maxWords: 40 } },
};

describe("characterOf()", () => {
  it("finds who every bundled concept is", async () => {
    for (const { name, character } of bundledMembers("heldout")) {
      const concept = await succeed(loadConcept("assets/world", name), needs);
      assert.deepEqual(characterOf(concept), character);
    }
  });

  it("knows nobody outside the world", () =>
    assert.equal(characterOf({ info: "<x> is my mug ." }), undefined));
});

describe("personalGates()", () => {
  it("measures a model that says yes, draws what it is told and always picks the same fact", async () => {
    const gates = await succeed(personalGates({ run: run as never, reader }, { count: 12, seed: 1 }), {});
    const of = (name: string) => gates.find((gate) => gate.name.startsWith(name))?.value as number;
    assert.equal(of("recognition by name"), 0.5);
    assert.equal(of("recognition: yes"), 1);
    assert.equal(of("identity drawn by name"), 1);
    const asked = mip.facts.filter(({ reasoningPrompt }) => reasoningPrompt !== undefined).length;
    assert.ok(Math.abs(of("reasoning generation: fact shown") - 1 / asked) < 1e-9);
  });
});
