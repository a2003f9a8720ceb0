import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { field, type FieldValue, section } from "../../lib/config/field.ts";
import { configHash } from "../../lib/config/stringify.ts";
import { saveCheckpoint } from "../../lib/run/checkpoint.ts";
import { liveMachine } from "../../lib/run/live.ts";
import { makeLog } from "../../lib/run/live_log.ts";
import { appendMetrics, readMetrics } from "../../lib/run/metrics_log.ts";
import { resumeProblems, resumeRun, startRun } from "../../lib/run/session.ts";
import { type MemoryFiles, memoryFiles } from "./memory_files.ts";
import { problem, right } from "./outcome.ts";

const schema = section("A run.", {
  seed: field.int({ default: 7, doc: "Seed." }),
  rl: section("Policy.", { maxSteps: field.int({ default: 3, doc: "Updates." }) }),
});
type Config = FieldValue<typeof schema>;
const config: Config = { seed: 7, rl: { maxSteps: 3 } };
const clock = { now: () => 0, date: () => "2026-03-01T12:30:05.123Z" };

const capabilities = (files: MemoryFiles) => {
  const lines: string[] = [];
  const log = makeLog({ out: (text) => lines.push(text), error: (text) => lines.push(text) });
  return { files, clock, log, lines };
};
const start = async (files: MemoryFiles) => {
  const facts = {
    name: "mochi",
    command: "train",
    seeds: { run: 7 },
    backend: "cpu",
    machine: liveMachine(),
  };
  return right(
    await startRun({ schema, config }, facts, { root: "runs", project: "." })(capabilities(files))(),
  );
};
const resume = (files: MemoryFiles, now: Config, force = false) => {
  const live = capabilities(files);
  const options = { root: "runs", force, mayDiffer: ["rl.max_steps"] };
  return { outcome: resumeRun("latest", { schema, config: now }, options)(live)(), lines: live.lines };
};
/** A run with two updates, saved after the first. */
const interrupted = async (): Promise<MemoryFiles> => {
  const files = memoryFiles();
  const folder = await start(files);
  const checkpoint = { step: 1, configHash: configHash(schema, config), arrays: {}, state: { key: [1, 2] } };
  right(await saveCheckpoint(folder.checkpoints, checkpoint, { keep: 3 })({ files })());
  for (const step of [1, 2]) {
    right(await appendMetrics(folder.metrics, { step, metrics: { kl: step } })({ files })());
  }
  return files;
};

describe("session", () => {
  it("startRun() writes config and manifest, and points latest to the run", async () => {
    const files = memoryFiles();
    const folder = await start(files);
    assert.equal(folder.path, `runs/mochi-20260301-123005-${configHash(schema, config)}`);
    assert.match(right(await files.readText(folder.config)()), /# Updates\.\n {2}max_steps: 3\n/);
    assert.equal(
      JSON.parse(right(await files.readText(folder.manifest)())).configHash,
      configHash(schema, config),
    );
  });

  it("resumeRun() brings the state back and drops the metrics after it", async () => {
    const files = await interrupted();
    const { folder, checkpoint } = right(await resume(files, config).outcome);
    assert.deepEqual([checkpoint.step, checkpoint.state], [1, { key: [1, 2] }]);
    const rows = right(await readMetrics(folder.metrics)({ files })());
    assert.deepEqual(rows.map(({ step }) => step), [1]);
  });

  it("resumeRun() takes a different number of updates, and refuses a different seed by name", async () => {
    const files = await interrupted();
    right(await resume(files, { seed: 7, rl: { maxSteps: 9 } }).outcome);
    const { outcome } = resume(files, { seed: 8, rl: { maxSteps: 9 } });
    assert.match(
      problem(await outcome),
      /config\.yaml: the config differs from the run's: seed was 7, is 8; use/,
    );
  });

  it("resumeRun() with force goes on, and says so", async () => {
    const { outcome, lines } = resume(await interrupted(), { seed: 8, rl: { maxSteps: 3 } }, true);
    right(await outcome);
    assert.match(lines.join(""), /warning: the config differs from the run's: seed was 7, is 8/);
  });

  it("resumeRun() says that there is nothing to resume", async () => {
    assert.match(
      problem(await resume(memoryFiles(), config).outcome),
      /latest: file not found; .*train first/,
    );
    const files = memoryFiles();
    await start(files);
    assert.match(
      problem(await resume(files, config).outcome),
      /no checkpoint yet; start a new run without --resume/,
    );
  });

  it("resumeProblems() lists every difference that counts", () => {
    const after: Config = { seed: 8, rl: { maxSteps: 9 } };
    assert.deepEqual(resumeProblems({ schema, config }, after, { mayDiffer: [] }), [
      "rl.max_steps was 3, is 9",
      "seed was 7, is 8",
    ]);
  });
});
