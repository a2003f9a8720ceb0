/**
 * Log-probs of recorded tokens under a policy, differentiable: what the objective needs.
 *
 * Prompts are encoded once for all their steps and candidates, with gradient.
 *
 * @module
 */
import { pick } from "../tensor/ops.ts";
import { tf } from "../tensor/tf.ts";
import {
  branchLogits,
  type BranchStates,
  branchStates,
  encodeImagePrompts,
  type GuidedBranches,
  imageHidden,
  type ImagePrefix,
} from "./guidance.ts";
import { HIDDEN } from "./mask.ts";
import type { Policy, ShowoModel } from "./model.ts";
import { encodePrefix, forwardWithPrefix, type Prefix, type PrefixInput } from "./prefix.ts";
import { drawnCandidates } from "./sampling.ts";
import { logits } from "./transformer.ts";

/** Recorded decoding steps. */
export type ImageSteps = {
  /** From `imagePrompts`: p prompts, and the prompt of no text exactly if there is guidance. */
  readonly prompts: PrefixInput;
  /** Recorded states, `[B, N]` int32, −1 where unknown; B is a multiple of p, rows `g·B/p …` belong to prompt g. */
  readonly states: tf.Tensor;
  /** Recorded choices, `[B, N]` int32. */
  readonly chosen: tf.Tensor;
  /** s, a scalar; absent: the conditional distribution alone. */
  readonly guidance?: tf.Tensor | undefined;
};

/** Hidden states of both branches in the recorded states. */
function recordedStates(
  policy: Policy,
  steps: ImageSteps,
  { model, prefix: known }: { readonly model: ShowoModel; readonly prefix?: ImagePrefix | undefined },
): BranchStates {
  const guided = steps.guidance !== undefined;
  const prefix = known ?? encodeImagePrompts(policy, steps.prompts, { guided, model });
  const hidden = imageHidden(policy, { codes: steps.states, prefix, guidance: steps.guidance }, model);
  return branchStates(hidden, { guided });
}

/** Hidden states of the branch with the prompt alone. */
function conditionalStates(
  policy: Policy,
  steps: ImageSteps,
  { model, tokens }: { readonly model: ShowoModel; readonly tokens?: tf.Tensor | undefined },
): tf.Tensor {
  const conditional = (steps.prompts.ids.shape[0] as number) - 1;
  const first = (x: tf.Tensor): tf.Tensor => tf.slice(x, 0, conditional);
  const { ids, mask, keyMask } = steps.prompts;
  const prefix = encodePrefix(policy, { ids: first(ids), mask: first(mask), keyMask: first(keyMask) }, model);
  return imageHidden(policy, { codes: steps.states, prefix: { ...prefix, tokens } }, model);
}

function atChosen(
  policy: Policy,
  states: BranchStates,
  { steps, model, branches }: {
    readonly steps: ImageSteps;
    readonly model: ShowoModel;
    readonly branches?: GuidedBranches | undefined;
  },
): tf.Tensor {
  const { vocabulary } = model.config;
  const logits = branchLogits(policy, states, { guidance: steps.guidance, vocabulary, branches });
  return pick(tf.logSoftmax(logits), steps.chosen);
}

/**
 * Computes the log-prob of every chosen code in its recorded state.
 *
 * `log softmax((1 + s) · cond − s · uncond)` over the image codes alone, at the chosen code.
 *
 * @param steps The recorded steps.
 * @param options.model Sizes and layer function.
 * @param options.branches Whether gradients flow through both branches (default) or the conditional one alone.
 * @param options.frozen What a policy that differs in its concept rows alone says, from {@link frozenImageSteps}: where it has the
 * branch without prompt, only the other one is computed.
 * @param options.prefix The prompts under this policy, where they are encoded already: from `encodeImagePrompts`.
 * @returns `[B, N]`.
 */
export function imageLogps(
  policy: Policy,
  steps: ImageSteps,
  options: {
    readonly model: ShowoModel;
    readonly branches?: GuidedBranches;
    readonly frozen?: Pick<FrozenImageSteps, "unconditional" | "tokens"> | undefined;
    readonly prefix?: ImagePrefix | undefined;
  },
): tf.Tensor {
  const { model, branches, frozen: { unconditional, tokens } = {} } = options;
  const states = steps.guidance === undefined || unconditional === undefined
    ? recordedStates(policy, steps, options)
    : { conditional: conditionalStates(policy, steps, { model, tokens }), unconditional };
  return atChosen(policy, states, { steps, model, branches });
}

