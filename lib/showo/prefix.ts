/**
 * Prompts computed once: keys and values of a prefix, and forwards of what follows it.
 *
 * Exact, not an approximation: a prompt never sees what comes after it. Everything here is differentiable.
 *
 * @module
 */
import { tf } from "../tensor/tf.ts";
import {
  type BlockContext,
  type KeysValues,
  type LayerPrefix,
  type Projected,
  rotaryTables,
} from "./attention.ts";
import { HIDDEN } from "./mask.ts";
import type { Policy, ShowoModel } from "./model.ts";
import { runLayers } from "./transformer.ts";

/** Keys and values of p prompts in every layer, `[p, H, P, head width]`, and which of the P tokens are real. */
export type Prefix = {
  readonly layers: readonly KeysValues[];
  /** Additive, `[p, 1, 1, P]`. */
  readonly mask: tf.Tensor;
};

/** Prompts to encode. */
export type PrefixInput = {
  /** `[p, P]` int32, padded on either side. */
  readonly ids: tf.Tensor;
  /** Additive between the prompt's tokens, `[p, 1, P, P]`. */
  readonly mask: tf.Tensor;
  /** Additive, hides the padding from what follows, `[p, 1, 1, P]`. */
  readonly keyMask: tf.Tensor;
};

/** Rows that follow a prefix. */
export type SuffixInput = {
  /** `[B, L]` int32; B is a multiple of p, rows `g·B/p …` follow prompt g. */
  readonly ids: tf.Tensor;
  /** `[L]` or `[B, L]` float32: positions in the whole sequence. */
  readonly positions: tf.Tensor;
  /** Additive among the L tokens, `[B or 1, 1, L, L]`; absent: all see each other. */
  readonly mask?: tf.Tensor | undefined;
  /** What the first layer makes of each of these tokens by itself, where it is known. */
  readonly first?: Projected | undefined;
};

/** Keys and values of generated tokens in every layer, `[B, H, M, head width]`. */
export type TextBuffer = readonly KeysValues[];

/**
 * Encodes prompts; token i of the P is at position i, padding included.
 *
 * @param model Sizes and layer function.
 * @returns Keys and values.
 */
export function encodePrefix(policy: Policy, input: PrefixInput, model: ShowoModel): Prefix {
  const rotary = rotaryTables(tf.range(0, input.ids.shape[1] as number), model.config);
  const { caches } = runLayers(policy, input.ids, { model, context: () => ({ rotary, mask: input.mask }) });
  return { layers: caches, mask: tf.clone(input.keyMask) };
}

/**
 * Repeats the last prompt of a prefix, so that as many rows can follow it as follow all others together.
 *
 * @param prefix Keys and values of several prompts.
 * @param times How often the last one shall be there.
 * @returns The other prompts, then the copies; the prefix itself if one is enough.
 */
export function repeatLast(prefix: Prefix, times: number): Prefix {
  if (times === 1) return prefix;
  const repeat = (x: tf.Tensor): tf.Tensor => {
    const [others, last] = tf.split(x, [(x.shape[0] as number) - 1, 1], 0) as [tf.Tensor, tf.Tensor];
    return tf.concat([others, tf.tile(last, [times, 1, 1, 1])], 0);
  };
  return {
    layers: prefix.layers.map(({ keys, values }) => ({ keys: repeat(keys), values: repeat(values) })),
    mask: repeat(prefix.mask),
  };
}

const layerPrefix = ({ layers, mask }: Prefix, layer: number): LayerPrefix => ({
  ...layers[layer] as KeysValues,
  mask,
});

/**
 * Runs rows that see a prefix and themselves.
 *
 * @param input The rows and their {@link Prefix}.
 * @param model Sizes and layer function.
 * @returns Final hidden states `[B, L, D]`.
 */
export function forwardWithPrefix(
  policy: Policy,
  input: SuffixInput & { readonly prefix: Prefix },
  model: ShowoModel,
): tf.Tensor {
  const rotary = rotaryTables(input.positions, model.config);
  const context = (layer: number): BlockContext => ({
    rotary,
    mask: input.mask,
    prefix: layerPrefix(input.prefix, layer),
  });
  const { states } = runLayers(policy, input.ids, { model, context, first: input.first });
  return states[states.length - 1] as tf.Tensor;
}

/**
 * Makes an empty buffer for generated tokens.
 *
 * @param rows B.
 * @param capacity M, the most tokens that can be fed.
 * @returns Zeros.
 */
export function emptyBuffer(rows: number, capacity: number, model: ShowoModel): TextBuffer {
  const { heads, width, layers } = model.config;
  const shape: [number, number, number, number] = [rows, heads, capacity, width / heads];
  return Array.from({ length: layers }, () => ({ keys: tf.zeros(shape), values: tf.zeros(shape) }));
}

/** One token per row. */
export type TokenInput = {
  /** `[B]` int32. */
  readonly ids: tf.Tensor;
  /** How many tokens were fed before, a scalar int32: the slot in the buffer. */
  readonly step: tf.Tensor;
  /** Real length of each row's prompt, `[B]` float32: the token's position is `length + step`. */
  readonly lengths: tf.Tensor;
  readonly prefix: Prefix;
  readonly buffer: TextBuffer;
};

/**
 * Feeds one token per row. Step and lengths are tensors, so one compiled function serves all positions.
 *
 * Padding of the prompts must be on the right or not there: positions follow the real length.
 *
 * @param input The tokens and everything before them.
 * @param model Sizes and layer function.
 * @returns Final hidden states `[B, D]` and the next buffer.
 */
export function textStep(
  policy: Policy,
  input: TokenInput,
  model: ShowoModel,
): { readonly hidden: tf.Tensor; readonly buffer: TextBuffer } {
  const { ids, step, lengths, prefix, buffer } = input;
  const rows = ids.shape[0] as number;
  const capacity = buffer[0]?.keys.shape[2] as number;
  const slots = tf.range(0, capacity, 1, "int32");
  const slot = tf.reshape(tf.cast(tf.equal(slots, step), "float32"), [1, 1, capacity, 1]);
  const seen = tf.cast(tf.lessEqual(slots, step), "float32");
  const mask = tf.mul(tf.reshape(tf.sub(1, seen), [1, 1, 1, capacity]), HIDDEN);
  const positions = tf.reshape(tf.add(lengths, tf.cast(step, "float32")), [rows, 1]);
  const rotary = rotaryTables(positions, model.config);
  const context = (layer: number): BlockContext => ({
    rotary,
    mask,
    prefix: layerPrefix(prefix, layer),
    buffer: { ...buffer[layer] as KeysValues, slot },
  });
  const { states, caches } = runLayers(policy, tf.reshape(ids, [rows, 1]), { model, context });
  return {
    hidden: tf.reshape(states[states.length - 1] as tf.Tensor, [rows, model.config.width]),
    buffer: caches,
  };
}
