import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { continueRun } from "../../../lab/experiments/continue_run.ts";
import { memoryFiles } from "../../run/memory_files.ts";
import { finishRun, folderOf, leaveRun, right, settings } from "./stub_runs.ts";

const each = settings({ runs: "runs/x" });

/** What a stubbed run is asked for where things are left like this. */
async function calls(leave: (files: ReturnType<typeof memoryFiles>) => Promise<unknown>): Promise<string[]> {
  const files = memoryFiles();
  await leave(files);
  const resumes: string[] = [];
  await right(continueRun(each, (_, resume) => RTE.fromIO(() => void resumes.push(resume)))({ files }));
  return resumes;
}

describe("continueRun()", () => {
  it("starts what is absent and leaves alone what is finished", async () => {
    assert.deepEqual(await calls(() => Promise.resolve()), [""]);
    assert.deepEqual(await calls((files) => finishRun(files, each)), []);
  });

  it("continues what is unfinished, also where only the last evaluation is missing", async () => {
    for (const left of [{ checkpoints: [0], evaluations: [] }, { checkpoints: [0, 2], evaluations: [0] }]) {
      assert.deepEqual(await calls((files) => leaveRun(files, each, left)), [folderOf(each)]);
    }
  });

  it("starts anew where a run has no checkpoint", async () => {
    assert.deepEqual(await calls((files) => leaveRun(files, each, { checkpoints: [], evaluations: [] })), [
      "",
    ]);
  });
});