/** What a frozen policy says about recorded steps. */
export type FrozenImageSteps = {
  /** Log-probs of the chosen codes, `[B, N]`. */
  readonly logps: tf.Tensor;
  /** Hidden states without the prompt, `[B, N, D]`; absent without guidance. */
  readonly unconditional?: tf.Tensor | undefined;
  /** What the first layer makes of the image tokens; absent for big models. */
  readonly tokens?: tf.Tensor | undefined;
};

/**
 * Evaluates recorded steps under a frozen policy.
 *
 * Image tokens and the branch without prompt read no concept row: what is computed of them also holds for every policy that differs in those rows alone.
 *
 * @param policy The frozen weights.
 * @param steps The recorded steps.
 * @param options.model Sizes and layer function.
 * @param options.prefix The prompts under this policy, where they are encoded already: from `encodeImagePrompts`.
 * @returns Log-probs, and the states that such policies share.
 */
export function frozenImageSteps(
  policy: Policy,
  steps: ImageSteps,
  options: { readonly model: ShowoModel; readonly prefix?: ImagePrefix | undefined },
): FrozenImageSteps {
  const states = recordedStates(policy, steps, options);
  return {
    logps: atChosen(policy, states, { steps, ...options }),
    unconditional: states.unconditional,
    tokens: options.prefix?.tokens,
  };
}

/** Recorded answers. */
export type TextAnswers = {
  /** p prompts without their last token, padded on the right; see `mmuPrefixInput`. */
  readonly prompts: PrefixInput;
  /** Real length of each row's prompt without its last token, `[B]` float32. */
  readonly lengths: tf.Tensor;
  /** The prompt's last token, then the answer without its last token, `[B, M]` int32; B is a multiple of p. */
  readonly inputs: tf.Tensor;
  /** The answer, `[B, M]` int32; a negative id is padding. */
  readonly targets: tf.Tensor;
  /** A scalar. */
  readonly temperature: tf.Tensor;
};

/** Strictly upper triangle hidden; made on the device, so that it is no constant of the compiled function. */
function causalMask(length: number): tf.Tensor {
  const places = tf.range(0, length);
  const later = tf.greater(tf.reshape(places, [1, length]), tf.reshape(places, [length, 1]));
  return tf.reshape(tf.mul(tf.cast(later, "float32"), HIDDEN), [1, 1, length, length]);
}

/** Log-softmax over all columns, or over the candidates alone. */
function logSoftmaxOver(cooled: tf.Tensor, targets: tf.Tensor, topK: number): tf.Tensor {
  const columns = cooled.shape[2] as number;
  if (topK === 0 || topK >= columns) return tf.logSoftmax(cooled);
  const flat = drawnCandidates(tf.reshape(cooled, [-1, columns]), tf.reshape(targets, [-1]), topK);
  return tf.logSoftmax(tf.reshape(flat, cooled.shape));
}

/**
 * Computes the log-prob of every recorded token of every answer.
 *
 * Log-softmax over the columns at the temperature; without `topK` it is what the text decoder recorded.
 *
 * @param answers The recorded answers.
 * @param options.model Sizes and layer function.
 * @param options.columns The range that was drawn from; default `text`.
 * @param options.topK Candidates of each token that count, as in sampling; 0 (default) = all.
 * @param options.prefix The prompts under this policy, where they are encoded already: from `encodePrefix`.
 * @returns `[B, M]`; 0 at padding.
 */
export function textLogps(
  policy: Policy,
  answers: TextAnswers,
  options: {
    readonly model: ShowoModel;
    readonly columns?: "text" | "all";
    readonly topK?: number;
    readonly prefix?: Prefix | undefined;
  },
): tf.Tensor {
  const { model, columns = "text", topK = 0 } = options;
  const { inputs, lengths, targets, temperature } = answers;
  const [rows, length] = inputs.shape as [number, number];
  const prefix = options.prefix ?? encodePrefix(policy, answers.prompts, model);
  const positions = tf.add(tf.reshape(lengths, [rows, 1]), tf.range(0, length));
  const hidden = forwardWithPrefix(
    policy,
    { ids: inputs, positions, mask: causalMask(length), prefix },
    model,
  );
  const cooled = tf.div(logits(policy, hidden, { columns, model }), temperature);
  return pick(logSoftmaxOver(cooled, targets, topK), targets);
}
