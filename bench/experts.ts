/**
 * `deno task bench:experts`: experts of published size with random weights, per picture or text, next to PyTorch.
 *
 * Our side is what a reward runs: pixels or ids in, numbers out. Both sides take turns; the best time of each counts.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { describe } from "../lib/core/error.ts";
import { keyFromSeed, uniforms } from "../lib/core/key.ts";
import { clipVisionParameters } from "../lib/experts/clip/clip_config.ts";
import { clipExpert } from "../lib/experts/clip/clip_expert.ts";
import { dinov2Parameters } from "../lib/experts/dinov2/dinov2_config.ts";
import { dinov2Expert } from "../lib/experts/dinov2/dinov2_expert.ts";
import { ernieBodyParameters } from "../lib/experts/ernie/ernie_config.ts";
import { ernieExpert } from "../lib/experts/ernie/ernie_expert.ts";
import { faceExpert } from "../lib/experts/face/face_expert.ts";
import { inceptionParameters, inceptionSizes } from "../lib/experts/face/inception_config.ts";
import { mapParameters, type Parameter, type TensorsOf } from "../lib/experts/shared/parameters.ts";
import {
  CLIP_COLOURS,
  IMAGENET_COLOURS,
  type Pixels,
  type Preprocess,
} from "../lib/experts/shared/preprocess.ts";
import { solidImage } from "../lib/image/image.ts";
import { liveLog } from "../lib/run/live.ts";
import { type BackendName, openBackend } from "../lib/tensor/backend.ts";
import { tf } from "../lib/tensor/tf.ts";
import { startTorch, type Torch } from "./torch.ts";

const ROUNDS = 4;
const REPEATS = 3;
const BATCHES = [1, 8] as const;

/** One expert, ready to be timed. */
interface Subject {
  readonly name: string;
  readonly what: string;
  readonly run: (batch: number) => Promise<unknown>;
  readonly dispose: () => void;
}

/** Weights of the right size; norms and statistics as they start, the rest uniform. */
const randomWeights = <S>(schema: S): TensorsOf<S> =>
  mapParameters(
    schema,
    ({ shape, fill }: Parameter) =>
      "constant" in fill
        ? tf.fill([...shape], fill.constant)
        : tf.randomUniform([...shape], -1.7 * fill.normal, 1.7 * fill.normal, "float32", 1),
  );

const pixels = (batch: number, side: number): Pixels => ({
  shape: [batch, side, side, 3],
  data: uniforms(keyFromSeed(1), batch * side * side * 3),
});

const steps = (colours: Pick<Preprocess, "mean" | "deviation">): Preprocess => ({
  resize: null,
  rule: "bicubic",
  crop: null,
  scale: 1 / 255,
  ...colours,
});

const noTokenizer = { encode: () => [], decode: () => "", vocabularySize: 0, idOf: () => undefined };

function dinov2(): Subject {
  const config = {
    heads: 12,
    epsilon: 1e-6,
    activation: "gelu",
    width: 768,
    layers: 12,
    mlpWidth: 3072,
    patchSize: 14,
    gridSide: 37,
    registers: 0,
    antialias: false,
  } as const;
  const weights = randomWeights(dinov2Parameters(config));
  const expert = dinov2Expert({ config, weights, preprocess: steps(IMAGENET_COLOURS) });
  return {
    name: "dinov2",
    what: "DINOv2-base, 224 px",
    run: (batch) => expert.embedPixels(pixels(batch, 224)),
    dispose: expert.dispose,
  };
}

