/**
 * One transformer layer: attention and feed-forward side by side on one normalised input.
 *
 * `x ← x + Attn(LN(x)) + MLP(LN(x))`; queries and keys are normalised per head, then half of each head is rotated.
 *
 * @module
 */
import { geluTanh, layerNorm } from "../tensor/ops.ts";
import { tf } from "../tensor/tf.ts";
import type { ShowoConfig } from "./config.ts";
import { type LoraLayer, type LoraPart, updatedLinears } from "./lora.ts";
import type { LayerWeights } from "./weights.ts";

/** Keys and values of some tokens in one layer, `[batch, H, tokens, head width]` each. */
export type KeysValues = { readonly keys: tf.Tensor; readonly values: tf.Tensor };

/** Cosines and sines of the positions, `[B or 1, 1, L, rotary dims / 2]`. */
export type Rotary = { readonly cos: tf.Tensor; readonly sin: tf.Tensor };

/** Tokens that all rows of a group see; rows `g·B/p … (g+1)·B/p − 1` belong to prefix g of p. */
export type LayerPrefix = KeysValues & {
  /** Additive, `[p, 1, 1, prefix tokens]`. */
  readonly mask: tf.Tensor;
};

/** Earlier tokens of the same row in a buffer of fixed size; the present token goes to `slot`. */
export type LayerBuffer = KeysValues & {
  /** One-hot, `[1, 1, buffer, 1]`. */
  readonly slot: tf.Tensor;
};

/** What a layer needs besides its input and weights. */
export type BlockContext = {
  readonly rotary: Rotary;
  /** Additive over the row's own tokens (or its buffer), `[B or 1, 1, L, keys]`; absent: all are visible. */
  readonly mask?: tf.Tensor | undefined;
  readonly prefix?: LayerPrefix | undefined;
  readonly buffer?: LayerBuffer | undefined;
};

/** Weights of a layer and their update. */
export type LayerPolicy = { readonly weights: LayerWeights; readonly lora?: LoraLayer | undefined };

/** The next hidden states, and the keys and values of these tokens (or the whole buffer). */
export type BlockOutput = { readonly x: tf.Tensor; readonly own: KeysValues };

/** What a layer computes of each token by itself, `[..., D]` each. */
export type Projected = {
  /** Normalised per head, not yet rotated. */
  readonly queries: tf.Tensor;
  readonly keys: tf.Tensor;
  readonly values: tf.Tensor;
  /** `x + MLP(LN(x))`: all but attention. */
  readonly rest: tf.Tensor;
};

/** One layer as a function, of hidden states or of what it makes of each of them by itself. */
export type Block = (x: tf.Tensor | Projected, layer: LayerPolicy, context: BlockContext) => BlockOutput;

/** The part of a layer that looks at one token at a time. */
export type Projection = (x: tf.Tensor, layer: LayerPolicy) => Projected;

/**
 * Computes the rotary tables of positions: angle `p · θ^(−2j/r)`.
 *
 * @param positions `[L]` or `[B, L]`, float32.
 * @param config θ and r.
 * @returns Cosines and sines.
 */
export function rotaryTables(positions: tf.Tensor, config: ShowoConfig): Rotary {
  const half = config.rotaryDims / 2;
  const rates = Array.from({ length: half }, (_, j) => config.ropeTheta ** (-j / half));
  const length = positions.shape[positions.rank - 1] as number;
  const angles = tf.mul(tf.reshape(positions, [-1, 1, length, 1]), tf.tensor1d(rates));
  return { cos: tf.cos(angles), sin: tf.sin(angles) };
}

/** Rotates dims j and j + r/2 of each head; the rest pass through. `x` is `[B, H, L, head width]`. */
function rotated(x: tf.Tensor, { cos, sin }: Rotary): tf.Tensor {
  const half = cos.shape[3] as number;
  const rest = (x.shape[3] as number) - 2 * half;
  const [a, b, ...tail] = tf.split(x, rest === 0 ? [half, half] : [half, half, rest], 3) as [
    tf.Tensor,
    tf.Tensor,
    ...tf.Tensor[],
  ];
  const first = tf.sub(tf.mul(a, cos), tf.mul(b, sin));
  const second = tf.add(tf.mul(b, cos), tf.mul(a, sin));
  return tf.concat([first, second, ...tail], 3);
}

/** `[B, H, L, d]` → `[p, H, B/p · L, d]`: the rows of a group side by side. */
function grouped(x: tf.Tensor, groups: number): tf.Tensor4D {
  const [batch, heads, length, width] = x.shape as [number, number, number, number];
  if (groups === batch) return x as tf.Tensor4D;
  const each = batch / groups;
  const split = tf.transpose(tf.reshape(x, [groups, each, heads, length * width]), [0, 2, 1, 3]);
  return tf.reshape(split, [groups, heads, each * length, width]);
}

/** The inverse of {@link grouped}. */
function ungrouped(x: tf.Tensor, batch: number): tf.Tensor4D {
  const [groups, heads, rows, width] = x.shape as [number, number, number, number];
  if (groups === batch) return x as tf.Tensor4D;
  const each = batch / groups;
  const split = tf.transpose(tf.reshape(x, [groups, heads, each, (rows / each) * width]), [0, 2, 1, 3]);
  return tf.reshape(split, [batch, heads, rows / each, width]);
}

