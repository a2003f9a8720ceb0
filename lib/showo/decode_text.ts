/**
 * Writing answers token by token, many rows at once, with cached keys and values.
 *
 * Each prompt is encoded once, however many candidates continue it.
 *
 * @module
 */
import { fold, type Key, uniforms } from "../core/key.ts";
import { pick } from "../tensor/ops.ts";
import { tf } from "../tensor/tf.ts";
import { disposeTree } from "../tensor/tree.ts";
import { type Columns, headLogits, type HeadTables } from "./concept_rows.ts";
import { additive, maskTensor, mmuVisibility } from "./mask.ts";
import type { Policy, ShowoModel } from "./model.ts";
import {
  emptyBuffer,
  encodePrefix,
  type Prefix,
  type PrefixInput,
  textStep,
  type TokenInput,
} from "./prefix.ts";
import { categorical, keepTop } from "./sampling.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** A prompt and one key per candidate that continues it. */
export interface TextRequest {
  /** From `mmuPrompt`, at least two ids, unpadded; its last token comes after the picture. */
  readonly prompt: readonly number[];
  readonly keys: readonly Key[];
  /** Pads as for a prompt of this length: prompts of different lengths then share one compiled function. Default: its own. */
  readonly promptLength?: number | undefined;
}

/** One continuation. */
export interface TextSample {
  /** New ids, the stop token included. */
  readonly ids: readonly number[];
  /** Log-prob of each new id: log-softmax of all columns at the temperature, *before* top-k. */
  readonly logps: readonly number[];
  /** Whether it ended with the stop token. */
  readonly stopped: boolean;
}

/** Options of {@link textDecoder}. */
export interface TextDecoderOptions {
  readonly maxNewTokens: number;
  /** `text`: ids below F · `all`: the whole vocabulary, as the reference. Default `text`. */
  readonly columns?: "text" | "all";
  /** Draws from the k most likely only; 1 is greedy. Default: all. */
  readonly topK?: number;
  /** > 0; default 1. */
  readonly temperature?: number;
  /** The stop token; default the vocabulary's end of text. */
  readonly stopToken?: number;
}

/**
 * Continues prompts.
 *
 * @param requests The prompts; a sample depends on its prompt, key and policy alone.
 * @returns Per request one sample per key.
 */
export type WriteText = (
  policy: Policy,
  requests: readonly TextRequest[],
) => readonly (readonly TextSample[])[];

/** Distribution of the next token. */
export type TextDraw = {
  /** `[B]` in [0, 1). */
  readonly uniforms: tf.Tensor;
  /** A scalar. */
  readonly temperature: tf.Tensor;
};

/**
 * Draws the next token of each row.
 *
 * @param logits `[B, columns]`.
 * @param draw Uniforms and temperature.
 * @param topK How many of the most likely are candidates.
 * @returns Tokens `[B]` int32 and their log-probs `[B]` among all columns.
 */
export function drawTokens(
  logits: tf.Tensor,
  draw: TextDraw,
  topK: number = Infinity,
): { readonly tokens: tf.Tensor; readonly logps: tf.Tensor } {
  const cooled = tf.div(logits, draw.temperature);
  const tokens = categorical(tf.softmax(keepTop(cooled, topK)), draw.uniforms);
  return { tokens, logps: pick(tf.logSoftmax(cooled), tokens) };
}

/** Prompts are padded to a multiple of this. */
const PROMPT_BUCKET = 64;

/**
 * Rounds a prompt's length up, so that few lengths are compiled: questions of a concept differ in length, and padding that
 * nothing attends to costs little beside the picture's tokens.
 *
 * @param length Tokens of the longest prompt.
 * @returns The length to pad to.
 *
 * @example
 * ```ts
 * import { paddedLength } from "./decode_text.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual([1, 64, 98].map(paddedLength), [64, 64, 128]);
 * ```
 */
export function paddedLength(length: number): number {
  return Math.ceil(length / PROMPT_BUCKET) * PROMPT_BUCKET;
}

/**
 * Makes the tensors of prompts about pictures, padded on the right.
 *
 * @param options.length The length to pad to.
 * @returns Fresh tensors.
 */
export function mmuPrefixInput(
  prompts: readonly (readonly number[])[],
  options: { readonly vocabulary: Vocabulary; readonly length: number },
): PrefixInput {
  const { vocabulary, length } = options;
  const padded = prompts.map((prompt) => [
    ...prompt,
    ...Array<number>(length - prompt.length).fill(vocabulary.special["[PAD]"]),
  ]);
  const real = prompts.flatMap((prompt) => Array.from({ length }, (_, at) => at < prompt.length ? 1 : 0));
  return {
    ids: tf.tensor2d(Int32Array.from(padded.flat()), [prompts.length, length], "int32"),
    mask: maskTensor(padded.map((ids) => mmuVisibility(vocabulary, ids))),
    keyMask: tf.tensor4d(additive(real), [prompts.length, 1, 1, length]),
  };
}

/**
 * Makes the text decoder of a model: compiled functions are kept for all later calls.
 *
 * @param options Length, range, top-k, temperature.
 *
 * Source: Show-o's mmu_generate.
 */
