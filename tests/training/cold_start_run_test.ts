import assert from "node:assert/strict";
import { after, before, describe, it } from "@std/testing/bdd";
import { join } from "node:path";
import * as E from "fp-ts/lib/Either.js";
import { loadConfig } from "../../lib/config/load.ts";
import { describe as describeError } from "../../lib/core/error.ts";
import { liveBlobs } from "../../lib/run/blobs.ts";
import { liveCapabilities } from "../../lib/run/live.ts";
import { openRunAssistant } from "../../lib/trained/checkpointed.ts";
import { coldStartRun } from "../../lib/training/cold_start_run.ts";
import { TRAINING, type TrainingSettings } from "../../lib/method/settings.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { useTestBackend } from "../support/backend.ts";
import { writeTinyConfig, writeTinyProfile } from "../support/tiny_profile.ts";

const folder = await Deno.makeTempDir();
const silent = { info: () => {}, warn: () => {}, progress: () => {} };
const place = { backend: "test", project: "." };

const needs = (interrupted = false) => ({
  ...liveCapabilities(),
  log: silent,
  blobs: liveBlobs,
  interrupt: { requested: () => interrupted },
});
const right = <A>(value: E.Either<Parameters<typeof describeError>[0], A>): A => {
  if (E.isLeft(value)) throw new Error(describeError(value.left));
  return value.right;
};

async function settingsWith(changes: Readonly<Record<string, unknown>> = {}): Promise<TrainingSettings> {
  const path = join(folder, "config.yaml");
  await writeTinyConfig(path, { profile: join(folder, "profile"), runs: join(folder, "runs"), ...changes });
  return right(await loadConfig(TRAINING, { path })(needs())());
}

before(async () => {
  await useTestBackend();
  await writeTinyProfile(join(folder, "profile"));
});

after(() => Deno.remove(folder, { recursive: true }));

describe("coldStartRun()", () => {
  it("leaves a file per stage and a first checkpoint that opens; no tensor stays", async () => {
    const settings = await settingsWith();
    await coldStartRun(settings, place)(needs())();
    const tensors = tf.memory().numTensors;
    const run = right(await coldStartRun(settings, place)(needs())());
    assert.equal(tf.memory().numTensors, tensors);
    assert.equal(run.conceptFiles.length, 2);
    const opened = right(await openRunAssistant(run.folder.path)(needs())());
    assert.deepEqual([opened.step, opened.concept.id], [0, "mip"]);
    opened.dispose();
    assert.equal(tf.memory().numTensors, tensors);
  });

  it("plan none: no stage, the starting rows as first checkpoint", async () => {
    const settings = await settingsWith({ cold_start: { plan: "none" } });
    const run = right(await coldStartRun(settings, place)(needs())());
    assert.deepEqual(run.conceptFiles, []);
    const opened = right(await openRunAssistant(run.folder.path)(needs())());
    opened.dispose();
    assert.equal(opened.step, 0);
  });

  it("ends at Ctrl-C without a checkpoint, and frees everything", async () => {
    const settings = await settingsWith({ name: "stopped" });
    const tensors = tf.memory().numTensors;
    const outcome = await coldStartRun(settings, place)(needs(true))();
    assert.equal(E.isLeft(outcome) && outcome.left._tag, "Interrupted");
    assert.equal(tf.memory().numTensors, tensors);
  });

  it("stops at a number that is none; its table is in the run folder, and nothing stays", async () => {
    const settings = await settingsWith({ name: "wild", cold_start: { learning_rate: 1e300, steps: 3 } });
    const tensors = tf.memory().numTensors;
    const outcome = await coldStartRun(settings, place)(needs())();
    assert.ok(E.isLeft(outcome) && outcome.left._tag === "Diverged");
    assert.equal(tf.memory().numTensors, tensors);
    const table = /see (.*\/diverged\/step-\d+\.txt)$/.exec(outcome.left.problem)?.[1] ?? "";
    assert.match(await Deno.readTextFile(table), /^rows\.embed +\[5, 16\]/m);
  });

  it("asks for a face embedder where a face is wanted", async () => {
    const settings = await settingsWith({ cold_start: { face_init: true } });
    const outcome = await coldStartRun(settings, place)(needs())();
    assert.match(
      E.isLeft(outcome) ? describeError(outcome.left) : "",
      /no folder for facenet; add it, or set/,
    );
  });
});
