import assert from "node:assert/strict";
import { after, before, describe, it } from "@std/testing/bdd";
import { join } from "node:path";
import * as E from "fp-ts/lib/Either.js";
import fc from "fast-check";
import { loadConfig } from "../../lib/config/load.ts";
import { describe as describeError, type PipelineError } from "../../lib/core/error.ts";
import { personalise } from "../../lib/training/personalise.ts";
import { liveBlobs } from "../../lib/run/blobs.ts";
import { type Live, liveCapabilities, liveFiles } from "../../lib/run/live.ts";
import { TRAINING, type TrainingSettings } from "../../lib/method/settings.ts";
import { updateMetricNames } from "../../lib/training/update_metrics.ts";
import { tf } from "../../lib/tensor/tf.ts";
import type { HasBlobs } from "../../lib/tensor/weight_source.ts";
import { useTestBackend } from "../support/backend.ts";
import { ROOT } from "../support/command.ts";
import { dyingDisk, metricsOf, onlyRun, tracesOf } from "../support/run_files.ts";
import { writeTinyConfig, writeTinyProfile } from "../support/tiny_profile.ts";

const folder = await Deno.makeTempDir();
const none = { human: 0, animal: 0, object: 0 };
/** Two experts, an evaluation in the middle, every state saved. */
const CHANGES = {
  device: "wasm",
  profile: join(folder, "profile"),
  save_every: 1,
  keep: 2,
  rewards: { tier: 0.5, ber: { human: 0.5, animal: 0.5, object: 0.5 }, der: none, fer: none },
  rl: { max_steps: 3, learning_rate: 0.01 },
  evaluation: { tasks: ["rea"], every: 2, best: "rea_bleu" },
};

interface Changed {
  readonly max_steps?: number;
  readonly seed?: number;
  readonly patience?: number;
}

async function settingsIn(
  runs: string,
  { max_steps = 3, seed = 1, patience = 0 }: Changed = {},
): Promise<TrainingSettings> {
  const path = join(folder, "config.yaml");
  const rl = { ...CHANGES.rl, max_steps };
  const evaluation = { ...CHANGES.evaluation, patience };
  await writeTinyConfig(path, { ...CHANGES, seed, rl, evaluation, runs: join(folder, runs) });
  const found = await loadConfig(TRAINING, { path })({ files: liveFiles() })();
  if (E.isLeft(found)) throw new Error(describeError(found.left));
  return found.right as TrainingSettings;
}

interface Told {
  readonly warnings: string[];
  readonly info: string[];
}

const disk = { files: liveFiles(), blobs: liveBlobs };

function live({ files, blobs } = disk, interrupted: () => boolean = () => false): Live & HasBlobs & Told {
  const [warnings, info]: [string[], string[]] = [[], []];
  const log = {
    info: (line: string) => void info.push(line),
    warn: (line: string) => void warnings.push(line),
    progress: () => {},
  };
  return {
    blobs,
    ...liveCapabilities({ quiet: true }),
    warnings,
    info,
    log,
    files,
    interrupt: { requested: interrupted },
  };
}

const run = async (
  settings: TrainingSettings,
  { resume = "", force = false, needs = live() } = {},
): Promise<E.Either<PipelineError, void>> =>
  await personalise(settings, {
    ...{ resume, force, project: ROOT, variable: () => undefined, blobs: needs.blobs },
  })(needs)();

const succeed = (outcome: E.Either<PipelineError, void>): void => {
  if (E.isLeft(outcome)) throw new Error(describeError(outcome.left));
};

async function copy(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copy(join(from, name), join(to, name));
    else await Deno.copyFile(join(from, name), join(to, name));
  }
}

