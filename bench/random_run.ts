/**
 * A run on random weights: the real stages of an update, at any size.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { decodeConfig } from "../lib/config/load.ts";
import { describe, type PipelineError } from "../lib/core/error.ts";
import { solidImage } from "../lib/image/image.ts";
import { fold, type Key, keyFromSeed } from "../lib/core/key.ts";
import type { Stage } from "../lib/core/stage.ts";
import { liveBlobs } from "../lib/run/blobs.ts";
import { liveFiles, liveLog } from "../lib/run/live.ts";
import { loadConcept } from "../lib/concept/unifybench.ts";
import type { Concept } from "../lib/concept/concept.ts";
import type { HasFiles, HasLog } from "../lib/core/capability.ts";
import { initialConceptRows } from "../lib/showo/concept_rows.ts";
import type { ShowoConfig } from "../lib/showo/config.ts";
import { loadMagvit } from "../lib/showo/magvit_folder.ts";
import { showoModel, withConcept } from "../lib/showo/model.ts";
import { makeVocabulary } from "../lib/showo/vocabulary.ts";
import { initialShowoWeights } from "../lib/showo/weights.ts";
import { type PictureCodec, pictureCodec } from "../lib/method/picture_codec.ts";
import { loraConfigOf } from "../lib/method/policy.ts";
import type { Profile } from "../lib/method/profile.ts";
import { startState } from "../lib/training/run_training.ts";
import type { Runtime } from "../lib/method/runtime.ts";
import { TRAINING, type TrainingSettings } from "../lib/method/settings.ts";
import { sampleTask, type Task } from "../lib/method/task.ts";
import { tf } from "../lib/tensor/tf.ts";
import { disposeTree } from "../lib/tensor/tree.ts";
import type { HasBlobs } from "../lib/tensor/weight_source.ts";
import { CONCEPT_TOKENS, type UpdateSizes } from "./update_sizes.ts";

/** Pixels per code along one side, of the nano image tokenizer. */
const PIXELS = 8;
const KEY = keyFromSeed(1);

/** The value of a right; a failed benchmark says why and ends. */
export function valueOf<A>(checked: E.Either<PipelineError, A>): A {
  if (E.isLeft(checked)) throw new Error(describe(checked.left));
  return checked.right;
}

/** Runs a stage on this machine's files. */
export async function runStage<A>(stage: Stage<HasFiles & HasBlobs & HasLog, A>): Promise<A> {
  return valueOf(await stage({ files: liveFiles(), blobs: liveBlobs, log: liveLog() })());
}

/** The settings of `configs/nano.yaml` at other sizes. */
export function settingsOf(sizes: UpdateSizes): TrainingSettings {
  return valueOf(decodeConfig(TRAINING, {
    generation: { timesteps: sizes.timesteps, guidance_scale: sizes.guidance },
    reasoning: { max_new_tokens: sizes.answer, top_k: sizes.topK },
    dsog: { preview_step: Math.max(1, Math.round(sizes.timesteps / 5)) },
    rl: {
      num_generations: sizes.group,
      microbatch: sizes.microbatch,
      microbatch_steps: sizes.microbatchSteps,
      timesteps_per_update: sizes.updateSteps,
      image_token_scope: "all",
      trainable: sizes.trainable,
    },
  }));
}

const configOf = (sizes: UpdateSizes): ShowoConfig => ({
  width: sizes.width,
  heads: sizes.heads,
  layers: sizes.layers,
  mlpWidth: sizes.mlp,
  rotaryDims: sizes.width / sizes.heads / 2,
  ropeTheta: 10000,
  normEpsilon: 1e-5,
  numVqTokens: sizes.tokens,
  textBlock: sizes.block,
  vocabulary: makeVocabulary({ textSize: sizes.text, endOfText: sizes.text - 1, codebookSize: sizes.codes }),
});

/** The nano image tokenizer where it fits, else one that paints nothing. */
async function codecFor(
  sizes: UpdateSizes,
): Promise<{ readonly codec: PictureCodec; readonly real: boolean }> {
  const side = Math.sqrt(sizes.tokens);
  if (sizes.codes === 1024 && Number.isInteger(side)) {
    const magvit = await runStage(loadMagvit("assets/nano/image_tokenizer"));
    return { codec: pictureCodec(magvit, PIXELS * side), real: true };
  }
  const blank = solidImage(PIXELS, PIXELS);
  const codec: PictureCodec = {
    encode: (images) => images.map(() => new Int32Array(sizes.tokens)),
    decode: (codes) => codes.map(() => blank),
  };
  return { codec, real: false };
}

/** Ids that depend on the text; as many as asked for. */
const idsOf = (text: string, { text: words, question }: UpdateSizes): readonly number[] => {
  const start = [...text].reduce((sum, letter) => sum + (letter.codePointAt(0) as number), 0);
  return Array.from({ length: question }, (_, index) => (start + 7 * index) % (words - 1));
};

/** A run on random weights. */
export interface RandomRun {
  readonly runtime: Runtime;
  readonly settings: TrainingSettings;
  readonly concept: Concept;
  readonly task: Task;
  readonly state: ReturnType<typeof startState>;
  /** Whether pictures are decoded by a network. */
  readonly pictures: boolean;
  /** Keys of the candidates of an update. */
  readonly keys: (update: number, count: number) => readonly Key[];
}

/**
 * Makes a run.
 *
 * @param sizes Resolved sizes.
 * @returns The run; it lives as long as the process.
 */
export async function randomRun(sizes: UpdateSizes): Promise<RandomRun> {
  const plain = configOf(sizes);
  const rows = 1 + CONCEPT_TOKENS.semanticTokens + CONCEPT_TOKENS.generationTokens;
  const config = withConcept(plain, rows);
  const base = initialShowoWeights(fold(KEY, "weights"), plain);
  const startRows = tf.tidy(() => initialConceptRows(base, rows, plain));
  const { codec, real } = await codecFor(sizes);
  const settings = settingsOf(sizes);
  const concept = await runStage(loadConcept("assets/world", "mip"));
  const { textTemplate, plainPrompt } = settings.reasoning;
  const runtime: Runtime = {
    profile: { imageSize: PIXELS * Math.round(Math.sqrt(sizes.tokens)) } as Profile,
    naming: { token: concept.token, mentions: "first", ...CONCEPT_TOKENS },
    config,
    model: showoModel(config, { lora: loraConfigOf(settings) }),
    base,
    startRows,
    codec,
    blackCodes: new Int32Array(sizes.tokens),
    encodeText: (text) => idsOf(text, sizes),
    decodeText: (ids) => ids.map((id) => `w${id}`).join(" "),
    dispose: () => disposeTree([base, startRows]),
  };
  return {
    runtime,
    settings,
    concept,
    task: valueOf(sampleTask(KEY, concept, { reasoningMix: 0, textReasoning: textTemplate, plainPrompt })),
    state: startState({ runtime, settings }, startRows),
    pictures: real,
    keys: (update, count) => Array.from({ length: count }, (_, index) => fold(fold(KEY, update), index)),
  };
}
