import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { HasFiles } from "../../lib/core/capability.ts";
import { protocolOf } from "../../lib/evaluation/evaluate.ts";
import { evaluationOf, parseEvaluation, readEvaluation } from "../../lib/evaluation/evaluation.ts";
import { readEvaluations, writeEvaluation } from "../../lib/run/evaluation.ts";
import { problem, right } from "../run/outcome.ts";
import { memoryFiles } from "../support/files.ts";
import { evaluationFixture, itemFixture, scoreFixture } from "./outcome_fixture.ts";
import { succeed } from "./world_fixture.ts";

const parts = {
  bench: "unifybench++" as const,
  step: 2,
  model: "ours",
  concepts: ["mip"],
  protocol: protocolOf({ imagesPerPrompt: 2 }, "gpt-4o"),
  items: [itemFixture({}), itemFixture({ item: "rea_001", scores: { rea_bleu: null } })],
  realImages: [{ clip_i: 0.8 }, { clip_i: null }],
};

describe("evaluationOf()", () => {
  it("says in its notes all that its numbers depend on", () => {
    const notes = evaluationOf(parts).notes.join("\n");
    for (
      const said of [
        /seed 3407/,
        /judge: gpt-4o/,
        /wordBoundary/,
        /facts asked for: test/,
        /1 of 2 items lack/,
      ]
    ) {
      assert.match(notes, said);
    }
    assert.doesNotMatch(notes, /pictures per prompt/);
    const drawn = evaluationOf({ ...parts, items: [itemFixture({ task: "rea_gen", sample: 0 })] }).notes.join(
      "\n",
    );
    assert.match(drawn, /2 pictures per prompt; references: train photos; CLIP preprocessing: standard/);
    assert.match(
      evaluationOf({ ...parts, concepts: ["a", "b"] }).notes.join("\n"),
      /bootstrap over concepts/,
    );
  });

  it("averages the photos' likeness over concepts that have one", () => {
    assert.deepEqual(evaluationOf(parts).realImages, { clip_i: 0.8 });
  });
});

describe("docs/schemas/eval.json", () => {
  it("names every field of an evaluation, and no other", async () => {
    const file = new URL("../../docs/schemas/eval.json", import.meta.url);
    const { properties, required } = JSON.parse(await Deno.readTextFile(file));
    const evaluation = evaluationOf({
      ...parts,
      judges: { agreement: [], bias: [] },
      hardCases: { lookAlikes: "drawn", scores: {} },
    });
    assert.deepEqual(Object.keys(properties).sort(), Object.keys(evaluation).sort());
    assert.deepEqual(required.toSorted(), Object.keys(evaluationOf(parts)).sort());
    const { protocol, scores } = properties;
    assert.deepEqual(Object.keys(protocol.properties).sort(), Object.keys(evaluation.protocol).sort());
    const fields = ["high", "low", ...Object.keys(scoreFixture(0.5))];
    assert.deepEqual(Object.keys(scores.additionalProperties.properties).sort(), [...new Set(fields)].sort());
  });
});

describe("parseEvaluation()", () => {
  it("reads back what was written, and reports read it too", async () => {
    const files = { files: memoryFiles() } as HasFiles;
    const evaluation = evaluationOf(parts);
    const path = await succeed(writeEvaluation("run/eval", evaluation), files);
    assert.deepEqual(await succeed(readEvaluation(path), files), JSON.parse(JSON.stringify(evaluation)));
    const [reported] = await succeed(readEvaluations("run/eval"), files);
    assert.deepEqual([reported?.step, reported?.scores["rea_bleu"]?.value], [2, 0.5]);
  });

  it("names the field of another version or form", () => {
    const text = (changes: object): string => JSON.stringify({ ...evaluationFixture(), ...changes });
    assert.equal(right(parseEvaluation(text({}), "e")).model, "ours");
    assert.match(problem(parseEvaluation(text({ v: 2 }), "e")), /^e: `v`: expected 1/);
    assert.match(problem(parseEvaluation(text({ scores: { a: { value: "x" } } }), "e")), /^e: `?scores\.a/);
  });
});