export function textDecoder(model: ShowoModel, options: TextDecoderOptions): WriteText {
  const columns: Columns = options.columns ?? "text";
  const { vocabulary } = model.config;
  const encode = model.whole(
    "text prompts",
    (policy: Policy, input: PrefixInput) => encodePrefix(policy, input, model),
  );
  const draw = model.part(
    "text token",
    (tables: HeadTables, input: TextDraw & { readonly hidden: tf.Tensor }) =>
      drawTokens(headLogits(tables, input.hidden, { columns, vocabulary }), input, options.topK),
  );
  const step = model.whole(
    "text step",
    (policy: Policy, { uniforms, temperature, ...input }: TokenInput & TextDraw) => {
      const { hidden, buffer } = textStep(policy, input, model);
      const tables = { base: { head: policy.base.head }, rows: policy.rows };
      return { ...draw(tables, { hidden, uniforms, temperature }), buffer };
    },
  );
  return (policy, requests) => {
    const rows = rowsOf(requests);
    if (rows.length === 0) return requests.map(() => []);
    const samples = model.sampled(
      policy,
      (merged) =>
        writeRows({ policy: merged, rows, prompts: promptsOf(requests), longest: longestOf(requests) }, {
          encode,
          step,
          model,
          options,
        }),
    );
    let next = 0;
    return requests.map(({ keys }) => samples.slice(next, next += keys.length));
  };
}

interface Row {
  readonly prompt: readonly number[];
  readonly key: Key;
}

const rowsOf = (requests: readonly TextRequest[]): readonly Row[] =>
  requests.flatMap(({ prompt, keys }) => keys.map((key) => ({ prompt, key })));

/** One prompt per request where all have the same number of candidates, else one per candidate. */
function promptsOf(requests: readonly TextRequest[]): readonly (readonly number[])[] {
  const even = requests.every(({ keys }) => keys.length === requests[0]?.keys.length);
  return even ? requests.map(({ prompt }) => prompt) : rowsOf(requests).map(({ prompt }) => prompt);
}

const longestOf = (requests: readonly TextRequest[]): number =>
  Math.max(...requests.map(({ prompt, promptLength = 0 }) => Math.max(prompt.length, promptLength)));

interface Work {
  readonly policy: Policy;
  /** Tokens of the longest prompt, its last one included. */
  readonly longest: number;
  readonly rows: readonly Row[];
  readonly prompts: readonly (readonly number[])[];
}

interface Device {
  readonly encode: (policy: Policy, input: PrefixInput) => Prefix;
  readonly step: (
    policy: Policy,
    input: TokenInput & TextDraw,
  ) => { readonly tokens: tf.Tensor; readonly logps: tf.Tensor; readonly buffer: TokenInput["buffer"] };
  readonly model: ShowoModel;
  readonly options: TextDecoderOptions;
}

interface Written {
  readonly ids: number[];
  readonly logps: number[];
  stopped: boolean;
}

/** All but the last token of a prompt are its prefix; the last is the first token that is fed. */
function writeRows({ policy, rows, prompts, longest }: Work, device: Device): readonly TextSample[] {
  const { model, options, encode } = device;
  const { vocabulary } = model.config;
  const stopToken = options.stopToken ?? vocabulary.endOfText;
  const input = mmuPrefixInput(prompts.map((prompt) => prompt.slice(0, -1)), {
    vocabulary,
    length: paddedLength(longest - 1),
  });
  const shared = {
    prefix: encode(policy, input),
    lengths: tf.tensor1d(rows.map(({ prompt }) => prompt.length - 1)),
    temperature: tf.scalar(options.temperature ?? 1),
  };
  disposeTree(input);
  const written = rows.map((): Written => ({ ids: [], logps: [], stopped: false }));
  let buffer = emptyBuffer(rows.length, options.maxNewTokens, model);
  let fed = rows.map(({ prompt }) => prompt[prompt.length - 1] as number);
  for (let index = 0; index < options.maxNewTokens && written.some(({ stopped }) => !stopped); index++) {
    const draws = Float32Array.from(rows, ({ key }) => uniforms(fold(key, index), 1)[0] as number);
    const inputs = {
      ids: tf.tensor1d(fed, "int32"),
      step: tf.scalar(index, "int32"),
      uniforms: tf.tensor1d(draws),
    };
    const next = device.step(policy, { ...shared, ...inputs, buffer });
    fed = take(next, written, stopToken);
    disposeTree([inputs, buffer, next.tokens, next.logps]);
    buffer = next.buffer;
  }
  disposeTree([shared, buffer]);
  return written;
}

/** Appends the drawn tokens to the rows that go on; returns what to feed next. */
function take(
  drawn: { readonly tokens: tf.Tensor; readonly logps: tf.Tensor },
  written: readonly Written[],
  stopToken: number,
): number[] {
  const tokens = Array.from(drawn.tokens.dataSync());
  const logps = drawn.logps.dataSync();
  written.forEach((row, index) => {
    if (row.stopped) return;
    row.ids.push(tokens[index] as number);
    row.logps.push(logps[index] as number);
    row.stopped = tokens[index] === stopToken;
  });
  return tokens;
}
