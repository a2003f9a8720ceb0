import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  bestStep,
  type Evaluation,
  hasStalled,
  readEvaluations,
  writeEvaluation,
} from "../../lib/run/evaluation.ts";
import { memoryFiles } from "./memory_files.ts";
import { problem, right } from "./outcome.ts";

const evaluation = (step: number): Evaluation => ({
  step,
  scores: { vqa_bleu: { value: 0.5, low: 0.4, high: 0.6 }, rec_weight: { value: null } },
  titles: { vqa_bleu: "VQA BLEU" },
  notes: ["4 pictures per prompt"],
});

describe("evaluation", () => {
  it("what is read is what was written, oldest step first", async () => {
    const files = memoryFiles();
    for (const step of [100, 0]) {
      assert.equal(
        right(await writeEvaluation("eval", evaluation(step))({ files })()),
        `eval/step-${String(step).padStart(6, "0")}.json`,
      );
    }
    assert.deepEqual(right(await readEvaluations("eval")({ files })()), [evaluation(0), evaluation(100)]);
  });

  it("names a file that is no evaluation", async () => {
    const files = memoryFiles();
    files.entries.set("eval/step-000001.json", new TextEncoder().encode("{}"));
    assert.equal(
      problem(await readEvaluations("eval")({ files })()),
      "eval/step-000001.json: is no evaluation of a run",
    );
    files.entries.set("eval/step-000001.json", new TextEncoder().encode("{"));
    assert.match(problem(await readEvaluations("eval")({ files })()), /^eval\/step-000001\.json: /);
  });

  it("bestStep() is the highest score, the earliest of equals", () => {
    const scored = (step: number, value: number | null): Evaluation => ({
      ...evaluation(step),
      scores: { rec: { value } },
    });
    assert.equal(bestStep([scored(0, 0.1), scored(5, 0.7), scored(9, 0.7), scored(12, null)], "rec"), 5);
    assert.equal(bestStep([scored(0, null)], "rec"), undefined);
    assert.equal(bestStep([scored(0, 1)], "other"), undefined);
  });

  it("hasStalled() once so many evaluations came after the best one", () => {
    const scored = (values: readonly (number | null)[]): readonly Evaluation[] =>
      values.map((value, step) => ({ ...evaluation(step), scores: { rec: { value } } }));
    assert.equal(hasStalled(scored([0.5, 0.4]), "rec", 1), true);
    assert.equal(hasStalled(scored([0.5, 0.4]), "rec", 2), false);
    assert.equal(hasStalled(scored([0.5, null, 0.5]), "rec", 2), false);
    assert.equal(hasStalled(scored([0.5, 0.6]), "rec", 1), false);
    assert.equal(hasStalled(scored([0.5, 0.4, 0.3]), "rec", 0), false);
    assert.equal(hasStalled(scored([0.5, 0.4, 0.3]), "other", 1), false);
  });

  it("finds none where there is no folder", async () => {
    assert.deepEqual(right(await readEvaluations("eval")({ files: memoryFiles() })()), []);
  });
});
