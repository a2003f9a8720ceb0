import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { cellsOf, type CellState, evaluatedSteps, findCell } from "../../../lab/experiments/cell.ts";
import { memoryFiles } from "../../run/memory_files.ts";
import { finishRun, folderOf, leaveRun, right, settings } from "./stub_runs.ts";

const plan = { concepts: ["assets/world/mip", "<kiru>"], seeds: [1, 2], runs: "runs/x", tasks: ["rec"] };

describe("cellsOf()", () => {
  it("crosses concepts with seeds, and changes nothing else", () => {
    const base = settings();
    const cells = cellsOf(base, plan);
    assert.deepEqual(cells.map(({ id }) => id), ["t-mip-s1", "t-mip-s2", "t-kiru-s1", "t-kiru-s2"]);
    for (const { id, seed, settings: each } of cells) {
      const { name, concept: _, seed: own, runs, evaluation, ...rest } = each;
      assert.deepEqual([name, own, runs, evaluation.tasks], [id, seed, "runs/x", ["rec"]]);
      const { name: _n, concept: _c, seed: _s, runs: _r, evaluation: _e, ...before } = base;
      assert.deepEqual(rest, before);
    }
  });
});

describe("findCell()", () => {
  const each = settings({ runs: "runs/x" });
  const stateOf = (files: ReturnType<typeof memoryFiles>, of = each): Promise<CellState> =>
    right(findCell(of)({ files }));

  it("is absent without a run, and for a run without a checkpoint", async () => {
    const files = memoryFiles();
    assert.equal((await stateOf(files))._tag, "Absent");
    await leaveRun(files, each, { checkpoints: [], evaluations: [] });
    assert.equal((await stateOf(files))._tag, "Absent");
  });

  it("is unfinished until the last checkpoint and both evaluations are there", async () => {
    for (
      const has of [
        { checkpoints: [0], evaluations: [] },
        { checkpoints: [0, 2], evaluations: [0] },
        { checkpoints: [0, 2], evaluations: [2] },
        { checkpoints: [1], evaluations: [0, 2] },
      ]
    ) {
      const files = memoryFiles();
      await leaveRun(files, each, has);
      assert.equal((await stateOf(files))._tag, "Unfinished", JSON.stringify(has));
    }
  });

  it("is finished then, whatever younger runs there are", async () => {
    const files = memoryFiles();
    const folder = await finishRun(files, each);
    await leaveRun(files, each, { checkpoints: [0], evaluations: [], date: "2026-05-01T00:00:00Z" });
    const state = await stateOf(files);
    assert.ok(state._tag === "Finished" && state.folder.path === folder);
  });

  it("does not take the run of other settings, or of a longer name", async () => {
    const files = memoryFiles();
    await finishRun(files, settings({ runs: "runs/x", rl: { max_steps: 2, beta: 0.5 } }));
    await finishRun(files, settings({ runs: "runs/x", name: "t-2" }));
    assert.equal((await stateOf(files))._tag, "Absent");
    assert.ok(folderOf(each).startsWith("runs/x/t-20260301-120000-"));
  });

  it("does not take a run from other weights", async () => {
    const files = memoryFiles();
    const has = { checkpoints: [2], evaluations: [0, 2] };
    await leaveRun(files, each, { ...has, weights: "0".repeat(16) });
    assert.equal((await stateOf(files))._tag, "Absent");
    await leaveRun(files, each, { ...has, date: "2026-05-01T00:00:00Z" });
    assert.equal((await stateOf(files))._tag, "Finished");
  });

  it("asks for no evaluation where there are no tasks, and for one without updates", () => {
    assert.deepEqual(evaluatedSteps(settings({ evaluation: { tasks: [] } })), []);
    assert.deepEqual(evaluatedSteps(settings({ rl: { max_steps: 0 } })), [0]);
    assert.deepEqual(evaluatedSteps(settings()), [0, 2]);
  });
});
