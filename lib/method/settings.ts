/**
 * Settings of a training run: everything `deno task train` can be told.
 *
 * @module
 */
import { field, type Section, section } from "../config/field.ts";
import type {
  ColdStartSettings,
  DsogSettings,
  EvaluationSettings,
  GenerationSettings,
  ReasoningSettings,
  RemoteRewardSettings,
  RewardsSettings,
  RlSettings,
  TrainingSettings,
} from "./settings_types.ts";

export { trainingRules } from "./settings_rules.ts";
export type { TrainingSettings } from "./settings_types.ts";

const BACKENDS = ["auto", "tensorflow", "webgpu", "wasm", "cpu"] as const;

const REASONING: Section<ReasoningSettings> = section(
  "Reasoning: the answer that joins the prompt (method §2.2, §2.3).",
  {
    mix: field.unitInterval({
      default: 0.5,
      doc: "Probability of a question about a photo (VIA); else facts (TIA).",
    }),
    maxNewTokens: field.positiveInt({ default: 16, doc: "Tokens of an answer at most." }),
    temperature: field.positive({ default: 1, doc: "Softmax temperature of sampling." }),
    topK: field.int({ default: 5, min: 0, doc: "Candidates of each token; 0 = all." }),
    maxWords: field.positiveInt({ default: 20, doc: "Words of an answer that reach the prompt." }),
    shownFacts: field.int({
      default: 0,
      min: 0,
      doc:
        "Facts that a question lists in random order: the needed one and others of its split; 0 = all, in file order.",
    }),
    dealtShare: field.unitInterval({
      default: 0,
      doc: "Share of the questions about facts whose details are dealt anew among those listed.",
    }),
    skip: field.bool({
      default: false,
      doc: "Draw from the base prompt alone (ablation: no understanding reasoning).",
    }),
    textTemplate: field.text({ default: "{facts} prompt : {prompt}", doc: "Turn of text-only reasoning." }),
    plainPrompt: field.text({
      default: "a photo of {concept} .",
      doc: "Prompt of pictures that need no fact.",
    }),
  },
);

const DSOG: Section<DsogSettings> = section("Dynamic scaling of the group (method §5).", {
  enabled: field.bool({ default: true, doc: "Whether previews are screened." }),
  previewStep: field.positiveInt({
    default: 2,
    doc: "Decoding step whose preview is scored (t*), counted from 1.",
  }),
  targetPassRate: field.unitInterval({ default: 0.25, doc: "Share of previews that should pass (TPR)." }),
  mu: field.positive({ default: 0.12, doc: "Speed of the threshold (μ)." }),
  eta: field.unitInterval({ default: 0.8, doc: "Memory of its trend (η)." }),
  sigma: field.nonNegative({ default: 2, doc: "Damping of changes against the trend (σ)." }),
  rule: field.choice(["paper", "released", "bounded", "quantile", "extremes"], {
    default: "paper",
    doc: "How a threshold moves; or the best of G / TPR candidates (quantile), or best and worst (extremes).",
  }),
  perMode: field.bool({
    default: false,
    doc: "Whether questions about photos and about facts have a threshold each.",
  }),
  initialThreshold: field.optional(
    field.unitInterval({ doc: "First threshold; null = the (1 − TPR) quantile of the first previews." }),
  ),
  maxCandidates: field.int({
    default: 0,
    min: 0,
    doc: "Candidates of a group at most; 0 = 8 · num_generations, or G / TPR under quantile and extremes.",
  }),
  score: field.choice(["ber", "itm"], {
    default: "ber",
    doc: "What scores a preview: cosine or matching probability.",
  }),
  text: field.choice(["compound", "explicit", "base"], {
    default: "compound",
    doc:
      "Prompt of that score: with each candidate's answer, or one for all: with the right answer, or without any.",
  }),
  preview: field.choice(["sampled", "likely"], {
    default: "sampled",
    doc: "What a preview shows where codes are open: drawn codes, or the most likely.",
  }),
});