/** Attention over a shared prefix (if any) and the row's own tokens, under one softmax. */
function attend(q: tf.Tensor, own: KeysValues, { mask, prefix }: BlockContext): tf.Tensor {
  const scaled = tf.mul(q, (q.shape[3] as number) ** -0.5);
  const plain = tf.matMul(scaled as tf.Tensor4D, own.keys as tf.Tensor4D, false, true);
  const scores = mask === undefined ? plain : tf.add(plain, mask);
  if (prefix === undefined) return tf.matMul(tf.softmax(scores) as tf.Tensor4D, own.values as tf.Tensor4D);
  const batch = q.shape[0] as number;
  const [groups, , prefixLength] = prefix.keys.shape as [number, number, number];
  const shared = tf.matMul(grouped(scaled, groups), prefix.keys as tf.Tensor4D, false, true);
  const sharedScores = ungrouped(tf.add(shared, prefix.mask), batch);
  const weights = tf.softmax(tf.concat([sharedScores, scores], 3)); // [B, H, L, prefix + own]
  const ownLength = scores.shape[3] as number;
  const [onPrefix, onOwn] = tf.split(weights, [prefixLength, ownLength], 3) as [tf.Tensor, tf.Tensor];
  const fromPrefix = tf.matMul(grouped(onPrefix, groups), prefix.values as tf.Tensor4D);
  return tf.add(ungrouped(fromPrefix, batch), tf.matMul(onOwn as tf.Tensor4D, own.values as tf.Tensor4D));
}

const written = (buffer: tf.Tensor, slot: tf.Tensor, present: tf.Tensor): tf.Tensor =>
  tf.add(tf.mul(buffer, tf.sub(1, slot)), tf.mul(present, slot));

/**
 * Makes the layer function of a model. It has gradients for everything but the buffer's slot.
 *
 * @param loraScale α / r.
 * @returns The layer; `x` is `[B, L, D]`.
 *
 * Source: Phi-1.5 with query-key norms.
 */
export function makeBlock(config: ShowoConfig, loraScale: number): Block {
  const block = layer(config, loraScale);
  // Frees what is inside a layer, where no gradient needs it: while a function is traced, that is most of the memory.
  return (...call) =>
    tf.tidy(() => block(...call) as unknown as tf.TensorContainer) as unknown as BlockOutput;
}

/**
 * Makes the part of the layer function that looks at one token at a time.
 *
 * @param loraScale α / r.
 * @returns The function; `x` is `[..., D]`.
 */
export function makeProjection({ heads, width, normEpsilon }: ShowoConfig, loraScale: number): Projection {
  return (x, { weights, lora }) => {
    const apply = (input: tf.Tensor, ...parts: readonly LoraPart[]): readonly tf.Tensor[] =>
      updatedLinears(input, parts.map((part) => ({ layer: weights[part], pair: lora?.[part] })), loraScale);
    const perHead = (y: tf.Tensor, norm: LayerWeights["norm"]): tf.Tensor => {
      const split = tf.reshape(y, [...y.shape.slice(0, -1), heads, width / heads]);
      return tf.reshape(layerNorm(split, norm, normEpsilon), y.shape);
    };
    const h = layerNorm(x, weights.norm, normEpsilon);
    const [q, k, values, up] = apply(h, "q", "k", "v", "fc1") as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
    const [down] = apply(geluTanh(up), "fc2") as [tf.Tensor];
    return {
      queries: perHead(q, weights.qNorm),
      keys: perHead(k, weights.kNorm),
      values,
      rest: tf.add(x, down),
    };
  };
}

function layer(config: ShowoConfig, loraScale: number): Block {
  const { heads, width } = config;
  const project = makeProjection(config, loraScale);
  return (x, { weights, lora }, context) => {
    const { queries, keys, values, rest } = x instanceof tf.Tensor ? project(x, { weights, lora }) : x;
    const [batch, length] = rest.shape as [number, number];
    const byHead = (y: tf.Tensor): tf.Tensor =>
      tf.transpose(tf.reshape(y, [batch, length, heads, width / heads]), [0, 2, 1, 3]);
    const present = { keys: rotated(byHead(keys), context.rotary), values: byHead(values) };
    const own = context.buffer === undefined ? present : {
      keys: written(context.buffer.keys, context.buffer.slot, present.keys),
      values: written(context.buffer.values, context.buffer.slot, present.values),
    };
    const mixed = attend(rotated(byHead(queries), context.rotary), own, context); // [B, H, L, d]
    const joined = tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [batch, length, width]);
    const dense = { layer: weights.dense, pair: lora?.dense };
    const [attention] = updatedLinears(joined, [dense], loraScale) as [tf.Tensor];
    return { x: tf.add(rest, attention), own };
  };
}

/**
 * Puts what a layer makes of single tokens side by side: one table to look up in.
 *
 * @param projected `[n, D]` each.
 * @returns `[n, 4 D]`.
 */
export function packed({ queries, keys, values, rest }: Projected): tf.Tensor {
  return tf.concat([queries, keys, values, rest], 1);
}

/**
 * Takes apart what was looked up in a {@link packed} table.
 *
 * @param rows `[..., 4 D]`.
 * @returns `[..., D]` each.
 */
export function unpacked(rows: tf.Tensor): Projected {
  const [queries, keys, values, rest] = tf.split(rows, 4, rows.rank - 1) as [
    tf.Tensor,
    tf.Tensor,
    tf.Tensor,
    tf.Tensor,
  ];
  return { queries, keys, values, rest };
}
