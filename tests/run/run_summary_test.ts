import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { finalMetrics, summariseRun, summariseRuns } from "../../lib/run/run_summary.ts";
import { runFolder } from "../../lib/run/folder.ts";
import { writeDemoRun } from "./demo_run.ts";
import { memoryFiles } from "./memory_files.ts";
import { right } from "./outcome.ts";

describe("run_summary", () => {
  it("finalMetrics() averages the last tenth, over the steps that measured", () => {
    const rows = Array.from({ length: 40 }, (_, step) => ({
      step,
      metrics: { reward: step, kl: step === 39 ? 1 : null, early: step < 9 ? 1 : null },
    }));
    assert.deepEqual(finalMetrics(rows), { reward: 37.5, kl: 1 });
    assert.deepEqual(finalMetrics([]), {});
  });

  it("summariseRuns() finds what has a manifest", async () => {
    const files = memoryFiles();
    await writeDemoRun(files, { name: "a", reward: 0.6 });
    await writeDemoRun(files, { name: "b", reward: 0.9 });
    right(await files.makeFolder("runs/notes")());
    const runs = right(await summariseRuns("runs")({ files })());
    assert.deepEqual(
      runs.map(({ folder, steps, metrics, scores, config }) => [
        folder.slice(0, 1),
        steps,
        metrics["reward"],
        scores["rec_weight"],
        config["name"],
      ]),
      [["a", 3, 0.6, 0.6, "a"], ["b", 3, 0.9, 0.9, "b"]],
    );
  });

  it("a run with a broken config still has its numbers", async () => {
    const files = memoryFiles();
    const run = await writeDemoRun(files, { name: "a", reward: 0.6 });
    right(await files.writeAtomic(run.config, "a: [")());
    const summary = right(await summariseRun(run)({ files })());
    assert.deepEqual([summary.config, summary.steps], [{}, 3]);
  });

  it("an empty folder is a run of nothing", async () => {
    const summary = right(await summariseRun(runFolder("runs/x"))({ files: memoryFiles() })());
    assert.deepEqual([summary.folder, summary.steps, summary.metrics], ["x", 0, {}]);
  });
});