function clip(): Subject {
  const block = { epsilon: 1e-5, activation: "quick_gelu" } as const;
  const config = {
    vision: { ...block, heads: 12, width: 768, layers: 12, mlpWidth: 3072, patchSize: 32, gridSide: 7 },
    text: { ...block, heads: 8, width: 512, layers: 0, mlpWidth: 2048, vocabularySize: 1, positions: 77 },
    projection: 512,
  };
  const vision = randomWeights(clipVisionParameters(config));
  const affine = { weight: tf.zeros([512]), bias: tf.zeros([512]) };
  const text = {
    positions: tf.zeros([77, 512]),
    layers: [],
    norm: affine,
    projection: { weight: tf.zeros([512, 512]) },
  };
  const words = { rows: 0, width: 512, data: new Float32Array(0) };
  const expert = clipExpert({
    config,
    weights: { vision, text },
    words,
    tokenizer: noTokenizer,
    preprocess: steps(CLIP_COLOURS),
    endOfText: 2,
  });
  return {
    name: "clip",
    what: "CLIP ViT-B/32, 224 px",
    run: (batch) => expert.embedPixels(pixels(batch, 224)),
    dispose: expert.dispose,
  };
}

function ernie(): Subject {
  const config = {
    heads: 12,
    epsilon: 1e-5,
    activation: "gelu",
    width: 768,
    layers: 12,
    mlpWidth: 3072,
    vocabularySize: 40000,
    positions: 2048,
    tokenTypes: 4,
    taskTypes: 3,
    hasPooler: true,
  } as const;
  const data = uniforms(keyFromSeed(2), config.vocabularySize * config.width);
  const words = { rows: config.vocabularySize, width: config.width, data };
  const body = randomWeights(ernieBodyParameters(config));
  const expert = ernieExpert({ config, body, words, tokenizer: noTokenizer });
  const text = (row: number) => Array.from({ length: 32 }, (_, index) => (row * 997 + index * 31) % 40000);
  return {
    name: "ernie",
    what: "ERNIE-base, 32 tokens",
    run: (batch) => expert.embedIds(Array.from({ length: batch }, (_, row) => text(row)))({})(),
    dispose: expert.dispose,
  };
}

function facenet(): Subject {
  const config = inceptionSizes({ multiplier: 1, repeats: [5, 10, 5], embedding: 512 });
  const weights = randomWeights(inceptionParameters(config));
  const crop = { side: 160, margin: 32 };
  const expert = faceExpert({ weights, width: 512, crop, detect: () => Promise.resolve([]) });
  const face = solidImage(160, 160, [200, 150, 120]);
  return {
    name: "facenet",
    what: "InceptionResnetV1, 160 px",
    run: (batch) => expert.embedCrops(Array.from({ length: batch }, () => face))({})(),
    dispose: expert.dispose,
  };
}

async function bestOf(subject: Subject, batch: number, repeats: number): Promise<number> {
  let best = Infinity;
  for (let repeat = 0; repeat < repeats; repeat++) {
    const start = performance.now();
    await subject.run(batch);
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

async function compare(subject: Subject, batch: number, torch: Torch | null): Promise<string> {
  const kind = `${subject.name}_${batch}`;
  const first = await bestOf(subject, batch, 1);
  await torch?.best(kind, 1);
  let [ours, theirs] = [Infinity, Infinity];
  for (let round = 0; round < ROUNDS; round++) {
    ours = Math.min(ours, await bestOf(subject, batch, REPEATS));
    if (torch !== null) theirs = Math.min(theirs, await torch.best(kind, REPEATS));
  }
  const each = (milliseconds: number): string => `${(milliseconds / batch).toFixed(1)} ms`;
  const line = `${subject.what.padEnd(26)} batch ${batch}: ${each(ours)} each (first call ${
    (first / 1e3).toFixed(1)
  } s)`;
  return torch === null ? line : `${line}; torch ${each(theirs)}; ours / torch ${(ours / theirs).toFixed(2)}`;
}

if (import.meta.main) {
  const log = liveLog();
  const device = (Deno.args[0] ?? "auto") as "auto" | BackendName;
  const backend = await openBackend({ device })({ log })();
  if (E.isLeft(backend)) {
    log.warn(describe(backend.left));
    Deno.exit(1);
  }
  const torch = await startTorch("experts_torch.py");
  log.info(typeof torch === "string" ? `PyTorch: skipped, ${torch}` : torch.description);
  const other = typeof torch === "string" ? null : torch;
  for (const make of [dinov2, clip, ernie, facenet]) {
    const subject = make();
    for (const batch of BATCHES) log.info(await compare(subject, batch, other));
    subject.dispose();
  }
  await other?.stop();
}
