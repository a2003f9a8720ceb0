import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { ExperimentOptions } from "../../../lab/experiments/main_experiment.ts";
import { withConcepts } from "../../../lab/experiments/report_concepts.ts";
import type { Concept } from "../../../lib/concept/concept.ts";
import { loadConcept } from "../../../lib/concept/unifybench.ts";
import { memoryFiles, testWorld } from "../../support/files.ts";
import { right } from "./stub_runs.ts";

const OPTIONS = { concepts: [], seeds: [1], tasks: ["rea"], runs: "runs", out: "out" };

describe("withConcepts()", () => {
  it("writes the twelve concepts of reports where none is named, ready for a run", async () => {
    const needs = testWorld(memoryFiles({}));
    const { concepts } = await right<ExperimentOptions>(withConcepts(OPTIONS)(needs));
    assert.deepEqual([concepts.length, concepts[0]], [12, "runs/concepts/wubo"]);
    const { facts, trainImages } = await right<Concept>(loadConcept("runs/concepts", "razi")(needs));
    assert.deepEqual([facts.length, trainImages.length], [10, 6]);
    assert.ok(facts.every(({ reasoningPrompt }) => reasoningPrompt?.includes("<razi>")));
  });

  it("leaves named concepts alone", async () => {
    const needs = testWorld(memoryFiles({}));
    const named = { ...OPTIONS, concepts: ["mip"] };
    assert.deepEqual(await right(withConcepts(named)(needs)), named);
  });
});
