import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { runFolder } from "../../lib/run/folder.ts";
import { readRun } from "../../lib/run/report_data.ts";
import { writeDemoRun } from "./demo_run.ts";
import { memoryFiles } from "./memory_files.ts";
import { right } from "./outcome.ts";

describe("report_data", () => {
  it("readRun() reads every part", async () => {
    const files = memoryFiles();
    const data = right(await readRun(await writeDemoRun(files, { name: "mochi", reward: 0.6 }))({ files })());
    assert.equal(data.rows.length, 3);
    assert.deepEqual(data.samples.map(({ step, rows }) => [step, rows.length]), [[1, 1], [2, 1], [3, 1]]);
    assert.equal(data.evaluations.length, 2);
    assert.equal(data.manifest.backend, "cpu");
    assert.match(data.config, /name: mochi/);
  });

  it("readRun() reads an empty folder as an empty run", async () => {
    const data = right(await readRun(runFolder("runs/x"))({ files: memoryFiles() })());
    assert.deepEqual(data, {
      name: "x",
      rows: [],
      evaluations: [],
      samples: [],
      drawn: [],
      nearest: [],
      notes: [],
      calibration: null,
      config: "",
      manifest: {},
    });
  });
});
