import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { factGates, vqaGates } from "../../../lab/capability_checks/answer_gates.ts";
import { constraintsOf } from "../../../lib/world/scene_truth.ts";
import type { Ask } from "../../../lib/trained/assistant.ts";
import { succeed } from "../../evaluation/world_fixture.ts";

const template = "{facts} prompt : {prompt}";
const sentencesOf = (question: string): readonly string[] =>
  (question.split(" prompt : ")[0] as string).split(" . ").map((text) => `${text.replace(/ \.$/, "")} .`);

/** Picks the fact whose place, time or activity the prompt names. */
const picking = ({ question }: Ask): string => {
  const asked = constraintsOf(question.split(" prompt : ")[1] as string);
  const topics = ["place", "time", "activity"] as const;
  return sentencesOf(question).find((fact) => {
    const said = constraintsOf(fact);
    return topics.some((topic) => said[topic] !== undefined && said[topic] === asked[topic]);
  }) as string;
};
const answering = (answer: (ask: Ask) => string) => ({
  answer: (asks: readonly Ask[]) => RTE.right(asks.map(answer)),
});
const options = { count: 40, seed: 1, token: "<c>", template };

describe("factGates()", () => {
  it("is 1 for a model that picks the fact of the prompt's condition", async () => {
    const gates = await succeed(factGates(answering(picking), options), {});
    assert.deepEqual(gates.map(({ value }) => value), [1, 1, 1]);
  });

  it("tells facts with the condition first from those with the condition last", async () => {
    const leading = (ask: Ask) => /^(<c>)/.test(picking(ask)) ? "" : picking(ask);
    const values = (await succeed(factGates(answering(leading), options), {}))
      .map(({ value }) => value);
    assert.deepEqual(values, [0, 1, 0]);
  });

  it("is about chance for a model that always says the first fact", async () => {
    const gates = await succeed(
      factGates(answering(({ question }) => sentencesOf(question)[0] as string), options),
      {},
    );
    assert.ok(gates.every(({ value }) => value > 0.02 && value < 0.5), JSON.stringify(gates));
  });
});

describe("vqaGates()", () => {
  it("counts exact answers, in all and by topic", async () => {
    const gates = await succeed(vqaGates(answering(() => "yes ."), { count: 12, seed: 2, size: 16 }), {});
    const of = (name: string) => gates.find((gate) => gate.name === `VQA: ${name}`)?.value as number;
    assert.ok(of("yes or no") > 0.2 && of("yes or no") < 0.8);
    assert.equal(of("place"), 0);
    assert.ok(of("all questions") < of("yes or no"));
  });
});
