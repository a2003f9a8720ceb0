import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { alignColumns, compareTable, diffTable, listTable } from "../../lib/run/compare.ts";
import type { RunSummary } from "../../lib/run/run_summary.ts";

const run: RunSummary = {
  folder: "a",
  command: "train",
  started: "2026-03-01T12:30:05.123Z",
  backend: "cpu",
  commit: "0123456789abcdef",
  configHash: "0a1b2c3d",
  steps: 3,
  config: { learning_rate: 1e-4, seed: 1 },
  metrics: { reward: 0.123456, kl: 1 },
  scores: { rec: 0.5 },
};
const other: RunSummary = {
  ...run,
  folder: "b",
  config: { learning_rate: 2e-4, beta: 1 },
  metrics: { reward: 2 },
};

describe("compare", () => {
  it("listTable() shows scores and metrics, a dash for none", () => {
    assert.deepEqual(listTable([run, other], ["rec", "kl"]), [
      "run           started  steps  rec  kl",
      "a    2026-03-01 12:30      3  0.5   1",
      "b    2026-03-01 12:30      3  0.5   -",
    ]);
  });

  it("compareTable() has a line per metric", () => {
    assert.deepEqual(compareTable([run, other]), [
      "             a    b",
      "steps        3    3",
      "rec        0.5  0.5",
      "kl           1    -",
      "reward  0.1235    2",
    ]);
  });

  it("diffTable() lists the settings that differ", () => {
    assert.deepEqual(diffTable(run, other), [
      "                    a       b",
      "beta                -       1",
      "learning_rate  0.0001  0.0002",
      "seed                1       -",
    ]);
    assert.deepEqual(diffTable(run, run), ["same settings, same backend, same commit"]);
    assert.deepEqual(diffTable(run, { ...run, backend: "wasm" }).at(-1), 'backend  "cpu"  "wasm"');
  });

  it("alignColumns() of nothing is nothing", () => {
    assert.deepEqual(alignColumns([]), []);
  });
});
