/**
 * The settings of a training run as types; `settings.ts` says what each means, what it may be and its default.
 *
 * @module
 */
import type { NonNegative, Positive, PositiveInt, UnitInterval } from "../config/numbers.ts";

/** Reasoning: the answer that joins the prompt (method §2.2, §2.3). */
export interface ReasoningSettings {
  readonly mix: UnitInterval;
  readonly maxNewTokens: PositiveInt;
  readonly temperature: Positive;
  readonly topK: number;
  readonly maxWords: PositiveInt;
  readonly shownFacts: number;
  readonly dealtShare: UnitInterval;
  readonly skip: boolean;
  readonly textTemplate: string;
  readonly plainPrompt: string;
}

/** Dynamic scaling of the group (method §5). */
export interface DsogSettings {
  readonly enabled: boolean;
  readonly previewStep: PositiveInt;
  readonly targetPassRate: UnitInterval;
  readonly mu: Positive;
  readonly eta: UnitInterval;
  readonly sigma: NonNegative;
  readonly rule: "paper" | "released" | "bounded" | "quantile" | "extremes";
  readonly perMode: boolean;
  readonly initialThreshold: UnitInterval | null;
  readonly maxCandidates: number;
  readonly score: "ber" | "itm";
  readonly text: "compound" | "explicit" | "base";
  readonly preview: "sampled" | "likely";
}

/** An expert behind a URL; its name is its key. */
export interface RemoteRewardSettings {
  readonly url: string;
  readonly weight: NonNegative | null;
  readonly timeout: Positive;
  readonly retries: number;
  readonly batchSize: PositiveInt;
  readonly onFailure: "wait" | "stop" | "skip";
  readonly tokenVariable: string;
  readonly photos: boolean;
}

/** Rewards and their weights (method §6). */
export interface RewardsSettings {
  readonly tier: NonNegative;
  readonly ber: Readonly<Record<string, NonNegative>>;
  readonly der: Readonly<Record<string, NonNegative>>;
  readonly fer: Readonly<Record<string, NonNegative>>;
  readonly berText: "compound" | "explicit";
  readonly orientation: "similarity" | "distance";
  readonly own: Readonly<Record<string, NonNegative>>;
  readonly identityGate: UnitInterval | null;
  readonly remote: Readonly<Record<string, RemoteRewardSettings>>;
}

/** Reinforcement learning: UniCTask-GRPO. */
export interface RlSettings {
  readonly maxSteps: number;
  readonly batchSize: PositiveInt;
  readonly numGenerations: number;
  readonly credit: "shared" | "by_part";
  readonly rewardNormalization: "none" | "per_reward";
  readonly optimizer: "shared" | "by_part";
  readonly learningRate: Positive;
  readonly imageLearningRate: Positive | null;
  readonly lrSchedule: "constant" | "linear" | "cosine";
  readonly warmupSteps: number;
  readonly adamEpsilon: Positive;
  readonly weightDecay: NonNegative;
  readonly maxGradNorm: Positive;
  readonly beta: NonNegative;
  readonly maxKl: Positive | null;
  readonly epsilon: Positive;
  readonly epsilonHigh: Positive | null;
  readonly numIterations: PositiveInt;
  readonly understandingWeight: NonNegative;
  readonly generationWeight: NonNegative;
  readonly scaleRewards: "none" | "group" | "batch";
  readonly lossNormalization: "none" | "tokens";
  readonly imageTokenScope: "all" | "masked" | "revealed";
  readonly guidanceInObjective: boolean;
  readonly timestepsPerUpdate: number;
  readonly stepChoice: "even" | "informed";
  readonly answerLogps: "all" | "candidates";
  readonly microbatch: PositiveInt;
  readonly microbatchSteps: number;
  readonly trainable: "concept_rows" | "lora" | "full";
  readonly loraRank: PositiveInt;
  readonly loraAlpha: Positive;
  readonly loraTargets: readonly ("qkv" | "dense" | "fc1" | "fc2")[];
}

/** Decoding of pictures (MaskGIT). */
export interface GenerationSettings {
  readonly timesteps: PositiveInt;
  readonly guidanceScale: NonNegative;
  readonly temperature: NonNegative;
  readonly maskSchedule: "cosine" | "linear";
}

/** Cold start: the concept's rows from photos and dialogues (UniCTokens). */
export interface ColdStartSettings {
  readonly plan: "stages" | "stages3" | "joint" | "none";
  readonly steps: number;
  readonly epochs: PositiveInt | null;
  readonly learningRate: Positive;
  readonly understandingBatch: PositiveInt;
  readonly generationBatch: PositiveInt;
  readonly understandingWeight: NonNegative;
  readonly generationWeight: NonNegative;
  readonly dropCondition: UnitInterval;
  readonly l2: NonNegative;
  readonly init: "profile" | "images" | "words" | "copy";
  readonly faceInit: boolean;
  readonly prompts: "name_block" | "released";
  readonly order: "shuffled" | "frozen";
  readonly pictures: "all" | "train" | "cropped";
  readonly captions: boolean;
  readonly knowledge: boolean;
  readonly negatives: boolean;
  readonly flip: UnitInterval;
  readonly crop: number;
  readonly views: PositiveInt;
  readonly perceptionTokens: number;
  readonly perceptionPictures: PositiveInt;
}

/** Evaluation before, after, and in between. */
export interface EvaluationSettings {
  readonly tasks: readonly string[];
  readonly imagesPerPrompt: PositiveInt;
  readonly orders: PositiveInt;
  readonly every: number;
  readonly best: string;
  readonly patience: number;
}

/** Decoded settings of a run: `deno task train --help` lists them with their defaults. */
export interface TrainingSettings {
  readonly name: string;
  readonly profile: string;
  readonly concept: string;
  readonly seed: number;
  readonly compat: "exact" | "released";
  readonly device: "auto" | "tensorflow" | "webgpu" | "wasm" | "cpu";
  /** Matrix products on an NVIDIA GPU. */
  readonly precision: "float32" | "tf32";
  readonly semanticTokens: PositiveInt;
  readonly generationTokens: PositiveInt;
  readonly mentions: "first" | "all";
  readonly runs: string;
  readonly saveEvery: PositiveInt;
  readonly keep: PositiveInt;
  readonly sampleEvery: PositiveInt;
  readonly coldStart: ColdStartSettings;
  readonly generation: GenerationSettings;
  readonly reasoning: ReasoningSettings;
  readonly dsog: DsogSettings;
  readonly rewards: RewardsSettings;
  readonly rl: RlSettings;
  readonly evaluation: EvaluationSettings;
}
