/**
 * Settings of the small experts: one section each.
 *
 * @module
 */
import { field, section } from "../../../lib/config/field.ts";

const training = (
  options: { readonly seed: number; readonly steps: number; readonly batch: number; readonly rate: number },
) => ({
  seed: field.int({ default: options.seed, min: 0, doc: "Seed of weights and data." }),
  steps: field.positiveInt({ default: options.steps, doc: "Updates." }),
  batchSize: field.positiveInt({ default: options.batch, doc: "Examples per update; an even number." }),
  learningRate: field.positive({ default: options.rate, doc: "Largest learning rate." }),
  warmup: field.int({ default: 60, min: 0, doc: "Steps of linear warm-up." }),
  decay: field.unitInterval({
    default: 0.7,
    doc: "Share of the steps over which the rate falls along a cosine.",
  }),
  floor: field.unitInterval({ default: 0.02, doc: "Learning rate at the end as a share of the largest." }),
  temperature: field.positive({ default: 0.07, doc: "Temperature of the contrast between cosines." }),
});

const tower = (layers: number) => ({
  width: field.positiveInt({ default: 96, doc: "Width of the transformers." }),
  heads: field.positiveInt({ default: 4, doc: "Heads of their attention; divide the width." }),
  layers: field.positiveInt({ default: layers, doc: "Layers of the picture tower." }),
  patchSize: field.positiveInt({ default: 8, doc: "Pixels a side of a patch." }),
});

const attributes = field.nonNegative({
  default: 1,
  doc: "Weight of telling attributes, a help in training; its heads are not exported.",
});

/** BLIP-2. */
export const BLIP2 = section("BLIP-2: does a text fit a picture?", {
  ...training({ seed: 41, steps: 1500, batch: 48, rate: 1.2e-3 }),
  ...tower(3),
  qformerLayers: field.positiveInt({ default: 2, doc: "Layers of the querying transformer." }),
  queries: field.positiveInt({ default: 8, doc: "Learned queries." }),
  projection: field.positiveInt({ default: 64, doc: "Width of the common space." }),
  matching: field.nonNegative({ default: 1, doc: "Weight of the binary matching loss." }),
  attributes,
});

/** CLIP. */
export const CLIP = section("CLIP: pictures and texts in one space.", {
  ...training({ seed: 43, steps: 800, batch: 48, rate: 1.2e-3 }),
  ...tower(3),
  textLayers: field.positiveInt({ default: 2, doc: "Layers of the text tower." }),
  context: field.positiveInt({ default: 32, doc: "Longest text in tokens." }),
  projection: field.positiveInt({ default: 64, doc: "Width of the common space." }),
  attributes,
});

/** DINOv2. */
export const DINOV2 = section("DINOv2: is it the same character?", {
  ...training({ seed: 47, steps: 900, batch: 48, rate: 1.2e-3 }),
  ...tower(3),
  graded: field.nonNegative({
    default: 1,
    doc:
      "Weight of the distance from graded similarities: the share of attributes that two characters have in common.",
  }),
  attributes,
});

/** ERNIE. */
export const ERNIE = section("ERNIE: does a sentence say the same fact?", {
  ...training({ seed: 53, steps: 400, batch: 60, rate: 1.5e-3 }),
  width: field.positiveInt({ default: 96, doc: "Width of the transformer." }),
  heads: field.positiveInt({ default: 4, doc: "Heads of its attention; divide the width." }),
  layers: field.positiveInt({ default: 2, doc: "Layers." }),
  positions: field.positiveInt({ default: 128, doc: "Longest text in tokens." }),
  length: field.positiveInt({ default: 32, doc: "Tokens of a training text." }),
  graded: field.nonNegative({
    default: 4,
    doc: "Weight of the distance from graded similarities: condition, item and colour in common.",
  }),
});

/** FaceNet. */
export const FACENET = section("FaceNet (InceptionResnetV1): is it the same face?", {
  ...training({ seed: 59, steps: 400, batch: 32, rate: 2e-3 }),
  side: field.positiveInt({ default: 96, doc: "Pixels a side of a crop; at least 75." }),
  multiplier: field.positive({ default: 0.125, doc: "Channels as a share of the published ones." }),
  repeats: field.list(field.positiveInt({ doc: "Blocks." }), {
    default: [1, 1, 1],
    doc: "How often each of the three residual blocks repeats; published 5, 10, 5.",
  }),
  embedding: field.positiveInt({ default: 64, doc: "Width of the embedding." }),
  graded: field.nonNegative({
    default: 1,
    doc: "Weight of the distance from graded similarities: the share of face attributes in common.",
  }),
  attributes,
});

/** MTCNN. */
export const MTCNN = section("MTCNN: where is the face?", {
  ...training({ seed: 61, steps: 600, batch: 128, rate: 2e-3 }),
});
