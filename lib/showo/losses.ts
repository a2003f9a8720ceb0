/**
 * Supervised losses of the three tasks: cross entropy over the whole vocabulary.
 *
 * @module
 */
import type { Loss } from "../tensor/grad.ts";
import { crossEntropy } from "../tensor/ops.ts";
import { tf } from "../tensor/tf.ts";
import type { Policy, ShowoModel } from "./model.ts";
import { forward, logits, type SequenceInput } from "./transformer.ts";

/** Sequences of one task with a label per position; a negative label is no target. */
export type TaskBatch = SequenceInput & {
  /** `[B, L]` int32. */
  readonly labels: tf.Tensor;
};

/** The tasks: text to image · text alone · questions about a picture. */
export type Task = "t2i" | "lm" | "mmu";

/** A batch per task; tasks may have different lengths, and may be left out. */
export type TrainingBatch = { readonly [task in Task]?: TaskBatch | undefined };

/** Weight of each task's loss. */
export type LossWeights = Readonly<Record<Task, number>>;

/** Weights of the published trainings. */
export const LOSS_WEIGHTS: Readonly<Record<"showo" | "unictokens", LossWeights>> = {
  showo: { t2i: 1, lm: 0.1, mmu: 1 },
  unictokens: { t2i: 0.8, lm: 0, mmu: 0.2 },
};

const columnsOf = (x: tf.Tensor, from: number, to: number): tf.Tensor => {
  const sizes = x.shape.map((side, axis) => axis === 1 ? to - from : side);
  return tf.slice(x, x.shape.map((_, axis) => axis === 1 ? from : 0), sizes);
};

/** Logits at positions [from, to) against labels `shift` positions later. */
function lossAt(
  policy: Policy,
  batch: TaskBatch,
  options: { readonly model: ShowoModel; readonly from: number; readonly to: number; readonly shift: number },
): tf.Scalar {
  const { model, from, to, shift } = options;
  const hidden = columnsOf(forward(policy, batch, model), from, to);
  const targets = columnsOf(batch.labels, from + shift, to + shift);
  return crossEntropy(logits(policy, hidden, { columns: "all", model }), targets);
}

/**
 * The text-to-image loss: every position from soi on predicts its own label.
 *
 * As in the reference, soi and eoi are targets too: two easy terms per sample in the mean.
 *
 * @param batch Sequences `prompt soi image eoi`.
 * @param model The sizes; soi is at `textBlock`.
 * @returns The mean over all targets, nats.
 */
export function t2iLoss(policy: Policy, batch: TaskBatch, model: ShowoModel): tf.Scalar {
  const length = batch.ids.shape[1] as number;
  return lossAt(policy, batch, { model, from: model.config.textBlock, to: length, shift: 0 });
}

/**
 * The language-modelling loss, also of answers about a picture: each position predicts the next label.
 *
 * @param options.from First position that predicts anything; default 0. Behind a picture N + 2 saves work, not more.
 * @returns The mean over all targets of the batch, nats.
 */
export function nextTokenLoss(
  policy: Policy,
  batch: TaskBatch,
  options: { readonly model: ShowoModel; readonly from?: number },
): tf.Scalar {
  const { model, from = 0 } = options;
  return lossAt(policy, batch, { model, from, to: (batch.ids.shape[1] as number) - 1, shift: 1 });
}

/**
 * Sums the losses of the tasks that are there, each with its weight. Ready for `valueAndGrad`.
 *
 * @param batch A batch per task.
 * @param options.weights The weight of each task.
 * @param options.mmuFrom First position of the mmu sequences that predicts anything; see {@link nextTokenLoss}.
 * @returns The total, and each task's own loss.
 */
export function trainingLoss(
  policy: Policy,
  batch: TrainingBatch,
  options: { readonly model: ShowoModel; readonly weights: LossWeights; readonly mmuFrom?: number },
): Loss<{ readonly [task in Task]?: tf.Tensor }> {
  const { model, weights, mmuFrom = 0 } = options;
  const losses: { [task in Task]?: tf.Tensor } = {};
  if (batch.t2i !== undefined) losses.t2i = t2iLoss(policy, batch.t2i, model);
  if (batch.lm !== undefined) losses.lm = nextTokenLoss(policy, batch.lm, { model });
  if (batch.mmu !== undefined) losses.mmu = nextTokenLoss(policy, batch.mmu, { model, from: mmuFrom });
  const terms = Object.entries(losses).map(([task, loss]) => tf.mul(loss, weights[task as Task]));
  return { loss: tf.addN(terms) as tf.Scalar, aux: losses };
}
