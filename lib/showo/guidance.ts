/**
 * Logits of image tokens given a prompt, with classifier-free guidance: `(1 + s) · cond − s · uncond`.
 *
 * @module
 */
import { stopGradient } from "../tensor/ops.ts";
import { tf } from "../tensor/tf.ts";
import { headLogits, type HeadTables } from "./concept_rows.ts";
import { additive, maskTensor, t2iVisibility } from "./mask.ts";
import type { Policy, ShowoModel } from "./model.ts";
import { encodePrefix, forwardWithPrefix, type Prefix, type PrefixInput, repeatLast } from "./prefix.ts";
import { unconditionalPrompt } from "./prompt.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** Pictures in the making and the prompts they follow. */
export type GuidedInput = {
  /** `[B, N]` int32 codes, −1 where unknown; rows `g·B/p …` follow prompt g of p. */
  readonly codes: tf.Tensor;
  /** From {@link encodeImagePrompts}. */
  readonly prefix: Prefix;
  /** s, a scalar; absent: no guidance, and the prefix has no unconditional half. */
  readonly guidance?: tf.Tensor | undefined;
};

/** Which branches of guided logits get gradients. */
export type GuidedBranches = "both" | "conditional";

/**
 * Makes the tensors of text-to-image prompts, padded on the left.
 *
 * @param prompts p prompts of `textBlock` ids each.
 * @param options.guided Whether to append the prompt of no text.
 * @param options.model The sizes.
 * @returns Fresh tensors of p, or p + 1, prompts.
 */
export function imagePrompts(
  prompts: readonly (readonly number[])[],
  options: { readonly guided: boolean; readonly model: ShowoModel },
): PrefixInput {
  const { guided, model: { config: { vocabulary, textBlock } } } = options;
  const all = guided ? [...prompts, unconditionalPrompt(vocabulary, textBlock)] : prompts;
  const pad = vocabulary.special["[PAD]"];
  const real = all.flatMap((prompt) => prompt.map((id) => id === pad ? 0 : 1));
  return {
    ids: tf.tensor2d(Int32Array.from(all.flat()), [all.length, textBlock], "int32"),
    mask: maskTensor(all.map((prompt) => t2iVisibility(vocabulary, prompt))),
    keyMask: tf.tensor4d(additive(real), [all.length, 1, 1, textBlock]),
  };
}

/**
 * Encodes prompts; the prompt of no text is encoded once and repeated.
 *
 * @param policy The weights.
 * @param prompts From {@link imagePrompts}.
 * @param options.guided Whether the last of them is the prompt of no text.
 * @param options.model Sizes and layer function.
 * @returns One prefix: p conditional prompts, then (guided) p copies of the unconditional one.
 */
export function encodeImagePrompts(
  policy: Policy,
  prompts: PrefixInput,
  options: { readonly guided: boolean; readonly model: ShowoModel },
): Prefix {
  const prefix = encodePrefix(policy, prompts, options.model);
  const conditional = (prompts.ids.shape[0] as number) - 1;
  return options.guided ? repeatLast(prefix, conditional) : prefix;
}

/** `[B, N]` codes → `[B, N + 2]` ids: soi, image ids or the mask id, eoi. */
function imageRows(codes: tf.Tensor, vocabulary: Vocabulary): tf.Tensor {
  const batch = codes.shape[0] as number;
  const int = (value: number): tf.Scalar => tf.scalar(value, "int32");
  const unknown = tf.cast(tf.less(codes, int(0)), "int32");
  const known = tf.sub(int(1), unknown);
  const ids = tf.add(
    tf.mul(tf.add(codes, int(vocabulary.firstImageId)), known),
    tf.mul(unknown, int(vocabulary.maskTokenId)),
  );
  const border = (id: number): tf.Tensor => tf.fill([batch, 1], id, "int32");
  return tf.concat([border(vocabulary.special["<|soi|>"]), ids, border(vocabulary.special["<|eoi|>"])], 1);
}

/**
 * Runs the pictures, both branches in one batch.
 *
 * @param policy The weights.
 * @param input Codes and prompts.
 * @param model Sizes and layer function.
 * @returns Hidden states of the image positions, `[B or 2B, N, D]`, conditional rows first.
 */
export function imageHidden(policy: Policy, input: GuidedInput, model: ShowoModel): tf.Tensor {
  const { textBlock, vocabulary, width } = model.config;
  const [batch, tokens] = input.codes.shape as [number, number];
  const rows = imageRows(input.codes, vocabulary);
  const guided = input.guidance !== undefined;
  const hidden = forwardWithPrefix(policy, {
    ids: guided ? tf.concat([rows, rows], 0) : rows,
    positions: tf.range(textBlock, textBlock + tokens + 2),
    prefix: input.prefix,
  }, model);
  return tf.slice(hidden, [0, 1, 0], [guided ? 2 * batch : batch, tokens, width]);
}

/** Final hidden states of the image positions `[B, N, D]` with the prompt and, where there is guidance, without it. */
export type BranchStates = {
  readonly conditional: tf.Tensor;
  readonly unconditional?: tf.Tensor | undefined;
};

/**
 * Tells the two branches of a batch apart.
 *
 * @param hidden From {@link imageHidden}.
 * @param options.guided Whether the second half of the rows is the unconditional branch.
 * @returns One or two tensors.
 */
export function branchStates(hidden: tf.Tensor, options: { readonly guided: boolean }): BranchStates {
  if (!options.guided) return { conditional: hidden };
  const [conditional, unconditional] = tf.split(hidden, 2, 0) as [tf.Tensor, tf.Tensor];
  return { conditional, unconditional };
}

/**
 * Computes guided logits from the hidden states of both branches.
 *
 * The head is affine and the factors add up to 1, so the states are combined before it: half of its work.
 *
 * @param tables The head.
 * @param states Both branches.
 * @param options.guidance s; absent: the conditional branch as it is.
 * @param options.vocabulary The ids.
 * @param options.branches Where gradients go; default both.
 * @returns `[B, N, codes]`.
 */
export function branchLogits(
  tables: HeadTables,
  { conditional, unconditional }: BranchStates,
  options: {
    readonly guidance?: tf.Tensor | undefined;
    readonly vocabulary: Vocabulary;
    readonly branches?: GuidedBranches | undefined;
  },
): tf.Tensor {
  const { guidance, vocabulary, branches = "both" } = options;
  const head = (states: tf.Tensor): tf.Tensor => headLogits(tables, states, { columns: "image", vocabulary });
  if (guidance === undefined || unconditional === undefined) return head(conditional);
  const against = (one: tf.Tensor, other: tf.Tensor): tf.Tensor =>
    tf.sub(tf.mul(one, tf.add(guidance, 1)), tf.mul(other, guidance));
  return branches === "both"
    ? head(against(conditional, unconditional))
    : against(head(conditional), stopGradient(head(unconditional)));
}

/**
 * Computes guided logits from hidden states.
 *
 * @param tables The head.
 * @param input.hidden From {@link imageHidden}.
 * @param input.guidance s; absent: no guidance.
 * @param options.vocabulary The ids.
 * @param options.branches Where gradients go; default both.
 * @returns `[B, N, codes]`.
 */
export function guidedLogits(
  tables: HeadTables,
  { hidden, guidance }: { readonly hidden: tf.Tensor; readonly guidance?: tf.Tensor | undefined },
  options: { readonly vocabulary: Vocabulary; readonly branches?: GuidedBranches },
): tf.Tensor {
  const states = branchStates(hidden, { guided: guidance !== undefined });
  return branchLogits(tables, states, { ...options, guidance });
}
