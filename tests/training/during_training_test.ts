import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { chooseBest } from "../../lib/training/during_training.ts";
import { type MemoryFiles, memoryFiles } from "../run/memory_files.ts";
import { right } from "../run/outcome.ts";

const FOLDER = { checkpoints: "run/checkpoints", evaluations: "run/eval" };

function filesWith(steps: readonly number[], scores: Readonly<Record<number, number | null>>): MemoryFiles {
  const files = memoryFiles();
  for (const name of ["run", FOLDER.checkpoints, FOLDER.evaluations]) files.entries.set(name, null);
  for (const step of steps) files.entries.set(`${FOLDER.checkpoints}/step-00000${step}`, null);
  for (const [step, value] of Object.entries(scores)) {
    const evaluation = { step: Number(step), scores: { rec_weight: { value } }, titles: {}, notes: [] };
    const bytes = new TextEncoder().encode(JSON.stringify(evaluation));
    files.entries.set(`${FOLDER.evaluations}/step-00000${step}.json`, bytes);
  }
  return files;
}

async function bestOf(files: MemoryFiles, metric = "rec_weight") {
  const warnings: string[] = [];
  const log = { info: () => {}, warn: (line: string) => void warnings.push(line), progress: () => {} };
  right(await chooseBest(FOLDER, { metric, keep: 2 })({ files, log })());
  const found = files.entries.get(`${FOLDER.checkpoints}/best`);
  return {
    warnings,
    best: found === undefined || found === null ? null : new TextDecoder().decode(found).trim(),
  };
}

describe("chooseBest()", () => {
  it("points to the state with the highest score, the earliest of equals", async () => {
    const files = filesWith([0, 1, 2, 4], { 0: 0.2, 1: 0.7, 2: 0.1, 4: 0.7 });
    const { best, warnings } = await bestOf(files);
    assert.deepEqual([best, warnings], ["step-000001", []]);
    const saved = ["step-000001", "step-000002", "step-000004"];
    assert.deepEqual(right(await files.list(FOLDER.checkpoints)()), ["best", ...saved]);
  });
  it("chooses among states that are still saved", async () => {
    assert.equal((await bestOf(filesWith([2, 4], { 0: 0.9, 2: 0.1, 4: 0.3 }))).best, "step-000004");
  });
  it("leaves a score out that could not be measured", async () => {
    assert.equal((await bestOf(filesWith([0, 2], { 0: null, 2: 0.1 }))).best, "step-000002");
  });
  it("says which scores there are if the one is not among them", async () => {
    const { best, warnings } = await bestOf(filesWith([0], { 0: 0.5 }), "rea_gen_clip_i");
    assert.equal(best, null);
    assert.match(warnings.join(), /no evaluation has the score rea_gen_clip_i .*; there are rec_weight$/);
  });
  it("does nothing where no score is named", async () => {
    assert.deepEqual(await bestOf(filesWith([0], { 0: 0.5 }), ""), { best: null, warnings: [] });
  });
});
