/** Small runs for tests: settings, tasks, experts without networks, groups of a random model. */
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { decodeConfig } from "../../lib/config/load.ts";
import { fold, type Key, keyFromSeed } from "../../lib/core/key.ts";
import type { Checked } from "../../lib/core/stage.ts";
import type { RewardExpert, RewardRow } from "../../lib/rewards/expert.ts";
import { showoModel } from "../../lib/showo/model.ts";
import { loraConfigOf, policyOf, type PolicyState } from "../../lib/method/policy.ts";
import {
  type AskedTask,
  askTask,
  complete,
  makeDecoders,
  preview,
  reason,
  type RolloutContext,
  wordPrompt,
} from "../../lib/method/rollout.ts";
import type { RunContext } from "../../lib/method/run_context.ts";
import { rewardConcept } from "../../lib/method/rewarding.ts";
import { startState } from "../../lib/training/run_training.ts";
import type { Runtime } from "../../lib/method/runtime.ts";
import { TRAINING, type TrainingSettings } from "../../lib/method/settings.ts";
import { sampleTask } from "../../lib/method/task.ts";
import { makeUpdate } from "../../lib/method/update.ts";
import type { Weighted } from "../../lib/method/update_batches.ts";
import { concept, right, tinyRuntime, tinyWorld } from "../cold_start/tiny.ts";
import { imageWatch } from "../../lib/method/image_watch.ts";

export { concept, right, tinyRuntime } from "../cold_start/tiny.ts";

/** Sections of the settings to change, in YAML keys. */
export type Changes = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const SMALL: Changes = {
  generation: { timesteps: 5 },
  reasoning: { max_new_tokens: 6, top_k: 0 },
  dsog: { preview_step: 2 },
  rl: { num_generations: 4, microbatch: 4, timesteps_per_update: 0, learning_rate: 0.01, max_steps: 4 },
};

/** Settings of a small run, with changes. */
export function smallSettings(changes: Changes = {}): TrainingSettings {
  const names = [...new Set([...Object.keys(SMALL), ...Object.keys(changes)])];
  return right(
    decodeConfig(
      TRAINING,
      Object.fromEntries(names.map((name) => [name, { ...SMALL[name], ...changes[name] }])),
    ) as Checked<TrainingSettings>,
  );
}

/** The tiny model, with the low-rank updates that the settings ask for. */
export function runtimeFor(settings: TrainingSettings): Runtime {
  const runtime = tinyRuntime();
  return { ...runtime, model: showoModel(runtime.config, { compile: "none", lora: loraConfigOf(settings) }) };
}

/** A task in words, ready to be asked. */
export function askedTask(runtime: Runtime, seed = 1): AskedTask {
  const task = right(sampleTask(keyFromSeed(seed), concept, {
    reasoningMix: 0,
    textReasoning: "{facts} prompt : {prompt}",
    plainPrompt: "a photo of {concept} .",
  }));
  return askTask(runtime, task, { image: null });
}

/** What rollouts need, with the policy of a state. */
export function contextOf(runtime: Runtime, settings: TrainingSettings, state: PolicyState): RolloutContext {
  return {
    runtime,
    settings,
    decoders: makeDecoders(runtime, settings),
    policy: policyOf(runtime.base, state.trainable),
  };
}

/** All that updates of a small run need; the first expert judges previews. Experts count alike unless weights are given. */
export async function runContextOf(
  runtime: Runtime,
  settings: TrainingSettings,
  experts: readonly RewardExpert[],
  weights = Object.fromEntries(experts.map(({ name }) => [name, 1 / experts.length])),
): Promise<RunContext> {
  const reward = right(await rewardConcept(concept, 16)(tinyWorld())());
  return {
    ...{ settings, runtime, concept },
    watch: imageWatch(reward.references, null),
    decoders: makeDecoders(runtime, settings),
    update: makeUpdate(runtime, settings),
    promptLength: 0,
    rewardConcept: reward,
    experts: {
      ...{ experts, previewExpert: experts[0] as RewardExpert, weights, encoder: null },
      dispose: () => {},
    },
  };
}

/** The state before the first update. */
export function freshState(runtime: Runtime, settings: TrainingSettings): PolicyState {
  return startState({ runtime, settings }, runtime.startRows);
}

/** Keys of candidates. */
export function candidateKeys(count: number, seed = 7): readonly Key[] {
  return Array.from({ length: count }, (_, index) => fold(keyFromSeed(seed), index));
}

/** Finished trajectories with the advantages 1, −1, 0.5, −0.5 … */
export function weightedGroup(context: RolloutContext, task: AskedTask, seed = 7): readonly Weighted[] {
  const keys = candidateKeys(context.settings.rl.numGenerations, seed);
  const prompted = right(reason(context, task, keys)).map((each) => wordPrompt(context, task, each));
  return right(complete(context, right(preview(context, prompted)))).map((trajectory, index) => ({
    ...trajectory,
    advantage: (index % 2 === 0 ? 1 : -1) / (1 + Math.floor(index / 2)),
  }));
}

/** An expert that looks at the row alone. */
export function plainExpert(name: string, score: (row: RewardRow, index: number) => number): RewardExpert {
  return { name, score: (rows) => RTE.fromIO(() => Float32Array.from(rows, score)) };
}

/** The mean brightness of a picture, in [0, 1]. */
export function brightness({ image }: Pick<RewardRow, "image">): number {
  return image.data.reduce((sum, value) => sum + value, 0) / image.data.length / 255;
}
