import { describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { disposeState } from "../../lib/method/policy.ts";
import assert from "node:assert/strict";
import type { Files } from "../../lib/core/capability.ts";
import { loadCheckpoint } from "../../lib/run/checkpoint.ts";
import { latestCheckpoint } from "../../lib/run/checkpoint_folder.ts";
import { runFolder } from "../../lib/run/folder.ts";
import { liveFiles } from "../../lib/run/live.ts";
import { appendMetrics, type MetricsRow } from "../../lib/run/metrics_log.ts";
import type { RewardExpert } from "../../lib/rewards/expert.ts";
import { checkpointOf, stateOf } from "../../lib/trained/checkpointed.ts";
import type { PolicyState } from "../../lib/method/policy.ts";
import { type HasTraining, type TrainingRun, trainPolicy } from "../../lib/training/run_training.ts";
import { updateMetricNames } from "../../lib/training/update_metrics.ts";
import { compiledSignatures, setCompiler } from "../../lib/tensor/jit.ts";
import { tf } from "../../lib/tensor/tf.ts";
import type { Tree } from "../../lib/tensor/tree.ts";
import { snapshot } from "../showo/fixture_weights.ts";
import { useTestBackend } from "../support/backend.ts";
import { tinyWorld } from "../cold_start/tiny.ts";
import {
  brightness,
  type Changes,
  freshState,
  plainExpert,
  right,
  runContextOf,
  runtimeFor,
  smallSettings,
} from "../method/tiny_run.ts";

await useTestBackend("wasm");
const runtime = runtimeFor(smallSettings());

/** The concept's files in memory, everything else on the disk. */
function world(interrupted: () => boolean = () => false): HasTraining {
  const memory = tinyWorld(interrupted);
  const disk = liveFiles();
  const files = Object.fromEntries(
    Object.keys(disk).map((name) => [
      name,
      (path: string, ...rest: unknown[]) => {
        const chosen = path.startsWith("root/") ? memory.files : disk;
        return (chosen[name as keyof Files] as (...all: unknown[]) => unknown)(path, ...rest);
      },
    ]),
  ) as unknown as Files;
  return { ...memory, files };
}

const experts = [
  plainExpert("ber", brightness),
  plainExpert(
    "tier",
    ({ reasoning, candidates, truthIndex }) =>
      reasoning.length === 0
        ? 0
        : Math.min(1, (candidates[truthIndex]?.length ?? 0) / 99 + reasoning.length % 7 / 9),
  ),
];

interface Recorded {
  readonly run: TrainingRun;
  readonly rows: MetricsRow[];
}

async function runIn(folder: string, changes: Changes = {}): Promise<Recorded> {
  const settings = smallSettings({ ...changes, rl: { trainable: "lora", ...changes["rl"] } });
  const model = { ...runtimeFor(settings), base: runtime.base };
  const rows: MetricsRow[] = [];
  const run: TrainingRun = {
    ...await runContextOf(model, settings, experts),
    folder: runFolder(folder),
    configHash: "hash",
    tracker: {
      step: (row) => RTE.fromIO(() => void rows.push(row)),
      evaluation: () => RTE.right(undefined),
    },
  };
  return { run, rows };
}

const contents = (state: PolicyState) => ({
  step: state.step,
  thresholds: state.thresholds,
  policy: snapshot(state.trainable as Tree),
  reference: snapshot(state.reference as Tree),
  optimizer: snapshot(state.optimizer),
});

/** All but times and memory. */
const facts = ({ step, metrics }: MetricsRow) => ({
  step,
  ...Object.fromEntries(
    Object.entries(metrics).filter(([name]) => !/^time\/|step_time|per_second|tensors|memory/.test(name)),
  ),
});

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const restored = async (folder: string): Promise<PolicyState> => {
  const path = right(await latestCheckpoint(runFolder(folder).checkpoints)(world())());
  return right(stateOf(right(await loadCheckpoint(path as string)(world())())));
};

describe("trainPolicy()", () => {
  it("gives the same bits straight or saved and resumed half way", async () => {
    await inFolder(async (folder) => {
      const straight = await runIn(`${folder}/a`);
      const all = right(
        await trainPolicy(straight.run, freshState(straight.run.runtime, straight.run.settings))(world())(),
      );
      const half = await runIn(`${folder}/b`, { rl: { max_steps: 2 } });
      const first = right(
        await trainPolicy(half.run, freshState(half.run.runtime, half.run.settings))(world())(),
      );
      disposeState(first);
      const rest = await runIn(`${folder}/b`);
      const state = await restored(`${folder}/b`);
      assert.equal(state.step, 2);
      const end = right(await trainPolicy(rest.run, state)(world())());
      assert.deepEqual(contents(end), contents(all));
      assert.equal(end.step, 4);
      assert.deepEqual([...half.rows, ...rest.rows].map(facts), straight.rows.map(facts));
      disposeState(all);
      disposeState(end);
    });
  });
  it("ends where the policy goes further from its start than rl.max_kl allows, saved and told", async () => {
    await inFolder(async (folder) => {
      const { run, rows } = await runIn(folder, { rl: { beta: 0, max_kl: 1e-9, max_steps: 4 } });
      const capabilities = world();
      const warnings: string[] = [];
      const log = { ...capabilities.log, warn: (line: string) => void warnings.push(line) };
      const ended = await trainPolicy(run, freshState(run.runtime, run.settings))({ ...capabilities, log })();
      const state = right(ended);
      assert.equal(rows[0]?.metrics["kl"], 0, "the first update begins at the start");
      assert.ok(state.step > 1 && state.step < 4 && state.step === rows.length);
      assert.ok(warnings.some((line) => /above rl\.max_kl 1e-9, so training ends here/.test(line)));
      const saved = await restored(folder);
      assert.equal(saved.step, state.step);
      disposeState(saved);
      disposeState(state);
    });
  });

  it("measures no distance to the start where nobody asks for it", async () => {
    await inFolder(async (folder) => {
      const { run, rows } = await runIn(folder, { rl: { beta: 0, max_steps: 1 } });
      disposeState(right(await trainPolicy(run, freshState(run.runtime, run.settings))(world())()));
      assert.equal(rows[0]?.metrics["kl"], null);
    });
  });

  it("reports every metric that is announced, once per update", async () => {
    await inFolder(async (folder) => {
      const { run, rows } = await runIn(folder, { rl: { max_steps: 2 } });
      disposeState(right(await trainPolicy(run, freshState(run.runtime, run.settings))(world())()));
      assert.deepEqual(rows.map(({ step }) => step), [1, 2]);
      for (const { metrics } of rows) {
        assert.deepEqual(Object.keys(metrics).sort(), [...updateMetricNames(["ber", "tier"])].sort());
      }
    });
  });
  it("saves and ends when a person asks it to stop", async () => {
    await inFolder(async (folder) => {
      const { run, rows } = await runIn(folder);
      const before = tf.memory().numTensors;
      const found = await trainPolicy(run, freshState(run.runtime, run.settings))(
        world(() => rows.length >= 2),
      )();
      assert.ok(E.isLeft(found));
      assert.equal(tf.memory().numTensors, before, "the state is freed");
      assert.deepEqual(found.left, { _tag: "Interrupted", step: 2 });
      const state = await restored(folder);
      assert.equal(state.step, 2);
      disposeState(state);
    });
  });
  it("saves the last finished update where a reward fails, or Ctrl-C ends the wait for one", async () => {
    const failed = { _tag: "RewardFailed" as const, expert: "ber", problem: "no" };
    const interrupted = { _tag: "Interrupted" as const, step: 0, next: "begin" };
    for (const error of [failed, interrupted]) {
      await inFolder(async (folder) => {
        const { run, rows } = await runIn(folder, { rl: { max_steps: 4 } });
        const settings = { ...run.settings, saveEvery: 100 as typeof run.settings.saveEvery };
        const late: RewardExpert = {
          name: "ber",
          score: (each) => rows.length < 3 ? (experts[0] as RewardExpert).score(each) : RTE.left(error),
        };
        const before = tf.memory().numTensors;
        const found = await trainPolicy(
          { ...run, settings, experts: { ...run.experts, experts: [late, ...experts.slice(1)] } },
          freshState(run.runtime, run.settings),
        )(world())();
        assert.deepEqual(found, E.left(error === failed ? failed : { _tag: "Interrupted", step: 3 }));
        assert.equal(tf.memory().numTensors, before);
        const state = await restored(folder);
        assert.equal(state.step, 3);
        disposeState(state);
      });
    }
  });
  it("keeps the number of tensors", async () => {
    await inFolder(async (folder) => {
      const { run, rows } = await runIn(folder, { rl: { max_steps: 5 } });
      disposeState(right(await trainPolicy(run, freshState(run.runtime, run.settings))(world())()));
      assert.equal(new Set(rows.map(({ metrics }) => metrics["tensors/count"])).size, 1);
    });
  });
  it("frees the state whatever fails, before an update, in it, or after it", async () => {
    await inFolder(async (folder) => {
      const { run } = await runIn(folder, { rl: { max_steps: 3 } });
      const problem = { _tag: "RewardFailed" as const, expert: "ber", problem: "no" };
      const broken: RewardExpert = { name: "ber", score: () => RTE.left(problem) };
      const failing: readonly TrainingRun[] = [
        { ...run, experts: { ...run.experts, previewExpert: broken } },
        { ...run, experts: { ...run.experts, experts: [broken, ...experts.slice(1)] } },
        { ...run, update: () => E.left(problem) },
        { ...run, tracker: { ...run.tracker, step: () => RTE.left(problem) } },
      ];
      for (const each of failing) {
        const before = tf.memory().numTensors;
        const found = await trainPolicy(each, freshState(run.runtime, run.settings))(world())();
        assert.deepEqual(found, E.left(problem));
        assert.equal(tf.memory().numTensors, before);
      }
    });
  });
  it("stops at a number that is none, with a table and the tensors in the run folder", async () => {
    await inFolder(async (folder) => {
      const { run } = await runIn(folder, { rl: { max_steps: 3, learning_rate: 1e300 } });
      const before = tf.memory().numTensors;
      const found = await trainPolicy(run, freshState(run.runtime, run.settings))(world())();
      assert.ok(E.isLeft(found) && found.left._tag === "Diverged");
      assert.match(found.left.tensor, /^updated\./);
      assert.match(found.left.problem, /diverged\/step-000001\.txt$/);
      assert.equal(tf.memory().numTensors, before);
      const names = [...Deno.readDirSync(`${folder}/diverged`)].map(({ name }) => name).sort();
      assert.deepEqual(names, ["step-000001.safetensors", "step-000001.txt"]);
      assert.match(await Deno.readTextFile(`${folder}/diverged/step-000001.txt`), /^updated\.\S+ +\[/m);
    });
  });
  it("warns once when rewards never differ, and a resumed run does not warn again", async () => {
    await inFolder(async (folder) => {
      const flat = [plainExpert("ber", () => 0.5), plainExpert("tier", () => 0.5)];
      const all: MetricsRow[] = [];
      const train = async (start: PolicyState | null, maxSteps: number) => {
        const { run, rows } = await runIn(folder, { rl: { max_steps: maxSteps } });
        const expertsOf = {
          ...run.experts,
          experts: flat,
          previewExpert: flat[0] as typeof flat[0] & object,
        };
        const tracker = {
          ...run.tracker,
          step: (row: MetricsRow) => {
            rows.push(row);
            return appendMetrics(run.folder.metrics, row);
          },
        };
        const here = tinyWorld();
        const state = start ?? freshState(run.runtime, run.settings);
        const end = await trainPolicy({ ...run, experts: expertsOf, tracker }, state)({
          ...world(),
          log: here.log,
        })();
        disposeState(right(end));
        all.push(...rows);
        return here.lines.filter((line) => line.includes("trust/"));
      };
      const first = await train(null, 5);
      assert.equal(new Set(first).size, first.length);
      assert.match(first[0] ?? "", /^step 4: .*equal rewards.*trust\/zero_variance/);
      assert.deepEqual(await train(await restored(folder), 7), []);
      assert.deepEqual(all.map(({ metrics }) => metrics["trust/zero_variance"]), [0, 0, 0, 1, 1, 1, 1]);
    });
  });
  it("lists what it compiles once, also in segments", async () => {
    await inFolder(async (folder) => {
      setCompiler({ compile: (_, body) => (inputs) => tf.tidy(() => body(inputs)) });
      const before = compiledSignatures().length;
      const { run } = await runIn(folder, { rl: { max_steps: 2 } });
      const start = freshState(run.runtime, run.settings);
      const half = right(await trainPolicy(run, start, { until: 1 })(world())());
      disposeState(right(await trainPolicy(run, half)(world())()));
      setCompiler(null);
      const listed = [...(await Deno.readTextFile(`${folder}/compiled.txt`)).matchAll(/ (\d+) signatures/g)];
      assert.equal(
        listed.reduce((sum, [, count]) => sum + Number(count), 0),
        compiledSignatures().length - before,
      );
      assert.ok(listed.length > 0);
    });
  });
  it("ends and saves at the step it is told", async () => {
    await inFolder(async (folder) => {
      const { run } = await runIn(folder, { rl: { max_steps: 4 } });
      const half = right(
        await trainPolicy(run, freshState(run.runtime, run.settings), { until: 3 })(world())(),
      );
      assert.equal(half.step, 3);
      const saved = await restored(folder);
      assert.deepEqual(contents(saved), contents(half));
      disposeState(saved);
      disposeState(half);
    });
  });
  it("does nothing when the last step is done", async () => {
    await inFolder(async (folder) => {
      const { run, rows } = await runIn(folder, { rl: { max_steps: 0 } });
      const state = freshState(run.runtime, run.settings);
      assert.equal(right(await trainPolicy(run, state)(world())()), state);
      assert.deepEqual(rows, []);
      disposeState(state);
    });
  });
});

describe("checkpointOf() and stateOf()", () => {
  it("are inverse", () => {
    const state = { ...freshState(runtime, smallSettings()), step: 3 };
    const threshold = { threshold: 0.4, previousThreshold: 0.5, trend: -0.1 };
    const thresholds = { visual: threshold, textual: null };
    const checkpoint = checkpointOf({ ...state, thresholds }, "hash");
    const again = right(stateOf({ ...checkpoint, path: "x" } as never));
    assert.deepEqual(contents(again), contents({ ...state, thresholds }));
    const old = right(stateOf({ ...checkpoint, state: { threshold }, path: "x" } as never));
    assert.deepEqual(old.thresholds, { visual: threshold, textual: threshold });
    disposeState(old);
    disposeState(state);
    disposeState(again);
  });
  it("say what a checkpoint lacks", () => {
    const state = freshState(runtime, smallSettings());
    const { arrays, ...rest } = checkpointOf(state, "hash");
    disposeState(state);
    const { optimizer: _, ...less } = arrays;
    const before = tf.memory().numTensors;
    const found = stateOf({ ...rest, arrays: less, path: "x" } as never);
    assert.ok(E.isLeft(found) && found.left._tag === "CheckpointCorrupt");
    assert.equal(tf.memory().numTensors, before);
  });
});

describe("the files of this test", () => {
  it("are the disk's", async () => {
    assert.ok(E.isRight(await TE.map((there: boolean) => there)(world().files.exists("."))()));
    runtime.dispose();
  });
});
