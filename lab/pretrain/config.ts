/**
 * Settings of pretraining: one section per part.
 *
 * @module
 */
import { field, type FieldValue, section } from "../../lib/config/field.ts";
import type { MagvitConfig } from "../../lib/showo/magvit_config.ts";
import { BLIP2, CLIP, DINOV2, ERNIE, FACENET, MTCNN } from "./experts/config.ts";

const schedule = (peak: number, warmup: number, decay: number) => ({
  learningRate: field.positive({ default: peak, doc: "Largest learning rate." }),
  warmup: field.int({ default: warmup, min: 0, doc: "Steps of linear warm-up." }),
  decay: field.unitInterval({
    default: decay,
    doc: "Share of the steps over which the rate falls along a cosine.",
  }),
  floor: field.unitInterval({ default: 0.02, doc: "Learning rate at the end as a share of the largest." }),
});

const reader = (seed: number, steps: number) => ({
  seed: field.int({ default: seed, min: 0, doc: "Seed of weights and data." }),
  steps: field.positiveInt({ default: steps, doc: "Updates." }),
  batchSize: field.positiveInt({ default: 48, doc: "Pictures per update." }),
  channels: field.list(field.positiveInt({ doc: "Channels." }), {
    default: [24, 48, 96, 128],
    doc: "Channels of the stride-2 stages.",
  }),
  width: field.positiveInt({ default: 192, doc: "Width of the layer that all attributes share." }),
  ...schedule(2e-3, 50, 0.6),
});

/** The perceptual network of the tokenizer loss. */
export const PERCEPTION = section(
  "Attribute reader whose features compare pictures in the tokenizer's loss.",
  reader(11, 700),
);

/** The judge of the world; nothing is trained against it. */
export const JUDGE = section(
  "Attribute reader that judges pictures; used in evaluation only.",
  reader(29, 2500),
);

/** The image tokenizer. */
export const TOKENIZER = section("Image tokenizer (MAGVIT-v2).", {
  seed: field.int({ default: 1, min: 0, doc: "Seed of weights and data." }),
  steps: field.positiveInt({ default: 5500, doc: "Updates." }),
  batchSize: field.positiveInt({ default: 8, doc: "Pictures per update." }),
  codeBits: field.int({
    default: 10,
    min: 2,
    max: 18,
    doc: "Bits of a code; the codebook has 2^bits entries.",
  }),
  baseChannels: field.positiveInt({ default: 8, doc: "Channels of the first level." }),
  channelMultipliers: field.list(field.positiveInt({ doc: "Factor." }), {
    default: [1, 2, 6, 12],
    doc: "Channels of each level over the base; each level but the last halves the size.",
  }),
  resBlocks: field.list(field.positiveInt({ doc: "Blocks." }), {
    default: [1, 1, 1, 1],
    doc: "Residual blocks of each level.",
  }),
  channelsPerGroup: field.positiveInt({ default: 4, doc: "Channels of a group of the group norms." }),
  characterWeight: field.positive({
    default: 2,
    doc: "How much a pixel of the character counts in the squared error.",
  }),
  edges: field.nonNegative({ default: 0.25, doc: "Weight of the L1 difference of picture gradients." }),
  entropy: field.nonNegative({ default: 0.02, doc: "Weight of sample entropy minus codebook entropy." }),
  commitment: field.nonNegative({ default: 0.1, doc: "Weight of the distance to the quantised vector." }),
  perceptual: field.nonNegative({ default: 0.05, doc: "Weight of the perceptual distance." }),
  ...schedule(2e-3, 100, 0.4),
});

/** Further training of the tokenizer's decoder. */
export const DECODER = section(
  "Decoder of the image tokenizer, trained on with all codes fixed until the pictures read well.",
  {
    seed: field.int({ default: 3, min: 0, doc: "Seed of the data." }),
    steps: field.positiveInt({ default: 2000, doc: "Updates." }),
    batchSize: field.positiveInt({ default: 16, doc: "Pictures per update." }),
    characterWeight: field.positive({
      default: 2,
      doc: "How much a pixel of the character counts in the squared error.",
    }),
    edges: field.nonNegative({ default: 0.25, doc: "Weight of the L1 difference of picture gradients." }),
    perceptual: field.nonNegative({ default: 0.1, doc: "Weight of the perceptual distance." }),
    reading: field.nonNegative({
      default: 0.02,
      doc: "Weight of the cross entropy of attributes that the perceptual network reads.",
    }),
    ...schedule(1e-3, 50, 0.7),
  },
);

