import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { runCell } from "../../../lib/evaluation/experiments/run_cell.ts";
import { memoryFiles } from "../../run/memory_files.ts";
import { finishRun, folderOf, leaveRun, right, settings } from "./stub_runs.ts";

const each = settings({ runs: "runs/x" });

/** What is done for a run that is left like this. */
async function calls(
  leave: (files: ReturnType<typeof memoryFiles>) => Promise<unknown>,
  of = each,
): Promise<string[]> {
  const files = memoryFiles();
  await leave(files);
  const done: string[] = [];
  const log = { info: () => {}, warn: () => {}, progress: () => {} };
  const work = {
    personalise: (_: unknown, resume: string) => RTE.fromIO(() => void done.push(`run ${resume}`.trim())),
    evaluate: (checkpoint: string) => RTE.fromIO(() => void done.push(`evaluate ${checkpoint}`)),
  };
  await right(runCell(of, work)({ files, log }));
  return done;
}

const folder = folderOf(each);

describe("runCell()", () => {
  it("starts what is absent and leaves alone what is finished", async () => {
    assert.deepEqual(await calls(() => Promise.resolve()), ["run"]);
    assert.deepEqual(await calls((files) => finishRun(files, each)), []);
  });

  it("continues from the newest checkpoint", async () => {
    const left = { checkpoints: [0, 1], evaluations: [0] };
    assert.deepEqual(await calls((files) => leaveRun(files, each, left)), [`run ${folder}`]);
  });

  it("evaluates the start first where a kill prevented that", async () => {
    const left = { checkpoints: [0], evaluations: [] };
    const evaluation = `evaluate ${folder}/checkpoints/step-000000`;
    assert.deepEqual(await calls((files) => leaveRun(files, each, left)), [evaluation, `run ${folder}`]);
    const still = settings({ runs: "runs/x", rl: { max_steps: 0 } });
    assert.deepEqual(await calls((files) => leaveRun(files, still, left), still), [
      `evaluate ${folderOf(still)}/checkpoints/step-000000`,
    ]);
  });

  it("begins again where the start can no longer be evaluated", async () => {
    assert.deepEqual(await calls((files) => leaveRun(files, each, { checkpoints: [1], evaluations: [] })), [
      "run",
    ]);
  });

  it("needs no evaluation where none is asked for", async () => {
    const silent = settings({ runs: "runs/x", evaluation: { tasks: [] } });
    const left = { checkpoints: [1], evaluations: [] };
    assert.deepEqual(await calls((files) => leaveRun(files, silent, left), silent), [
      `run ${folderOf(silent)}`,
    ]);
  });
});