const REMOTE: Section<RemoteRewardSettings> = section("An expert behind a URL.", {
  url: field.text({ doc: "Where rows are posted to, http://127.0.0.1:8900/bright." }),
  weight: field.optional(
    field.nonNegative({ doc: "Weight; null logs it only. tier, ber, der and fer keep the weights above." }),
  ),
  timeout: field.positive({ default: 60, doc: "Seconds until a request counts as unanswered." }),
  retries: field.int({ default: 3, min: 0, doc: "Attempts after the first, before on_failure holds." }),
  batchSize: field.positiveInt({ default: 16, doc: "Rows in one request." }),
  onFailure: field.choice(["wait", "stop", "skip"], {
    default: "wait",
    doc: "A server that stays away: wait for it, stop and save, or leave its reward out.",
  }),
  tokenVariable: field.text({
    default: "",
    doc: "Environment variable with the server's token; the token itself is written nowhere.",
  }),
  photos: field.bool({ default: true, doc: "Whether the concept's photos are sent, too." }),
});

const REWARDS: Section<RewardsSettings> = section("Rewards and their weights (method §6).", {
  tier: field.nonNegative({ default: 0.4, doc: "Weight of the text reward." }),
  ber: field.map(field.nonNegative({ doc: "Weight." }), {
    default: { human: 0.2, animal: 0.3, object: 0.3 },
    doc: "Weight of picture–text similarity by category.",
  }),
  der: field.map(field.nonNegative({ doc: "Weight." }), {
    default: { human: 0.2, animal: 0.3, object: 0.3 },
    doc: "Weight of picture–reference similarity by category.",
  }),
  fer: field.map(field.nonNegative({ doc: "Weight." }), {
    default: { human: 0.2, animal: 0, object: 0 },
    doc: "Weight of face similarity by category.",
  }),
  berText: field.choice(["compound", "explicit"], {
    default: "compound",
    doc: "Text that pictures are compared with.",
  }),
  orientation: field.choice(["similarity", "distance"], {
    default: "similarity",
    doc: "Similarity, or as printed.",
  }),
  own: field.map(field.nonNegative({ doc: "Weight." }), {
    default: {},
    doc: "Weights of experts of your own by name (train --reward); others of them are logged only.",
  }),
  identityGate: field.optional(
    field.unitInterval({ doc: "DER or FER below which a trajectory earns 0 in all; null = no gate." }),
  ),
  remote: field.map(REMOTE, {
    default: {},
    doc:
      "Experts behind a URL by name; tier, ber, der and fer take the place of the profile's (docs/remote-experts.md).",
  }),
});

const RL: Section<RlSettings> = section("Reinforcement learning: UniCTask-GRPO.", {
  maxSteps: field.int({ default: 30, min: 0, doc: "Updates." }),
  batchSize: field.positiveInt({ default: 1, doc: "Prompts per update, each with a group of its own." }),
  numGenerations: field.int({ default: 9, min: 2, doc: "Trajectories per group (G)." }),
  credit: field.choice(["shared", "by_part"], {
    default: "shared",
    doc: "Advantage of image tokens: the trajectory's, or of image rewards among equal prompts.",
  }),
  rewardNormalization: field.choice(["none", "per_reward"], {
    default: "none",
    doc: "Whether each reward is divided by its spread in the group before the sum (GDPO).",
  }),
  optimizer: field.choice(["shared", "by_part"], {
    default: "shared",
    doc: "One clip and AdamW for all tokens, or one for answers and one for images.",
  }),
  learningRate: field.positive({ default: 1e-3, doc: "Learning rate of AdamW." }),
  imageLearningRate: field.optional(
    field.positive({ doc: "That of image tokens under optimizer: by_part; null = learning_rate." }),
  ),
  lrSchedule: field.choice(["constant", "linear", "cosine"], {
    default: "constant",
    doc: "How the learning rate goes on after the warm-up.",
  }),
  warmupSteps: field.int({ default: 0, min: 0, doc: "Updates over which the learning rate rises." }),
  adamEpsilon: field.positive({ default: 1e-8, doc: "ε of AdamW." }),
  weightDecay: field.nonNegative({ default: 1e-3, doc: "Weight decay of AdamW." }),
  maxGradNorm: field.positive({ default: 1, doc: "Global L2 norm to which gradients are clipped." }),
  beta: field.nonNegative({ default: 0.01, doc: "Weight of the KL to the start (β)." }),
  maxKl: field.optional(
    field.positive({ doc: "KL to the start, nats per token, above which training ends; null = no limit." }),
  ),
  epsilon: field.positive({ default: 0.2, doc: "Clip range of the ratio (ε)." }),
  epsilonHigh: field.optional(field.positive({ doc: "Upper clip range; null = epsilon." })),
  numIterations: field.positiveInt({ default: 1, doc: "Updates per rollout (μ)." }),
  understandingWeight: field.nonNegative({ default: 0.4, doc: "Weight of answer tokens (a_Und)." }),
  generationWeight: field.nonNegative({ default: 0.6, doc: "Weight of image tokens (a_Gen)." }),
  scaleRewards: field.choice(["none", "group", "batch"], {
    default: "none",
    doc: "Spread that divides advantages.",
  }),
  lossNormalization: field.choice(["none", "tokens"], {
    default: "none",
    doc: "Division of the sum over tokens.",
  }),
  imageTokenScope: field.choice(["all", "masked", "revealed"], {
    default: "masked",
    doc: "Image tokens that count at each step.",
  }),
  guidanceInObjective: field.bool({
    default: true,
    doc: "Whether log-probs are those of the guided policy.",
  }),
  timestepsPerUpdate: field.int({
    default: 4,
    min: 0,
    doc: "Decoding steps drawn for the gradient; 0 = all.",
  }),
  stepChoice: field.choice(["even", "informed"], {
    default: "even",
    doc: "How they are drawn: all alike, or in proportion to |advantage| times surprise of their tokens.",
  }),
  answerLogps: field.choice(["all", "candidates"], {
    default: "all",
    doc: "Log-probs of answers over all tokens, or over the top_k candidates that were drawn from.",
  }),
  microbatch: field.positiveInt({
    default: 9,
    doc: "Trajectories per forward of the update; must divide G.",
  }),
  microbatchSteps: field.int({
    default: 0,
    min: 0,
    doc: "Decoding steps per forward of the update; 0 = all drawn.",
  }),
  trainable: field.choice(["concept_rows", "lora", "full"], {
    default: "concept_rows",
    doc: "What is trained.",
  }),
  loraRank: field.positiveInt({ default: 8, doc: "Rank of LoRA's updates." }),
  loraAlpha: field.positive({ default: 16, doc: "Scale of LoRA's updates: alpha / rank." }),
  loraTargets: field.list(field.choice(["qkv", "dense", "fc1", "fc2"], { doc: "Layer." }), {
    default: ["qkv", "fc1", "fc2"],
    doc: "Linear layers that LoRA updates, in every transformer layer.",
  }),
});

