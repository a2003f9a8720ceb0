import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { keyFromSeed } from "../../../lib/core/key.ts";
import { type Cell, cellsOf } from "../../../lab/experiments/cell.ts";
import { mainMethods } from "../../../lab/experiments/main_experiment.ts";
import { provenance, readOutcome, type RunOutcome, writeTable } from "../../../lab/experiments/outcomes.ts";
import { pairedTable } from "../../../lab/experiments/paired.ts";
import { runFolder } from "../../../lib/run/folder.ts";
import { type MemoryFiles, memoryFiles } from "../../run/memory_files.ts";
import { finishRun, right, settings } from "./stub_runs.ts";

const plan = { concepts: ["mip"], seeds: [1, 2], runs: "runs/x", tasks: ["rec"] };

async function outcomesOf(files: MemoryFiles, maxSteps = 2): Promise<readonly RunOutcome[]> {
  const cells = cellsOf(settings({ rl: { max_steps: maxSteps } }), plan);
  return await Promise.all(cells.map(async (cell: Cell) => {
    const folder = runFolder(await finishRun(files, cell.settings));
    return await right<RunOutcome>(readOutcome({ cell, folder })({ files }));
  }));
}

describe("readOutcome()", () => {
  it("reads the scores before and after, and where they come from", async () => {
    const [first] = await outcomesOf(memoryFiles());
    assert.deepEqual(first?.before, {
      concept: "mip",
      seed: 1,
      scores: { rec_weight: 0.41000000000000003, face_sim: null },
    });
    assert.equal(first?.after.scores["rec_weight"], 0.4 + 0.1 * 2 + 0.01);
    assert.deepEqual([first?.commit, first?.backend, first?.notes], ["a".repeat(40), "stub", [
      "judge: none",
    ]]);
  });

  it("has the same before and after where nothing was updated", async () => {
    const [first] = await outcomesOf(memoryFiles(), 0);
    assert.deepEqual(first?.after, first?.before);
  });

  it("names the file that is missing", async () => {
    const files = memoryFiles();
    const [cell] = cellsOf(settings(), plan) as [Cell];
    const folder = runFolder(await finishRun(files, cell.settings));
    await files.remove(folder.manifest)();
    const found = await readOutcome({ cell, folder })({ files })();
    assert.ok(found._tag === "Left" && found.left._tag === "FileMissing");
    assert.equal(found.left.path, folder.manifest);
  });
});

describe("provenance()", () => {
  it("tells what is the same once, and what differs each", async () => {
    const [one, two] = await outcomesOf(memoryFiles()) as [RunOutcome, RunOutcome];
    assert.deepEqual(provenance([one, two]), ["judge: none", "backend: stub; source: aaaaaaaaaaaa"]);
    const other = { ...two, backend: "cpu", commit: null, notes: ["4 pictures a prompt"] };
    assert.deepEqual(provenance([one, other]), [
      ...["judge: none", "4 pictures a prompt"],
      "backend: stub; cpu; source: aaaaaaaaaaaa, unknown",
    ]);
  });
});

describe("writeTable()", () => {
  it("writes the table three times, the scores of every run in the JSON", async () => {
    const files = memoryFiles();
    const outcomes = await outcomesOf(files);
    const table = pairedTable(mainMethods(outcomes), { title: "T", key: keyFromSeed(1), notes: ["n"] });
    await right(writeTable("out", table, outcomes)({ files }));
    const read = (name: string): Promise<string> => right(files.readText(`out/${name}`));
    const json = JSON.parse(await read("table.json"));
    assert.deepEqual(json.rows, JSON.parse(JSON.stringify(table.rows)));
    assert.deepEqual(
      json.runs.map((
        run: Record<string, unknown>,
      ) => [run["seed"], run["updates"], run["folder"], run["after"]]),
      outcomes.map(({ cell, folder, after }) => [cell.seed, 2, folder.path, after.scores]),
    );
    for (const name of ["table.md", "table.csv"]) {
      const text = await read(name);
      assert.ok(table.rows.every(({ method }) => text.includes(method)), name);
    }
  });
});
