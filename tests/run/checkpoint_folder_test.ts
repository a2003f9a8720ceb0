import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  bestCheckpoint,
  inOrder,
  latestCheckpoint,
  listCheckpoints,
  markBest,
  recoverCheckpoints,
  removeOld,
  stepName,
} from "../../lib/run/checkpoint_folder.ts";
import { memoryFiles } from "./memory_files.ts";
import { problem, right } from "./outcome.ts";

const folderWith = (...names: string[]) => {
  const files = memoryFiles();
  for (const name of ["run", ...names.map((name) => `run/${name}`)]) files.entries.set(name, null);
  return files;
};

describe("checkpoint_folder", () => {
  it("stepName() sorts as text up to a million steps", () => {
    assert.equal(stepName(40), "step-000040");
    assert.equal(stepName(1_234_567), "step-1234567");
  });

  it("listCheckpoints() sorts by number and sees finished folders only", async () => {
    const files = folderWith("step-1234567", "step-000040", "step-000002.tmp", "latest", "step-x");
    assert.deepEqual(right(await listCheckpoints("run")({ files })()), ["step-000040", "step-1234567"]);
    assert.deepEqual(right(await listCheckpoints("nowhere")({ files })()), []);
  });

  it("latestCheckpoint() follows the pointer, and falls back to the highest step", async () => {
    const files = folderWith("step-000010", "step-000020");
    assert.equal(right(await latestCheckpoint("run")({ files })()), "run/step-000020");
    files.entries.set("run/latest", new TextEncoder().encode("step-000010\n"));
    assert.equal(right(await latestCheckpoint("run")({ files })()), "run/step-000010");
    files.entries.set("run/latest", new TextEncoder().encode("step-000077\n"));
    assert.equal(right(await latestCheckpoint("run")({ files })()), "run/step-000020");
    assert.equal(right(await latestCheckpoint("nowhere")({ files })()), undefined);
  });

  it("bestCheckpoint() is the marked one, else the newest", async () => {
    const files = folderWith("step-000010", "step-000020");
    assert.equal(right(await bestCheckpoint("run")({ files })()), "run/step-000020");
    right(await markBest("run", 10)({ files })());
    assert.equal(right(await bestCheckpoint("run")({ files })()), "run/step-000010");
  });

  it("removeOld() never removes the last one", async () => {
    const files = folderWith("step-000010", "step-000020");
    right(await removeOld("run", 0)({ files })());
    assert.deepEqual(right(await listCheckpoints("run")({ files })()), ["step-000020"]);
  });

  it("recoverCheckpoints() brings a half-replaced checkpoint back", async () => {
    const files = folderWith(
      "step-000010.old",
      "step-000010.tmp",
      "step-000020",
      "step-000020.old",
      "latest.1.tmp",
    );
    right(await recoverCheckpoints("run")({ files })());
    assert.deepEqual(right(await files.list("run")()), ["step-000010", "step-000020"]);
  });

  it("inOrder() stops at the first failure", async () => {
    const seen: number[] = [];
    const outcome = await inOrder([1, 2, 3], (item) => () => () => {
      seen.push(item);
      return Promise.resolve(
        item === 2
          ? { _tag: "Left", left: { _tag: "FileFailure", path: "x", problem: "full" } }
          : { _tag: "Right", right: undefined },
      );
    })({ files: memoryFiles() })();
    assert.equal(problem(outcome), "x: full");
    assert.deepEqual(seen, [1, 2]);
  });
});
