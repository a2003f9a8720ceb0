/**
 * Masked-token decoding of many pictures at once: the model on the device, the decisions in `decode_state.ts`.
 *
 * Prompts are encoded once; a step is one call that returns chosen codes and their log-probs.
 *
 * @module
 */
import { pick } from "../tensor/ops.ts";
import { tf } from "../tensor/tf.ts";
import { disposeTree } from "../tensor/tree.ts";
import type { HeadTables } from "./concept_rows.ts";
import {
  codeUniforms,
  type DecodeOptions,
  type DecodeRecord,
  type DecodeState,
  settleStep,
  stopDecoding,
} from "./decode_state.ts";
import { encodeImagePrompts, type GuidedInput, guidedLogits, imageHidden, imagePrompts } from "./guidance.ts";
import type { Policy, ShowoModel } from "./model.ts";
import type { PrefixInput } from "./prefix.ts";
import { categorical, mostLikely } from "./sampling.ts";

/** A picture to decode. */
export interface ImageCandidate {
  /** `textBlock` ids from `t2iPrompt`. */
  readonly prompt: readonly number[];
  /** Where it stands: a fresh state or that of a pause. */
  readonly state: DecodeState;
}

/** A picture that was decoded up to some step. */
export interface DecodedImage {
  /** Complete codes `[N]`: the picture at the end, the preview at a pause, drawn or most likely. */
  readonly codes: Int32Array;
  /** Resume from here. */
  readonly state: DecodeState;
  /** The steps done in this call. */
  readonly records: readonly DecodeRecord[];
}

/** Options of {@link imageDecoder}. */
export interface ImageDecoderOptions extends DecodeOptions {
  /** s ≥ 0; 0 runs the conditional branch alone. */
  readonly guidance: number;
  /** Rows per device call: the last batch is filled up, so that one compiled function serves all. Default: all at once. */
  readonly batchSize?: number;
  /**
   * What a pause shows where codes are not settled: those `sampled` by its last step (default), or at that step the most `likely`
   * ones. What is drawn afterwards is the same.
   */
  readonly preview?: "sampled" | "likely";
}

/**
 * Decodes candidates from their states.
 *
 * A candidate's result depends on its prompt, state and policy alone, not on the others beside it.
 *
 * @param until How many steps shall be done in total; fewer than all is a pause. Default: all.
 * @returns One result per candidate, in order.
 */
export type DecodeImages = (
  policy: Policy,
  candidates: readonly ImageCandidate[],
  until?: number,
) => readonly DecodedImage[];

/** A step as tensors. */
export type ImageStepInput = GuidedInput & {
  /** `[B, N]` in [0, 1). */
  readonly uniforms: tf.Tensor;
};

/** Chosen codes int32 and their log-probs, and on demand the codes with the most likely in place of the drawn; `[B, N]` each. */
export type ImageChoice = {
  readonly chosen: tf.Tensor;
  readonly logps: tf.Tensor;
  readonly likely?: tf.Tensor;
};

/**
 * Chooses codes from hidden states: draws the unknown ones, keeps the known ones.
 *
 * @param input Hidden states, codes, uniforms, guidance.
 * @param options.likely Whether the most likely codes are told, too; default false.
 * @returns Codes and log-probs under the guided distribution.
 */
export function chooseCodes(
  tables: HeadTables,
  input: Omit<ImageStepInput, "prefix"> & { readonly hidden: tf.Tensor },
  model: ShowoModel,
  { likely = false }: { readonly likely?: boolean } = {},
): ImageChoice {
  const { codes } = input;
  const { vocabulary } = model.config;
  const [batch, tokens] = codes.shape as [number, number];
  const logps = tf.logSoftmax(guidedLogits(tables, input, { vocabulary }));
  const flat = tf.reshape(tf.exp(logps), [batch * tokens, vocabulary.codebookSize]);
  const drawn = tf.reshape(categorical(flat, tf.reshape(input.uniforms, [-1])), [batch, tokens]);
  const unknown = tf.cast(tf.less(codes, tf.scalar(0, "int32")), "int32");
  const kept = tf.sub(tf.scalar(1, "int32"), unknown);
  const settled = (found: tf.Tensor): tf.Tensor => tf.add(tf.mul(found, unknown), tf.mul(codes, kept));
  const chosen = settled(drawn);
  return { chosen, logps: pick(logps, chosen), ...(likely ? { likely: settled(mostLikely(logps)) } : {}) };
}

/**
 * Makes the decoder of a model: compiled functions are kept for all later calls.
 *
 * @param options Steps, schedule, guidance, batch size.
 */