/** The unified model. */
export const UNIFIED = section("Unified model (Show-o) on captions, dialogues and facts.", {
  seed: field.int({ default: 5, min: 0, doc: "Seed of weights and data." }),
  steps: field.positiveInt({ default: 19500, doc: "Updates." }),
  width: field.positiveInt({ default: 128, doc: "Hidden width (D)." }),
  layers: field.positiveInt({ default: 6, doc: "Transformer layers." }),
  heads: field.positiveInt({ default: 4, doc: "Attention heads." }),
  mlpWidth: field.positiveInt({ default: 512, doc: "Inner width of the feed-forward part." }),
  textBlock: field.positiveInt({ default: 48, doc: "Tokens of a prompt, task token included." }),
  dialogueLength: field.positiveInt({ default: 160, doc: "Tokens of text behind a picture." }),
  factLength: field.positiveInt({ default: 160, doc: "Tokens of facts, prompts and answers." }),
  semanticTokens: field.positiveInt({
    default: 4,
    doc: "Learnable rows for understanding of a name block (K).",
  }),
  generationTokens: field.positiveInt({
    default: 2,
    doc: "Learnable rows for generation of a name block (M).",
  }),
  scenes: field.positiveInt({ default: 40000, doc: "Pictures that are encoded once and drawn from." }),
  usual: field.unitInterval({
    default: 0.45,
    doc: "Probability of each default attribute in half of the pictures.",
  }),
  drawings: field.positiveInt({ default: 8, doc: "Captions with pictures per update." }),
  dialogues: field.positiveInt({ default: 12, doc: "Dialogues per update." }),
  recognitions: field.positiveInt({ default: 4, doc: "Pictures per update with the question who is in it." }),
  facts: field.positiveInt({ default: 8, doc: "Lists of facts per update." }),
  pictureFacts: field.positiveInt({
    default: 2,
    doc: "Lists of facts, or questions about a name alone, behind the black picture per update.",
  }),
  dialogueWeight: field.nonNegative({ default: 6, doc: "Loss weight of dialogues; captions count 1." }),
  recognitionWeight: field.nonNegative({ default: 4, doc: "Loss weight of recognitions." }),
  factWeight: field.nonNegative({ default: 1, doc: "Loss weight of fact tasks." }),
  pictureFactWeight: field.nonNegative({
    default: 0.5,
    doc: "Loss weight of text behind the black picture.",
  }),
  dropCondition: field.unitInterval({ default: 0.1, doc: "Probability that a prompt is dropped." }),
  named: field.unitInterval({ default: 0.5, doc: "Probability of a name block instead of words." }),
  conditionFirst: field.unitInterval({
    default: 0.6,
    doc: "Probability that facts put their condition first.",
  }),
  paraphrase: field.unitInterval({
    default: 0.1,
    doc: "Probability that a phrase of facts or prompts is paraphrased.",
  }),
  weightDecay: field.nonNegative({ default: 0.02, doc: "Weight decay of matrices." }),
  ...schedule(1.5e-3, 200, 0.5),
});

/** Everything that pretraining can be told. */
export const PRETRAINING = section("Pretraining of the small models on the procedural world.", {
  name: field.text({ default: "nano", doc: "Name of the profile; weights go to assets/<name>." }),
  imageSize: field.positiveInt({ default: 64, doc: "Side of a picture in pixels." }),
  logEvery: field.positiveInt({ default: 50, doc: "Updates between two points of a curve." }),
  saveEvery: field.positiveInt({ default: 500, doc: "Updates between two saved states." }),
  perception: PERCEPTION,
  judge: JUDGE,
  tokenizer: TOKENIZER,
  decoder: DECODER,
  unified: UNIFIED,
  blip2: BLIP2,
  dinov2: DINOV2,
  ernie: ERNIE,
  clip: CLIP,
  mtcnn: MTCNN,
  facenet: FACENET,
});

/** Decoded settings of pretraining. */
export type Pretraining = FieldValue<typeof PRETRAINING>;

/**
 * Sizes of the tokenizer that a config describes.
 *
 * @param config The tokenizer section.
 * @returns The sizes; encoder and decoder are mirror images.
 */
export function magvitConfigOf(config: Pretraining["tokenizer"]): MagvitConfig {
  const half = {
    baseChannels: config.baseChannels,
    channelMultipliers: config.channelMultipliers,
    resBlocks: config.resBlocks,
  };
  return {
    codeBits: config.codeBits,
    normEpsilon: 1e-6,
    norm: { channelsPerGroup: config.channelsPerGroup },
    encoder: half,
    decoder: half,
  };
}
