/**
 * Logits of image tokens given a prompt, with classifier-free guidance: `(1 + s) · cond − s · uncond`.
 *
 * @module
 */
import { embed, stopGradient } from "../tensor/ops.ts";
import { tf } from "../tensor/tf.ts";
import { packed, unpacked } from "./attention.ts";
import { embedIds, headLogits, type HeadTables } from "./concept_rows.ts";
import { additive, maskTensor, t2iVisibility } from "./mask.ts";
import type { Policy, ShowoModel } from "./model.ts";
import { encodePrefix, forwardWithPrefix, type Prefix, type PrefixInput, repeatLast } from "./prefix.ts";
import { unconditionalPrompt } from "./prompt.ts";
import { layerPolicy } from "./transformer.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** Prompts of pictures, and what the first layer makes of every image token by itself. */
export type ImagePrefix = Prefix & {
  /** From `packed`, `[codes + 3, 4 D]`: the codes, the mask, soi, eoi; absent for big models. */
  readonly tokens?: tf.Tensor | undefined;
};

/** Pictures in the making and the prompts they follow. */
export type GuidedInput = {
  /** `[B, N]` int32 codes, −1 where unknown; rows `g·B/p …` follow prompt g of p. */
  readonly codes: tf.Tensor;
  /** From {@link encodeImagePrompts}. */
  readonly prefix: ImagePrefix;
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

/** The rows of the table of image tokens, or their ids. */
interface ImageTokens {
  readonly firstCode: number;
  readonly unknown: number;
  readonly soi: number;
  readonly eoi: number;
}

const idsOf = ({ firstImageId, maskTokenId, special }: Vocabulary): ImageTokens => ({
  firstCode: firstImageId,
  unknown: maskTokenId,
  soi: special["<|soi|>"],
  eoi: special["<|eoi|>"],
});

const rowsOf = ({ codebookSize }: Vocabulary): ImageTokens => ({
  firstCode: 0,
  unknown: codebookSize,
  soi: codebookSize + 1,
  eoi: codebookSize + 2,
});

/** What the first layer makes of every image token: a picture has each code many times, and a run draws many pictures. */
function tokenTable(policy: Policy, { project, config: { vocabulary } }: ShowoModel): tf.Tensor | undefined {
  if (project === undefined) return undefined;
  const { firstCode, unknown, soi, eoi } = idsOf(vocabulary);
  const codes = tf.range(firstCode, firstCode + vocabulary.codebookSize, 1, "int32");
  const ids = tf.concat([codes, tf.tensor1d([unknown, soi, eoi], "int32")]);
  return packed(project(embedIds(policy, ids, vocabulary), layerPolicy(policy, 0)));
}

/**
 * Encodes prompts; the prompt of no text is encoded once and repeated.
 *
 * @param prompts From {@link imagePrompts}.
 * @param options.guided Whether the last of them is the prompt of no text.
 * @param options.model Sizes and layer function.
 * @returns One prefix: p conditional prompts, then (guided) p copies of the unconditional one; and the image tokens.
 */
export function encodeImagePrompts(
  policy: Policy,
  prompts: PrefixInput,
  options: { readonly guided: boolean; readonly model: ShowoModel },
): ImagePrefix {
  const prefix = encodePrefix(policy, prompts, options.model);
  const conditional = (prompts.ids.shape[0] as number) - 1;
  return {
    ...(options.guided ? repeatLast(prefix, conditional) : prefix),
    tokens: tokenTable(policy, options.model),
  };
}

/** `[B, N]` codes → `[B, N + 2]`: soi, the codes or the mask, eoi. */
function imageRows(codes: tf.Tensor, { firstCode, unknown, soi, eoi }: ImageTokens): tf.Tensor {
  const batch = codes.shape[0] as number;
  const int = (value: number): tf.Scalar => tf.scalar(value, "int32");
  const hidden = tf.cast(tf.less(codes, int(0)), "int32");
  const known = tf.sub(int(1), hidden);
  const inside = tf.add(tf.mul(tf.add(codes, int(firstCode)), known), tf.mul(hidden, int(unknown)));
  const border = (token: number): tf.Tensor => tf.fill([batch, 1], token, "int32");
  return tf.concat([border(soi), inside, border(eoi)], 1);
}

/**
 * Runs the pictures, both branches in one batch.
 *
 * @param input Codes and prompts.
 * @param model Sizes and layer function.
 * @returns Hidden states of the image positions, `[B or 2B, N, D]`, conditional rows first.
 */
export function imageHidden(policy: Policy, input: GuidedInput, model: ShowoModel): tf.Tensor {
  const { textBlock, vocabulary, width } = model.config;
  const [batch, tokens] = input.codes.shape as [number, number];
  const guided = input.guidance !== undefined;
  const rows = (of: ImageTokens): tf.Tensor => {
    const once = imageRows(input.codes, of);
    return guided ? tf.concat([once, once], 0) : once;
  };
  const table = input.prefix.tokens;
  const hidden = forwardWithPrefix(policy, {
    ids: rows(idsOf(vocabulary)),
    positions: tf.range(textBlock, textBlock + tokens + 2),
    prefix: input.prefix,
    first: table === undefined ? undefined : unpacked(embed(table, rows(rowsOf(vocabulary)))),
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
 * @param states Both branches.
 * @param options.guidance s; absent: the conditional branch as it is.
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
 * @param input.hidden From {@link imageHidden}.
 * @param input.guidance s; absent: no guidance.
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
