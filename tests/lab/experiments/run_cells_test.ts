import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { cellsOf } from "../../../lab/experiments/cell.ts";
import { type CellsOutcome, runCells } from "../../../lab/experiments/run_cells.ts";
import { finishRun, leaveRun, right, settings, stubbed, type StubbedNeeds } from "./stub_runs.ts";

const cells = cellsOf(settings(), {
  concepts: ["mip", "kiru"],
  seeds: [1, 2],
  runs: "runs/x",
  tasks: ["rec"],
});
const run = (needs: StubbedNeeds): Promise<CellsOutcome> =>
  right(runCells(cells, { settingsFolder: "out/settings" })(needs));
const finish = async (...[files, each]: Parameters<typeof finishRun>): Promise<number> => {
  await finishRun(files, each);
  return 0;
};

describe("runCells()", () => {
  it("runs every cell once, and nothing when called again", async () => {
    const needs = stubbed(finish);
    const outcome = await run(needs);
    assert.deepEqual(needs.started, ["t-mip-s1", "t-mip-s2", "t-kiru-s1", "t-kiru-s2"]);
    assert.deepEqual([outcome.finished.length, outcome.failed.length, outcome.interrupted], [4, 0, false]);
    const again = stubbed(finish, { entries: needs.files.entries });
    assert.deepEqual(
      (await run(again)).finished.map(({ folder }) => folder.path),
      outcome.finished.map(({ folder }) => folder.path),
    );
    assert.deepEqual(again.started, []);
    assert.ok(again.lines.some((line) => line.includes("4 of 4 runs are finished already")));
  });

  it("goes on where it was killed, the unfinished run first", async () => {
    let calls = 0;
    const killed = stubbed(async (files, each) => {
      if (++calls < 3) return await finish(files, each);
      await leaveRun(files, each, { checkpoints: [1], evaluations: [0] });
      throw new Error("killed");
    });
    const outcome = await runCells(cells, { settingsFolder: "out/settings" })(killed)();
    assert.equal(outcome._tag, "Left");
    const next = stubbed(finish, { entries: killed.files.entries });
    assert.equal((await run(next)).finished.length, 4);
    assert.deepEqual(next.started, ["t-kiru-s1", "t-kiru-s2"]);
  });

  it("stops at Ctrl-C and says so; what is finished stays finished", async () => {
    let calls = 0;
    const needs = stubbed(async (files, each) => {
      if (++calls === 2) return 130;
      return await finish(files, each);
    });
    const outcome = await run(needs);
    assert.deepEqual([outcome.interrupted, outcome.finished.length, needs.started.length], [true, 1, 2]);
    const stopped = stubbed(finish, { entries: needs.files.entries, interrupted: () => true });
    const looked = await run(stopped);
    assert.deepEqual([looked.interrupted, looked.finished.length, stopped.started.length], [true, 1, 0]);
  });

  it("goes on after a failed run and reports its exit code", async () => {
    const needs = stubbed(async (files, each) => each.seed === 2 ? 7 : await finish(files, each));
    const { finished, failed } = await run(needs);
    assert.deepEqual(finished.map(({ cell }) => cell.id), ["t-mip-s1", "t-kiru-s1"]);
    assert.deepEqual(failed.map(({ cell, code }) => [cell.id, code]), [["t-mip-s2", 7], ["t-kiru-s2", 7]]);
  });

  it("says how many runs are left and how long they will take", async () => {
    const needs = stubbed(finish);
    await run(needs);
    const lines = needs.lines.filter((line) => line.startsWith("run "));
    assert.equal(lines[0], "run 1 of 4: t-mip-s1; 4 to do, time left known after the first");
    assert.equal(lines[2], "run 3 of 4: t-kiru-s1; about 1 min 0 s a run, 2 min 0 s left");
  });

  it("runs some at a time, never more, with the same outcome in the same order", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 4, maxLength: 4 }),
        async (parallel, waits) => {
          const [running, seen] = [new Set<string>(), new Set<number>()];
          const needs = stubbed(async (files, each) => {
            running.add(each.name);
            seen.add(running.size);
            for (let turn = waits[needs.started.length % 4] as number; turn > 0; turn--) {
              await Promise.resolve();
            }
            running.delete(each.name);
            return each.name === "t-mip-s2" ? 7 : await finish(files, each);
          });
          const outcome: CellsOutcome = await right(
            runCells(cells, { settingsFolder: "out/settings", parallel })(needs),
          );
          assert.deepEqual(outcome.finished.map(({ cell }) => cell.id), [
            "t-mip-s1",
            "t-kiru-s1",
            "t-kiru-s2",
          ]);
          assert.deepEqual(outcome.failed.map(({ cell, code }) => [cell.id, code]), [["t-mip-s2", 7]]);
          assert.deepEqual([...needs.started].sort(), cells.map(({ id }) => id).sort(), "each once");
          assert.ok(Math.max(...seen) <= parallel);
          if (parallel > 1) assert.ok(needs.lines.some((line) => /t-mip-s1 finished after/.test(line)));
        },
      ),
      { numRuns: 20 },
    );
  });

  it("takes no further cell after Ctrl-C, however many run at a time", async () => {
    const needs = stubbed(() => Promise.resolve(130));
    const outcome: CellsOutcome = await right(
      runCells(cells, { settingsFolder: "out/settings", parallel: 2 })(needs),
    );
    assert.deepEqual([outcome.interrupted, outcome.finished.length, needs.started.length], [true, 0, 2]);
  });
});
