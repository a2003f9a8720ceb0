/**
 * What the trained baselines are told: generation-only personalisations of our own backbone.
 *
 * @module
 */
import type { HasClock, HasFiles, HasInterrupt, HasLog } from "../core/capability.ts";
import type { Profile } from "../method/profile.ts";
import type { Naming } from "../method/prompt_reader.ts";
import { TRAINING, type TrainingSettings } from "../method/settings.ts";
import type { ColdStartOptions } from "../cold_start/settings.ts";

/** Textual Inversion: one new word · DreamBooth: the model itself, held by pictures of the class. */
export const BASELINES = ["textual_inversion", "dreambooth"] as const;

/** A baseline that is trained. */
export type BaselineName = typeof BASELINES[number];

/** Numbers of a training. */
export interface BaselineSettings {
  readonly seed: number;
  readonly steps: number;
  readonly learningRate: number;
  /** Pictures per update; DreamBooth sees as many of the class besides. */
  readonly batch: number;
  /** Whether photos are learnt from their captions, where they have some, as in the cold start; else from the plain prompt. */
  readonly captions: boolean;
  /** Rows that the new word has: 1 as published. */
  readonly vectors: number;
  /** DreamBooth: what is trained besides the word. */
  readonly trainable: "lora" | "full";
  readonly loraRank: number;
  /** DreamBooth: λ, weight of the pictures of the class. */
  readonly priorWeight: number;
  /** DreamBooth: pictures of the class that the untrained model draws. */
  readonly priorPictures: number;
}

/** What training a baseline needs of the world. */
export type BaselineNeeds = HasFiles & HasLog & HasClock & HasInterrupt;

/**
 * Names the word that a baseline learns: no tokens are divided among tasks, and it starts from no trained values.
 *
 * @param token The concept's token.
 * @param vectors How many rows it has, ≥ 1.
 * @returns Profile and naming to load the model with.
 */
export function baselineNaming(
  profile: Profile,
  token: string,
  vectors: number,
): { readonly profile: Profile; readonly naming: Naming } {
  return {
    profile: { ...profile, names: null },
    naming: { token, semanticTokens: vectors - 1, generationTokens: 0, mentions: "first" },
  };
}

/**
 * Writes a baseline's numbers as settings of a run, for the parts that it shares with one.
 *
 * @returns Default settings with those numbers.
 */
export function runSettings(baseline: BaselineName, settings: BaselineSettings): TrainingSettings {
  const { seed, trainable, learningRate, loraRank } = settings;
  const defaults = TRAINING.fallback?.() as TrainingSettings;
  const rl = {
    ...defaults.rl,
    ...{ learningRate, loraRank, loraAlpha: 2 * loraRank },
    trainable: baseline === "dreambooth" ? trainable : "concept_rows",
    loraTargets: ["qkv", "dense", "fc1", "fc2"],
  };
  return { ...defaults, seed, rl } as unknown as TrainingSettings;
}

/**
 * Writes a baseline's numbers as options of a cold start, for the pictures that it learns from.
 *
 * @returns Train photos; the word starts as the class noun.
 */
export function pictureOptions(settings: BaselineSettings): ColdStartOptions {
  const { seed, steps, learningRate, batch, captions } = settings;
  const { coldStart } = TRAINING.fallback?.() as TrainingSettings;
  return {
    ...coldStart,
    ...{ seed, steps, learningRate, epochs: null, generationBatch: batch, l2: 0, perceptionTokens: 0 },
    ...{ plan: "none", init: "words", prompts: "name_block", order: "shuffled" },
    ...{ pictures: "train", captions, negatives: false, knowledge: false },
  };
}
