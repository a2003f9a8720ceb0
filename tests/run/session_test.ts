import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { field, type FieldValue, section } from "../../lib/config/field.ts";
import { configHash } from "../../lib/config/stringify.ts";
import { saveCheckpoint } from "../../lib/run/checkpoint.ts";
import { liveMachine } from "../../lib/run/live.ts";
import { makeLog } from "../../lib/run/live_log.ts";
import { appendMetrics, readMetrics } from "../../lib/run/metrics_log.ts";
import { goOn, resumeProblem, resumeRun, startRun } from "../../lib/run/session.ts";
import { type MemoryFiles, memoryFiles } from "./memory_files.ts";
import { problem, right } from "./outcome.ts";

const schema = section("A run.", {
  seed: field.int({ default: 7, doc: "Seed." }),
  width: field.int({ default: 4, doc: "Rows." }),
  rl: section("Policy.", { maxSteps: field.int({ default: 3, doc: "Updates." }) }),
});
type Config = FieldValue<typeof schema>;
const config: Config = { seed: 7, width: 4, rl: { maxSteps: 3 } };
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
const RULES = { mayDiffer: ["rl"], fixed: { width: "tensors have it" } };
const resume = (files: MemoryFiles, now: Config, { force = false, path = "latest" } = {}) => {
  const live = capabilities(files);
  const run = { schema, config: now };
  const found = pipe(
    resumeRun(path, run, { root: "runs", force, ...RULES }),
    RTE.tap(({ checkpoint, ...rest }) => goOn({ ...rest, step: checkpoint.step }, run)),
  );
  return { outcome: found(live)(), lines: live.lines };
};
const text = async (files: MemoryFiles, path: string): Promise<string> => right(await files.readText(path)());
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
    right(await resume(files, { ...config, rl: { maxSteps: 9 } }).outcome);
    const { outcome } = resume(files, { ...config, seed: 8, rl: { maxSteps: 9 } });
    assert.match(
      problem(await outcome),
      /config\.yaml: the config differs from the run's: seed was 7, is 8; leave it as it was, or --force/,
    );
  });

  it("resumeRun() with force goes on, and says so", async () => {
    const { outcome, lines } = resume(await interrupted(), { ...config, seed: 8 }, { force: true });
    right(await outcome);
    assert.match(lines.join(""), /settings from step 1 on: seed: 7 → 8/);
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

  it("goOn() keeps every change: in config.yaml, in the history with date and step, and in the log", async () => {
    const files = await interrupted();
    const { folder } = right(await resume(files, { ...config, rl: { maxSteps: 9 } }).outcome);
    const { outcome, lines } = resume(files, { ...config, seed: 8, rl: { maxSteps: 12 } }, { force: true });
    right(await outcome);
    assert.match(lines.join(""), /from step 1 on: rl\.max_steps: 9 → 12; seed: 7 → 8/);
    assert.match(await text(files, folder.config), /seed: 8\n(.*\n)*.*max_steps: 12\n/);
    const history = (await text(files, `${folder.path}/config_history.jsonl`)).trim().split("\n");
    assert.deepEqual(history.map((line) => JSON.parse(line)), [
      { date: clock.date(), step: 1, path: "rl.max_steps", before: 3, after: 9 },
      { date: clock.date(), step: 1, path: "rl.max_steps", before: 9, after: 12 },
      { date: clock.date(), step: 1, path: "seed", before: 7, after: 8 },
    ]);
  });

  it("resumeRun() changes nothing where it refuses, and no force changes what is fixed", async () => {
    const files = await interrupted();
    const before = files.changes();
    assert.match(
      problem(await resume(files, { ...config, width: 5, seed: 8 }, { force: true }).outcome),
      /cannot go on with width was 4, is 5 \(tensors have it\); leave it as it was, or start a new run$/,
    );
    assert.equal(files.changes(), before);
  });

  it("resumeRun() goes on from a checkpoint that is named, and sets aside what came later", async () => {
    const files = await interrupted();
    const folder = right(await resume(files, config).outcome).folder;
    const later = { step: 2, configHash: "", arrays: {}, state: {} };
    right(await saveCheckpoint(folder.checkpoints, later, { keep: 3 })({ files })());
    right(await files.makeFolder(folder.evaluations)());
    for (const step of [1, 2]) {
      right(await files.writeAtomic(`${folder.evaluations}/step-00000${step}.json`, `${step}`)());
    }
    const path = `${folder.path}/checkpoints/step-000001/`;
    const { outcome, lines } = resume(files, config, { path });
    assert.equal(right(await outcome).checkpoint.step, 1);
    assert.match(lines.join(""), /from step 1; what the run has of later steps is now in .*set-aside\/1/);
    assert.equal(await text(files, `${folder.path}/set-aside/1/eval/step-000002.json`), "2");
    assert.deepEqual(right(await files.list(folder.evaluations)()), ["step-000001.json"]);
    assert.equal(right(await resume(files, config).outcome).checkpoint.step, 1);
  });

  it("resumeRun() says what is no run", async () => {
    const files = memoryFiles();
    await start(files);
    assert.match(problem(await resume(files, config, { path: "runs" }).outcome), /runs is no run folder/);
  });

  it("resumeProblem() lists every difference that counts, also below a section", () => {
    const change = (path: string) => ({ path, before: 1, after: 2 });
    const all = ["rl.a", "rlx", "seed"].map(change);
    assert.equal(
      resumeProblem(all, { force: false, ...RULES })?.problem,
      "the config differs from the run's: rlx was 1, is 2; seed was 1, is 2",
    );
    assert.equal(resumeProblem(all, { force: true, ...RULES }), null);
    assert.equal(resumeProblem([change("rl.a")], { force: false, ...RULES }), null);
  });
});
