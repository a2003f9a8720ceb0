/**
 * Masked-token decoding of one picture, without the model: what is known, what is kept, what is masked again.
 *
 * All of it is plain data; the draws of a step depend on the candidate's key and the step alone.
 *
 * @module
 */
import { fold, type Key, uniforms } from "../core/key.ts";
import { annealed, maskedAfter, type StepOptions } from "./schedule.ts";

/** A picture between two steps: all that is needed to go on exactly. */
export interface DecodeState {
  /** `[N]` codes; −1 is unknown. */
  readonly codes: Int32Array;
  /** Index of the next step. */
  readonly step: number;
  /** T before that step cools it. */
  readonly temperature: number;
  /** The candidate's key. */
  readonly key: Key;
}

/** What one step did. */
export interface DecodeRecord {
  readonly step: number;
  /** Codes as the model saw them, `[N]`, −1 where unknown. */
  readonly state: Int32Array;
  /** A complete picture: the draw where unknown, else the known code. Decodable as it is. */
  readonly chosen: Int32Array;
  /** Log-prob of every chosen code under the guided distribution over the codes, known ones included. */
  readonly logps: Float32Array;
}

/** `exact`: pause and resume change nothing · `released`: the rollout of the public Sync-R1 code, with its oddities. */
export type DecodeCompat = "exact" | "released";

/** Steps and schedule of a decoding. */
export interface DecodeOptions extends StepOptions {
  /** Default `exact`. */
  readonly compat?: DecodeCompat;
}

/**
 * Starts a picture.
 *
 * @param options.key The candidate's key.
 * @param options.numTokens N.
 * @param options.temperature T₀ of the confidence noise; default 1.
 * @param options.codes Codes to keep, −1 where to draw (inpainting); default all unknown.
 * @returns The state before step 0.
 *
 * @example
 * ```ts
 * import { initialDecodeState } from "./decode_state.ts";
 * import { keyFromSeed } from "../core/key.ts";
 * import assert from "node:assert/strict";
 * const state = initialDecodeState({ key: keyFromSeed(1), numTokens: 3 });
 * assert.deepEqual([...state.codes], [-1, -1, -1]);
 * ```
 */
export function initialDecodeState(
  options: {
    readonly key: Key;
    readonly numTokens: number;
    readonly temperature?: number;
    readonly codes?: ArrayLike<number>;
  },
): DecodeState {
  const { key, numTokens, temperature = 1, codes } = options;
  return { codes: Int32Array.from(codes ?? new Int32Array(numTokens).fill(-1)), step: 0, temperature, key };
}

/**
 * Draws the uniforms that choose the codes of a step.
 *
 * @param state The state before the step.
 * @returns `[N]` in [0, 1).
 */
export function codeUniforms({ key, step, codes }: DecodeState): Float32Array {
  return uniforms(fold(fold(key, step), "codes"), codes.length);
}

const TINY = 1e-20;
/** Log of the largest 32-bit float: known codes rank above all unknown ones. */
const KNOWN = Math.log(3.4028234663852886e38);

const gumbel = (uniform: number): number => -Math.log(Math.max(-Math.log(Math.max(uniform, TINY)), TINY));

/** What decides which codes are masked again. */
export interface Confidence {
  /** Log-prob of the chosen code, `[N]`. */
  readonly logps: ArrayLike<number>;
  /** Whether each code was unknown before the step. */
  readonly unknown: readonly boolean[];
  /** Uniforms of the Gumbel noise, `[N]`. */
  readonly noise: ArrayLike<number>;
  /** T of this step. */
  readonly temperature: number;
  /** n, how many to mask. */
  readonly count: number;
}

/**
 * Ranks codes: `log q + T · G` with Gumbel noise G; q of a known code is the largest float.
 *
 * @returns `[N]`, higher stays.
 */
export function confidences(confidence: Omit<Confidence, "count">): number[] {
  const { logps, unknown, noise, temperature } = confidence;
  return unknown.map((isUnknown, n) => {
    const base = isUnknown ? Math.max(logps[n] as number, Math.log(TINY)) : KNOWN;
    return base + temperature * gumbel(noise[n] as number);
  });
}

/**
 * Picks the codes to mask again: those below the (n+1)-th smallest confidence.
 *
 * @returns `[N]`; exactly n are true, fewer if several share the cut-off.
 */
export function remasked(confidence: Confidence): readonly boolean[] {
  const ranks = confidences(confidence);
  const cutOff = [...ranks].sort((a, b) => a - b)[confidence.count] ?? Infinity;
  return ranks.map((rank) => rank < cutOff);
}

/**
 * Finishes a step after the model has chosen.
 *
 * @param state The state before the step.
 * @param choice Chosen codes and their log-probs, `[N]` each.
 * @param options Steps and schedule.
 * @returns The state after re-masking, and the record.
 *
 * Source: MaskGIT as in Show-o.
 */
export function settleStep(
  state: DecodeState,
  choice: { readonly chosen: Int32Array; readonly logps: Float32Array },
  options: StepOptions,
): { readonly state: DecodeState; readonly record: DecodeRecord } {
  const { codes, step, key } = state;
  const unknown = Array.from(codes, (code) => code < 0);
  const temperature = annealed(state.temperature, step, options.steps);
  const count = maskedAfter(step, {
    ...options,
    unknown: unknown.filter(Boolean).length,
    numTokens: codes.length,
  });
  const noise = uniforms(fold(fold(key, step), "noise"), codes.length);
  const again = remasked({ logps: choice.logps, unknown, noise, temperature, count });
  return {
    state: { codes: choice.chosen.map((code, n) => again[n] ? -1 : code), step: step + 1, temperature, key },
    record: { step, state: codes, ...choice },
  };
}

/**
 * What a decoding hands back when it stops: the picture, and the state to resume from.
 *
 * Under `released` a pause keeps the filled picture as its state, so that nothing is left to refine (oddity B), and the end
 * returns the re-masked state, whose one unknown code becomes the last of the codebook (oddity A).
 *
 * @param state The state after the last step that was done.
 * @param record That step.
 * @param options Steps, compat and codebook size.
 * @returns Complete codes, and the state.
 */
export function stopDecoding(
  state: DecodeState,
  record: DecodeRecord,
  options: DecodeOptions & { readonly codebookSize: number },
): { readonly codes: Int32Array; readonly state: DecodeState } {
  if (options.compat !== "released") return { codes: record.chosen, state };
  if (state.step < options.steps) return { codes: record.chosen, state: { ...state, codes: record.chosen } };
  return { codes: state.codes.map((code) => code < 0 ? options.codebookSize - 1 : code), state };
}
