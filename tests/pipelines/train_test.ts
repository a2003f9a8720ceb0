import assert from "node:assert/strict";
import { after, before, describe, it } from "@std/testing/bdd";
import { join } from "node:path";
import { runTask, scratchFolder, startTask } from "../support/command.ts";
import { onlyRun, tracesOf } from "../support/run_files.ts";
import { writeTinyTraining } from "../support/tiny_training.ts";

const { relative, absolute } = scratchFolder();
const config = join(relative, "config.yaml");
const STEPS = 4;

before(async () => {
  const rl = { max_steps: STEPS, learning_rate: 0.01 };
  await writeTinyTraining(relative, { rl, evaluation: { tasks: [] } });
});

after(() => Deno.remove(absolute, { recursive: true }));

const inFolder = (name: string): readonly string[] => ["--set", `runs=${join(relative, name)}`];

const exists = (path: string): boolean => {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
};

const runIn = (name: string): string | undefined => {
  try {
    return onlyRun(join(absolute, name));
  } catch {
    return undefined;
  }
};

/** Waits until a checkpoint is being written, or stands, without giving the child time to finish it. */
async function writing(name: string, step: number): Promise<void> {
  const begun = Date.now();
  while (Date.now() - begun < 300_000) {
    const run = runIn(name);
    if (run !== undefined) {
      const place = join(run, "checkpoints", `step-00000${step}`);
      for (let look = 0; look < 2000; look++) if (exists(`${place}.tmp`) || exists(place)) return;
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  throw new Error(`no checkpoint of step ${step}`);
}

describe("deno task train", () => {
  it("goes on to the same bits after kill -9 while a checkpoint is written, at any step", async () => {
    const straight = await runTask("train", config, ...inFolder("straight"));
    assert.equal(straight.code, 0, straight.error);

    const step = 1 + Math.floor(Math.random() * (STEPS - 1));
    const child = startTask("train", config, ...inFolder("killed"));
    await writing("killed", step);
    child.kill("SIGKILL");
    const { signal } = await child.status;
    assert.equal(signal, "SIGKILL", `step ${step}`);
    const killed = runIn("killed") as string;
    assert.ok(!exists(join(killed, "report.html")));

    const resumed = await runTask("train", config, ...inFolder("killed"), "--resume", "latest");
    assert.equal(resumed.code, 0, resumed.error);
    assert.match(resumed.out, /^report: /m);
    assert.deepEqual(tracesOf(killed), tracesOf(onlyRun(join(absolute, "straight"))), `step ${step}`);
  });

  it("refuses to resume with other settings, in one line that names them", async () => {
    const { code, error } = await runTask(
      "train",
      config,
      ...inFolder("straight"),
      ...["--set", "seed=2", "--set", "rl.beta=0.5", "--resume", "latest"],
    );
    assert.equal(code, 3, error);
    assert.match(error, /the config differs from the run's: .*rl\.beta was 0\.01, is 0\.5/);
    assert.match(error, /seed was 1, is 2.*--force/);
    assert.equal(error.trim().split("\n").length, 1, error);
  });
});
