/**
 * The unified transformer: ids and a mask in, hidden states and logits out.
 *
 * Plain tensor code without compilation of its own: callers wrap what they need in `jit`, gradients included.
 *
 * @module
 */
import { layerNorm } from "../tensor/ops.ts";
import { tf } from "../tensor/tf.ts";
import {
  type BlockContext,
  type KeysValues,
  type LayerPolicy,
  type Projected,
  rotaryTables,
} from "./attention.ts";
import { type Columns, embedIds, headLogits } from "./concept_rows.ts";
import type { Policy, ShowoModel } from "./model.ts";

/** A batch of whole sequences. */
export type SequenceInput = {
  /** `[B, L]` int32. */
  readonly ids: tf.Tensor;
  /** Additive, `[B or 1, 1, L, L]`. */
  readonly mask: tf.Tensor;
  /** `[L]` or `[B, L]` float32; default 0 … L−1, padding included. */
  readonly positions?: tf.Tensor | undefined;
};

/** Hidden states at every depth, and the keys and values of every layer. */
export type Layers = {
  /** `[B, L, D]`: the embeddings, then the output of each layer but the last, then the last after the final norm. */
  readonly states: readonly tf.Tensor[];
  readonly caches: readonly KeysValues[];
};

/**
 * Picks a layer of a policy.
 *
 * @param index From 0.
 * @returns Its weights and their update.
 */
export function layerPolicy({ base, lora }: Policy, index: number): LayerPolicy {
  return { weights: base.layers[index] as LayerPolicy["weights"], lora: lora?.layers[index] };
}

/**
 * Runs ids through all layers.
 *
 * @param ids `[B, L]` int32.
 * @param options.model Sizes and layer function.
 * @param options.context What each layer may see, by layer index.
 * @param options.first What the first layer makes of each of these tokens by itself, where it is known.
 * @returns All hidden states.
 */
export function runLayers(
  policy: Policy,
  ids: tf.Tensor,
  options: {
    readonly model: ShowoModel;
    readonly context: (layer: number) => BlockContext;
    readonly first?: Projected | undefined;
  },
): Layers {
  const { model: { config, block }, context, first } = options;
  const states: tf.Tensor[] = [embedIds(policy, ids, config.vocabulary)];
  const caches: KeysValues[] = [];
  policy.base.layers.forEach((_, index) => {
    const input = index === 0 && first !== undefined ? first : states[index] as tf.Tensor;
    const { x, own } = block(input, layerPolicy(policy, index), context(index));
    states.push(x);
    caches.push(own);
  });
  const last = states.pop() as tf.Tensor;
  return { states: [...states, layerNorm(last, policy.base.finalNorm, config.normEpsilon)], caches };
}

/**
 * Runs whole sequences through all layers.
 *
 * @param input Ids, mask, positions.
 * @param model Sizes and layer function.
 * @returns All hidden states.
 */
export function hiddenStates(policy: Policy, input: SequenceInput, model: ShowoModel): Layers {
  const length = input.ids.shape[1] as number;
  const rotary = rotaryTables(input.positions ?? tf.range(0, length), model.config);
  return runLayers(policy, input.ids, { model, context: () => ({ rotary, mask: input.mask }) });
}

/**
 * Computes the final hidden states of whole sequences.
 *
 * @param input Ids, mask, positions.
 * @param model Sizes and layer function.
 * @returns `[B, L, D]`, after the final norm.
 */
export function forward(policy: Policy, input: SequenceInput, model: ShowoModel): tf.Tensor {
  const { states } = hiddenStates(policy, input, model);
  return states[states.length - 1] as tf.Tensor;
}

/**
 * Computes logits over a range of the vocabulary.
 *
 * @param hidden `[..., D]` from {@link forward}.
 * @param options.columns `all`, `image` (the codes) or `text` (below F).
 * @returns `[..., columns]`; logits at a text position predict the next token, at an image position that very token.
 */
export function logits(
  policy: Policy,
  hidden: tf.Tensor,
  options: { readonly columns: Columns; readonly model: ShowoModel },
): tf.Tensor {
  return headLogits(policy, hidden, {
    columns: options.columns,
    vocabulary: options.model.config.vocabulary,
  });
}
