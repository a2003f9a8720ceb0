import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { openRegistry } from "../../lib/run/registry.ts";
import type { RunSummary } from "../../lib/run/run_summary.ts";
import { problem, right } from "./outcome.ts";

const summary = (folder: string, reward: number | null, score: number | null = null): RunSummary => ({
  folder,
  command: "train",
  started: "2026-03-01",
  backend: "cpu",
  commit: "",
  configHash: "0a1b2c3d",
  steps: 3,
  config: { name: "a", "dsog.eta": 0.5, on: true },
  metrics: reward === null ? {} : { reward },
  scores: score === null ? {} : { rec: score },
});

describe("registry", () => {
  it("what is listed is what was put in", () => {
    const registry = right(openRegistry(":memory:"));
    const words = fc.uniqueArray(
      fc.string({ minLength: 1 }).filter((text) => text.isWellFormed() && !text.includes("\0")),
    );
    fc.assert(
      fc.property(words, (folders) => {
        const runs = folders.map((folder) => summary(folder, 0.5, 1));
        right(registry.rebuild(runs));
        const byName = (a: RunSummary, b: RunSummary): number => a.folder < b.folder ? -1 : 1;
        assert.deepEqual([...right(registry.list())].sort(byName), [...runs].sort(byName));
      }),
      { numRuns: 30 },
    );
    registry.close();
  });

  it("sorts by a metric or a score, highest first, runs without it last", () => {
    const registry = right(openRegistry(":memory:"));
    right(registry.rebuild([summary("a", 0.1, 9), summary("b", null, 7), summary("c", 0.3)]));
    assert.deepEqual(right(registry.list("reward")).map(({ folder }) => folder), ["c", "a", "b"]);
    assert.deepEqual(right(registry.list("rec")).map(({ folder }) => folder), ["a", "b", "c"]);
    registry.close();
  });

  it("a failed rebuild leaves the old content", () => {
    const registry = right(openRegistry(":memory:"));
    right(registry.rebuild([summary("a", 0.1)]));
    assert.match(problem(registry.rebuild([summary("b", 1), summary("b", 2)])), /UNIQUE/);
    assert.deepEqual(right(registry.list()).map(({ folder }) => folder), ["a"]);
    registry.close();
  });

  it("a file that is no database is named, with the remedy", async () => {
    const path = await Deno.makeTempFile();
    try {
      await Deno.writeTextFile(path, "this is no database, but long enough to be read as one".repeat(20));
      assert.match(problem(openRegistry(path)), /not a database; the file can be deleted, it is rebuilt/);
    } finally {
      await Deno.remove(path);
    }
  });
});