const GENERATION: Section<GenerationSettings> = section("Decoding of pictures (MaskGIT).", {
  timesteps: field.positiveInt({ default: 10, doc: "Decoding steps (T)." }),
  guidanceScale: field.nonNegative({ default: 2, doc: "Classifier-free guidance (s)." }),
  temperature: field.nonNegative({ default: 1, doc: "First temperature of the Gumbel noise (T0)." }),
  maskSchedule: field.choice(["cosine", "linear"], {
    default: "cosine",
    doc: "Share of masked tokens over the steps.",
  }),
});

const COLD_START: Section<ColdStartSettings> = section(
  "Cold start: the concept's rows from photos and dialogues (UniCTokens).",
  {
    plan: field.choice(["stages", "stages3", "joint", "none"], {
      default: "stages",
      doc: "Stages 1 and 2, also 3, all at once, or nothing.",
    }),
    steps: field.int({ default: 150, min: 0, doc: "Updates of a stage." }),
    epochs: field.optional(field.positiveInt({ doc: "Passes over the data of a stage, instead of steps." })),
    learningRate: field.positive({ default: 1e-2, doc: "Learning rate of AdamW." }),
    understandingBatch: field.positiveInt({ default: 4, doc: "Dialogues per update." }),
    generationBatch: field.positiveInt({ default: 4, doc: "Pictures per update." }),
    understandingWeight: field.nonNegative({ default: 0.2, doc: "Weight of dialogues beside pictures." }),
    generationWeight: field.nonNegative({ default: 0.8, doc: "Weight of pictures beside dialogues." }),
    dropCondition: field.unitInterval({
      default: 0.1,
      doc: "Probability that a prompt is dropped, for guidance.",
    }),
    l2: field.nonNegative({ default: 0, doc: "Pull of the concept's own row to where its stage began." }),
    init: field.choice(["profile", "images", "words", "copy"], {
      default: "profile",
      doc:
        "First values: the profile's, k-means of picture codes, mean of words, or copies of image-code rows.",
    }),
    faceInit: field.bool({
      default: false,
      doc: "Whether stage 2 of a human starts from the face in the photos.",
    }),
    prompts: field.choice(["name_block", "released"], {
      default: "name_block",
      doc: "How texts name the concept: its name block at the first mention, or UniCTokens' own sentences.",
    }),
    order: field.choice(["shuffled", "frozen"], {
      default: "shuffled",
      doc: "Order of the samples: new in every epoch, or one list replayed as released.",
    }),
    pictures: field.choice(["all", "train", "cropped"], {
      default: "all",
      doc: "Photos that are drawn in training.",
    }),
    captions: field.bool({
      default: true,
      doc: "Whether photos are drawn from their captions, else all from the plain prompt.",
    }),
    knowledge: field.bool({
      default: true,
      doc: "Whether dialogues without a photo are trained on, too, behind the black picture.",
    }),
    negatives: field.bool({
      default: false,
      doc: "Whether look-alikes are drawn in training, from a prompt with the class noun.",
    }),
    flip: field.unitInterval({ default: 0, doc: "Probability that a photo is mirrored." }),
    crop: field.number({
      default: 1,
      min: 1,
      max: 4,
      doc: "Scale of photos to draw before a random crop; 1 = no random crop.",
    }),
    views: field.positiveInt({
      default: 4,
      doc: "Mirrored or cropped versions of a photo that are encoded.",
    }),
    perceptionTokens: field.int({
      default: 0,
      min: 0,
      doc: "How many of the generation tokens are left to stage 3.",
    }),
    perceptionPictures: field.positiveInt({
      default: 20,
      doc: "Pictures that stage 3 starts from.",
    }),
  },
);

