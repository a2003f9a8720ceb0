import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { runTask } from "../support/command.ts";

type Task = Parameters<typeof runTask>[0];

/** What is wrong without any backend → the command, and what its one line says. */
const REFUSED: Readonly<Record<string, readonly [Task, readonly string[], RegExp]>> = {
  "a concept that does not exist, train": ["train", ["--set", "concept=nobody"], /nobody: no such concept/],
  "a concept that does not exist, cold-start": ["cold-start", ["--set", "concept=nobody"], /no such concept/],
  "a profile that does not exist": ["train", ["--set", "profile=nowhere"], /nowhere.*not found/],
  "a task that does not exist": ["train", ["--set", "evaluation.tasks=[sing]"], /tasks/],
  "a run that does not exist, train": ["train", ["--resume", "nobody"], /nobody: file not found/],
  "a run that does not exist, generate": ["generate", ["a cup", "--run", "nobody"], /nobody: file not found/],
  "a run that does not exist, ask": ["ask", ["none", "why?", "--run", "nobody"], /nobody: file not found/],
  "a run that does not exist, eval": ["eval", ["nobody"], /nobody: file not found/],
  "a run that does not exist, gates": ["gates", ["nobody"], /nobody: file not found/],
  "a folder that is no run": ["generate", ["a cup", "--run", "configs/ablations"], /is no run folder/],
  "predictions that do not exist": ["eval", ["--predictions", "nowhere"], /nowhere/],
  "an evaluation beside that does not exist": [
    ...["eval", ["--text-prompt", "--beside", "nowhere.json"], /nowhere\.json: file not found/] as const,
  ],
};

describe("commands", () => {
  for (const [what, [task, args, line]] of Object.entries(REFUSED)) {
    it(`refuse ${what} before a backend is opened`, async () => {
      const { code, out, error } = await runTask(task, ...args);
      assert.notEqual(code, 0);
      assert.match(error, /^error: [^\n]+\n$/);
      assert.match(error, line);
      assert.doesNotMatch(out, /backend/);
    });
  }
});