const rows = (name: string): readonly string[] =>
  [...Deno.readTextFileSync(join(ROOT, name)).matchAll(/^\| `([^`]+)` \|/gm)].map((match) =>
    match[1] as string
  );

before(async () => {
  await useTestBackend("wasm");
  const assets = join(ROOT, "assets/nano");
  await writeTinyProfile(join(folder, "profile"), {
    ernie: join(assets, "ernie"),
    blip2: join(assets, "blip2"),
  });
  succeed(await run(await settingsIn("straight")));
});

after(() => Deno.remove(folder, { recursive: true }));

const straight = () => onlyRun(join(folder, "straight"));

describe("personalise()", () => {
  it("leaves rows, checkpoints, metrics, evaluations, manifest and report", () => {
    const names = (path: string) =>
      [...Deno.readDirSync(join(straight(), path))].map(({ name }) => name).sort();
    for (
      const name of [
        "config.yaml",
        "manifest.json",
        "metrics.jsonl",
        "report.html",
        "cold_start.jsonl",
        "log.txt",
      ]
    ) {
      assert.ok(names("").includes(name), name);
    }
    assert.deepEqual(names("concepts"), ["mip-stage1.safetensors", "mip-stage2.safetensors"]);
    const evaluated = names("eval").filter((name) => name.endsWith(".json"));
    assert.deepEqual(evaluated, ["step-000000.json", "step-000002.json", "step-000003.json"]);
  });
  it("keeps the newest checkpoints and the best by evaluation", () => {
    const scored = ["000000", "000002", "000003"].map((step) => {
      const text = Deno.readTextFileSync(join(straight(), `eval/step-${step}.json`));
      return { step, value: JSON.parse(text).scores.rea_bleu.value as number };
    });
    const best = scored.reduce((so, each) => each.value > so.value ? each : so);
    const checkpoints = join(straight(), "checkpoints");
    assert.equal(Deno.readTextFileSync(join(checkpoints, "best")), `step-${best.step}\n`);
    const saved = [...Deno.readDirSync(checkpoints)].filter(({ isDirectory }) => isDirectory);
    assert.deepEqual(
      saved.map(({ name }) => name).sort(),
      [...new Set([`step-${best.step}`, "step-000002", "step-000003"])].sort(),
    );
  });
  it("writes the metrics that docs/metrics.md explains, all of them and no other", () => {
    const found = metricsOf(straight());
    assert.deepEqual(found.map(({ step }) => step), [1, 2, 3]);
    const explained = rows("docs/metrics.md").flatMap((name) =>
      name.includes("<name>") ? ["ber", "tier"].map((expert) => name.replace("<name>", expert)) : [name]
    );
    for (const { metrics } of found) assert.deepEqual(Object.keys(metrics).sort(), explained.sort());
    assert.deepEqual(Object.keys(found[0]?.metrics ?? {}), [...updateMetricNames(["ber", "tier"])]);
  });
  it("keeps the learning rate of the settings", () => {
    assert.deepEqual(metricsOf(straight()).map(({ metrics }) => metrics["learning_rate"]), [
      0.01,
      0.01,
      0.01,
    ]);
  });
  it("goes on to the same bits after the power went out between two files of a checkpoint", async () => {
    let tried = 0;
    const point = fc.record({ step: fc.integer({ min: 1, max: 3 }), after: fc.integer({ min: 0, max: 3 }) });
    await fc.assert(
      fc.asyncProperty(point, async ({ step, after }) => {
        const settings = await settingsIn(`dies-${tried++}`);
        const tensors = tf.memory().numTensors;
        let written = 0;
        const dies = (path: string) => path.includes(`step-00000${step}.tmp/`) && written++ === after;
        const needs = live(dyingDisk(disk, dies));
        const stopped = await run(settings, { needs });
        assert.ok(E.isLeft(stopped) && stopped.left._tag === "FileFailure", `${step} ${after}`);
        assert.equal(tf.memory().numTensors, tensors, "nothing stays");
        succeed(await run(settings, { resume: "latest" }));
        assert.deepEqual(tracesOf(onlyRun(settings.runs)), tracesOf(straight()));
      }),
      { numRuns: 2 },
    );
  });
  it("repeats an evaluation that was cut short", async () => {
    const settings = await settingsIn("unevaluated");
    const needs = live(dyingDisk(disk, (path) => path.includes("/eval")));
    assert.ok(E.isLeft(await run(settings, { needs })));
    succeed(await run(settings, { resume: "latest" }));
    const found = onlyRun(settings.runs);
    for (const step of ["000000", "000002", "000003"]) {
      const text = (path: string) =>
        JSON.parse(Deno.readTextFileSync(join(path, `eval/step-${step}.json`))).scores;
      assert.deepEqual(text(found), text(straight()));
    }
    assert.deepEqual(tracesOf(found), tracesOf(straight()));
  });
  it("ends where the best score rises no more, and goes on from there to the same bits", async () => {
    const needs = live();
    succeed(await run(await settingsIn("patient", { patience: 1 }), { needs }));
    const found = onlyRun(join(folder, "patient"));
    assert.equal(Deno.readTextFileSync(join(found, "metrics.jsonl")).trim().split("\n").length, 2);
    assert.ok(
      needs.warnings.some((line) => /^rea_bleu has not risen in 1 evaluations, so training/.test(line)),
    );
    const again = live();
    succeed(await run(await settingsIn("patient", { patience: 1 }), { resume: "latest", needs: again }));
    assert.ok(again.warnings.some((line) => /so training ends here/.test(line)));
    assert.equal(Deno.readTextFileSync(join(found, "metrics.jsonl")).trim().split("\n").length, 2);
    succeed(await run(await settingsIn("patient"), { resume: "latest" }));
    assert.deepEqual(tracesOf(found), tracesOf(straight()));
  });
  it("saves at Ctrl-C, and goes on to the same bits", async () => {
    const settings = await settingsIn("stopped");
    const path = () =>
      join(settings.runs, Deno.readTextFileSync(join(settings.runs, "latest")).trim(), "metrics.jsonl");
    const begun = (): boolean => {
      try {
        return Deno.readTextFileSync(path()) !== "";
      } catch {
        return false;
      }
    };
    const tensors = tf.memory().numTensors;
    const stopped = await run(settings, { needs: live(disk, begun) });
    assert.deepEqual(stopped, E.left({ _tag: "Interrupted", step: 1 }));
    assert.equal(tf.memory().numTensors, tensors);
    succeed(await run(settings, { resume: "latest" }));
    assert.deepEqual(tracesOf(onlyRun(settings.runs)), tracesOf(straight()));
  });
  it("refuses to go on with other settings and says which, unless it is forced", async () => {
    const settings = await settingsIn("straight", { seed: 2, max_steps: 4 });
    const refused = await run(settings, { resume: "latest" });
    assert.match(
      E.isLeft(refused) ? describeError(refused.left) : "",
      /differs from the run's: seed was 1, is 2; leave it as it was/,
    );
    assert.equal(metricsOf(straight()).length, 3);
  });
  it("goes on from the newest intact checkpoint, says what it skipped, and comes to the same bits", async () => {
    const settings = await settingsIn("damaged");
    await copy(join(folder, "straight"), settings.runs);
    const newest = join(onlyRun(settings.runs), "checkpoints/step-000003/optimizer.safetensors");
    await Deno.truncate(newest, 20);
    const needs = live();
    succeed(await run(settings, { resume: "latest", needs }));
    assert.match(needs.warnings[0] ?? "", /step-000003\/optimizer\.safetensors: .*skipped.*step-000002$/);
    assert.match(needs.warnings[1] ?? "", /from step 2; .*set-aside\/1$/);
    assert.deepEqual(tracesOf(onlyRun(settings.runs)), tracesOf(straight()));
    for (const file of ["checkpoints/step-000003", "eval/step-000003.json"]) {
      assert.ok(Deno.statSync(join(onlyRun(settings.runs), "set-aside/1", file)));
    }
  });
  it("refuses to go on with other weights", async () => {
    const settings = await settingsIn("straight", { max_steps: 4 });
    const path = join(straight(), "manifest.json");
    const before = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, JSON.stringify({ ...JSON.parse(before), weights: "0".repeat(16) }));
    const refused = await run(settings, { resume: "latest" });
    await Deno.writeTextFile(path, before);
    assert.match(
      E.isLeft(refused) ? describeError(refused.left) : "",
      /was made from other weights than .* holds now; start a new run/,
    );
    assert.equal(metricsOf(straight()).length, 3);
  });
  it("makes no folder for a run that cannot begin", async () => {
    const settings = await settingsIn("never");
    const missing = await run({ ...settings, profile: "nowhere" });
    assert.ok(E.isLeft(missing) && missing.left._tag === "FileMissing");
    const unscored = await run({ ...settings, concept: "nobody" });
    assert.ok(E.isLeft(unscored) && unscored.left._tag === "InputInvalid");
    await assert.rejects(Deno.stat(settings.runs), Deno.errors.NotFound);
  });
});