const EVALUATION: Section<EvaluationSettings> = section("Evaluation before, after, and in between.", {
  tasks: field.list(field.text({ doc: "Task." }), {
    default: ["rec", "vqa", "rea", "pure_gen", "rea_gen"],
    doc: "Tasks of benchmarks, see deno task eval --help; an empty list evaluates nothing.",
  }),
  imagesPerPrompt: field.positiveInt({ default: 2, doc: "Pictures per prompt." }),
  orders: field.positiveInt({
    default: 4,
    doc: "Lists in which each fact is asked for, where a question lists some facts in random order.",
  }),
  every: field.int({ default: 0, min: 0, doc: "Updates between evaluations; 0 = only before and after." }),
  best: field.text({
    default: "",
    doc:
      "Score of training facts by which a checkpoint becomes best, such as rea_train_exact; empty = none does.",
  }),
  patience: field.int({
    default: 0,
    min: 0,
    doc: "Evaluations in a row without a better score of evaluation.best that end training; 0 = none do.",
  }),
});

/** Everything that a training run can be told. */
export const TRAINING: Section<TrainingSettings> = section("A personalisation run.", {
  name: field.text({ default: "nano", doc: "Name of the run folder." }),
  profile: field.path("read", {
    default: "assets/nano",
    doc: "Folder of the unified model, its tokenizers and the experts.",
  }),
  concept: field.path("read", {
    default: "assets/world/mip",
    doc: "Concept folder, or the id of a bundled concept.",
  }),
  seed: field.int({ default: 1, min: 0, doc: "Seed of all randomness." }),
  device: field.choice(BACKENDS, { default: "auto", doc: "Backend." }),
  precision: field.choice(["float32", "tf32"], {
    default: "float32",
    doc: "Matrix products on an NVIDIA GPU: full float32, or TF32, faster with 10-bit mantissas.",
  }),
  compat: field.choice(["exact", "released"], {
    default: "exact",
    doc: "Whether the oddities of the public code are reproduced, all at once: see docs/full-size.md.",
  }),
  semanticTokens: field.positiveInt({ default: 4, doc: "Learnable rows for understanding (K)." }),
  generationTokens: field.positiveInt({ default: 2, doc: "Learnable rows for generation (M)." }),
  mentions: field.choice(["first", "all"], {
    default: "first",
    doc: "Mentions of the concept that become name blocks.",
  }),
  runs: field.path("folder", { default: "runs", doc: "Folder of the run folders." }),
  saveEvery: field.positiveInt({ default: 10, doc: "Updates between checkpoints." }),
  keep: field.positiveInt({ default: 3, doc: "Checkpoints that are kept besides the best." }),
  sampleEvery: field.positiveInt({ default: 10, doc: "Updates between picture grids." }),
  coldStart: COLD_START,
  generation: GENERATION,
  reasoning: REASONING,
  dsog: DSOG,
  rewards: REWARDS,
  rl: RL,
  evaluation: EVALUATION,
});