export function imageDecoder(model: ShowoModel, options: ImageDecoderOptions): DecodeImages {
  const encode = model.whole(
    "image prompts",
    (policy: Policy, prompts: PrefixInput) =>
      encodeImagePrompts(policy, prompts, { guided: options.guidance > 0, model }),
  );
  const choose = model.part(
    "image codes",
    (tables: HeadTables, input: Omit<ImageStepInput, "prefix"> & { readonly hidden: tf.Tensor }) =>
      chooseCodes(tables, input, model, { likely: options.preview === "likely" }),
  );
  const step = model.whole("image step", (policy: Policy, input: ImageStepInput) => {
    const { codes, uniforms, guidance } = input;
    const hidden = imageHidden(policy, input, model);
    return choose({ base: { head: policy.base.head }, rows: policy.rows }, {
      hidden,
      codes,
      uniforms,
      guidance,
    });
  });
  return (policy, candidates, until = options.steps) => {
    const size = options.batchSize ?? Math.max(1, candidates.length);
    const batches = Array.from(
      { length: Math.ceil(candidates.length / size) },
      (_, index) => candidates.slice(index * size, (index + 1) * size),
    );
    return model.sampled(
      policy,
      (merged) =>
        batches.flatMap((batch) =>
          decodeBatch({ policy: merged, batch, size, until }, { encode, step, model, options })
        ),
    );
  };
}

interface Batch {
  readonly policy: Policy;
  readonly batch: readonly ImageCandidate[];
  readonly size: number;
  readonly until: number;
}

interface Device {
  readonly encode: (policy: Policy, prompts: PrefixInput) => GuidedInput["prefix"];
  readonly step: (policy: Policy, input: ImageStepInput) => ImageChoice;
  readonly model: ShowoModel;
  readonly options: ImageDecoderOptions;
}

interface Running {
  readonly state: DecodeState;
  readonly records: readonly DecodeRecord[];
  /** Settled codes, and the most likely ones of the last step elsewhere; absent unless asked for. */
  readonly likely?: Int32Array;
}

/** What a step has read back. */
interface ReadChoice {
  readonly chosen: Int32Array;
  readonly logps: Float32Array;
  readonly likely?: Int32Array;
}

function decodeBatch({ policy, batch, size, until }: Batch, device: Device): readonly DecodedImage[] {
  const { model, options, encode } = device;
  const filled = Array.from({ length: size }, (_, row) => batch[row] ?? batch[0] as ImageCandidate);
  const guided = options.guidance > 0;
  const prompts = imagePrompts(filled.map(({ prompt }) => prompt), { guided, model });
  const prefix = encode(policy, prompts);
  disposeTree(prompts);
  const guidance = guided ? tf.scalar(options.guidance) : undefined;
  let running: readonly Running[] = filled.map(({ state }) => ({ state, records: [] }));
  while (running.some(({ state }) => state.step < until)) {
    const choices = chooseAll(policy, running, { device, prefix, guidance });
    running = running.map((row, index) =>
      row.state.step >= until ? row : advance(row, choices, { index, options })
    );
  }
  disposeTree([prefix, ...(guidance === undefined ? [] : [guidance])]);
  const { codebookSize } = model.config.vocabulary;
  return running.slice(0, batch.length).map(({ state, records, likely }) => {
    const last = records[records.length - 1];
    if (last === undefined) return { codes: state.codes, state, records };
    const stopped = { ...stopDecoding(state, last, { ...options, codebookSize }), records };
    return likely === undefined || state.step >= options.steps ? stopped : { ...stopped, codes: likely };
  });
}

/** One device call; the only read-back of a step. */
function chooseAll(
  policy: Policy,
  running: readonly Running[],
  { device, ...input }: Pick<GuidedInput, "prefix" | "guidance"> & { readonly device: Device },
): ReadChoice {
  const shape: [number, number] = [running.length, running[0]?.state.codes.length ?? 0];
  const codes = tf.tensor2d(
    Int32Array.from(running.flatMap(({ state }) => [...state.codes])),
    shape,
    "int32",
  );
  const uniforms = tf.tensor2d(
    Float32Array.from(running.flatMap(({ state }) => [...codeUniforms(state)])),
    shape,
  );
  const choice = device.step(policy, { ...input, codes, uniforms });
  const read = {
    chosen: choice.chosen.dataSync() as Int32Array,
    logps: choice.logps.dataSync() as Float32Array,
    ...(choice.likely === undefined ? {} : { likely: choice.likely.dataSync() as Int32Array }),
  };
  disposeTree([choice, codes, uniforms]);
  return read;
}

function advance(
  row: Running,
  choices: ReadChoice,
  { index, options }: { readonly index: number; readonly options: ImageDecoderOptions },
): Running {
  const tokens = row.state.codes.length;
  const [from, to] = [index * tokens, (index + 1) * tokens];
  const choice = { chosen: choices.chosen.slice(from, to), logps: choices.logps.slice(from, to) };
  const { state, record } = settleStep(row.state, choice, options);
  const likely = choices.likely?.slice(from, to);
  return { state, records: [...row.records, record], ...(likely === undefined ? {} : { likely }) };
}
