import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { loadConfig } from "../../lib/config/load.ts";
import { newRun } from "../../lib/training/new_run.ts";
import { TRAINING } from "../../lib/method/settings.ts";
import { memoryFiles } from "../run/memory_files.ts";
import { right, smallSettings } from "../method/tiny_run.ts";

describe("newRun()", () => {
  it("keeps settings, command, seed and backend", async () => {
    const files = memoryFiles();
    const clock = { now: () => 0, date: () => "2026-03-01T12:30:05.123Z" };
    const settings = { ...smallSettings(), name: "mochi", seed: 9, runs: "there" };
    const folder = right(
      await newRun(settings, { command: "cold-start", backend: "cpu 1", project: "." })({ files, clock })(),
    );
    assert.match(folder.path, /^there\/mochi-20260301-123005-/);
    assert.deepEqual(right(await loadConfig(TRAINING, { path: folder.config })({ files })()), settings);
    const { name, command, seeds, backend } = JSON.parse(right(await files.readText(folder.manifest)()));
    assert.deepEqual({ name, command, seeds, backend }, {
      name: "mochi",
      command: "cold-start",
      seeds: { run: 9 },
      backend: "cpu 1",
    });
  });
});
