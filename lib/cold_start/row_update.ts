/**
 * The compiled update: gradients of the concept's rows alone, and AdamW on the rows of the stage.
 *
 * Each task's gradient is a function of its own, so that a later stage finds the functions of an earlier one compiled.
 *
 * @module
 */
import type { ConceptRows } from "../showo/concept_rows.ts";
import { nextTokenLoss, t2iLoss, type TaskBatch } from "../showo/losses.ts";
import type { Policy, ShowoModel } from "../showo/model.ts";
import type { ShowoWeights } from "../showo/weights.ts";
import { valueAndGrad } from "../tensor/grad.ts";
import { type AdamState, adamw, applyUpdates, globalNorm } from "../tensor/optimizer.ts";
import { tf } from "../tensor/tf.ts";
import { copyTree, disposeTree, flatten, mapTree, type Tree } from "../tensor/tree.ts";
import type { ColdStartBatch } from "./batches.ts";
import type { StagePlan } from "./plan.ts";

/** Rows and their optimizer. */
export type RowState = { readonly rows: ConceptRows; readonly optimizer: AdamState };

/** Numbers of a stage as tensors. */
export type Knobs = {
  readonly learningRate: tf.Tensor;
  /** Weights of the two losses. */
  readonly mmu: tf.Tensor;
  readonly t2i: tf.Tensor;
  /** Weight of the squared distance of the concept's own row to `anchor`. */
  readonly l2: tf.Tensor;
  /** `[n]`: 1 where a row is trained. */
  readonly trainable: tf.Tensor;
  /** The rows where the stage began. */
  readonly anchor: ConceptRows;
};

/** Scalars of an update; the losses of tasks that the batch does not have are left out. */
export type RowMetrics = {
  readonly loss: tf.Tensor;
  readonly mmu?: tf.Tensor | undefined;
  readonly t2i?: tf.Tensor | undefined;
  readonly gradNorm: tf.Tensor;
};

/** From state, frozen weights, batch and numbers to the next state; owns neither inputs nor outputs. */
export type RowUpdate = (
  state: RowState,
  base: ShowoWeights,
  batch: ColdStartBatch,
  knobs: Knobs,
) => { readonly state: RowState; readonly metrics: RowMetrics };

/** Loss and gradients of one task. */
type TaskGradient = { readonly loss: tf.Tensor; readonly grads: ConceptRows };
type TaskGradients = { readonly mmu?: TaskGradient | undefined; readonly t2i?: TaskGradient | undefined };

/** The gradient functions of a model. */
export interface RowGradients {
  readonly mmu: (rows: ConceptRows, base: ShowoWeights, batch: TaskBatch) => TaskGradient;
  readonly t2i: (rows: ConceptRows, base: ShowoWeights, batch: TaskBatch) => TaskGradient;
}

/**
 * Makes the gradient functions of the two tasks; the softmax runs over the whole vocabulary.
 *
 * @returns One function per task, compiled once per set of shapes.
 */
export function rowGradients(model: ShowoModel): RowGradients {
  const gradient = (name: string, lossOf: (policy: Policy, batch: TaskBatch) => tf.Scalar) =>
    model.whole(name, (rows: ConceptRows, base: ShowoWeights, batch: TaskBatch): TaskGradient => {
      const differentiate = valueAndGrad((own: ConceptRows) => ({
        loss: lossOf({ base, rows: own }, batch),
        aux: [],
      }));
      const { loss, grads } = differentiate(rows);
      return { loss, grads };
    });
  const from = model.config.numVqTokens + 2;
  return {
    mmu: gradient("cold start, dialogues", (policy, batch) => nextTokenLoss(policy, batch, { model, from })),
    t2i: gradient("cold start, pictures", (policy, batch) => t2iLoss(policy, batch, model)),
  };
}

/** Δ of the concept's own row, zero elsewhere. */
const ownShift = (rows: ConceptRows, anchor: ConceptRows): ConceptRows => {
  const count = rows.embed.shape[0] as number;
  const first = count === 1 ? tf.ones([1]) : tf.oneHot(tf.scalar(0, "int32"), count);
  const anchors = flatten(anchor).leaves;
  return byRow(mapTree(rows, (leaf, index) => tf.sub(leaf, anchors[index] as tf.Tensor)), first);
};

/** Multiplies each row of every tensor by its own number. */
const byRow = <T extends Tree>(tree: T, factors: tf.Tensor): T =>
  mapTree(tree, (leaf) => tf.mul(leaf, leaf.rank === 1 ? factors : tf.expandDims(factors, 1)));

const plus = (a: ConceptRows, b: ConceptRows, scale: tf.Tensor): ConceptRows =>
  applyUpdates(a, mapTree(b, (leaf) => tf.mul(leaf, scale)));

function total(
  { mmu, t2i }: TaskGradients,
  rows: ConceptRows,
  knobs: Knobs,
): TaskGradient {
  const shift = ownShift(rows, knobs.anchor);
  const pull = { loss: tf.square(globalNorm(shift)), grads: mapTree(shift, (leaf) => tf.mul(leaf, 2)) };
  const parts = [
    { ...pull, weight: knobs.l2 },
    ...(mmu === undefined ? [] : [{ ...mmu, weight: knobs.mmu }]),
    ...(t2i === undefined ? [] : [{ ...t2i, weight: knobs.t2i }]),
  ];
  const zero = mapTree(rows, (leaf) => tf.zerosLike(leaf));
  return {
    loss: tf.addN(parts.map(({ loss, weight }) => tf.mul(loss, weight))),
    grads: parts.reduce((sum, { grads, weight }) => plus(sum, grads, weight), zero),
  };
}

/**
 * Starts the optimizer of a stage.
 *
 * @param rows The rows at the beginning; copied.
 * @returns State that the caller owns.
 */
export function initialRowState(rows: ConceptRows): RowState {
  return {
    rows: copyTree(rows),
    optimizer: adamw().init(rows),
  };
}

/**
 * Makes the update of stages that share constants.
 *
 * The optimizer sees all rows, and rows outside the stage get an update of exactly zero: the same as restoring them after
 * each step, as released.
 *
 * @param gradients From {@link rowGradients}.
 * @param constants ε and weight decay.
 */
export function rowUpdate(
  model: ShowoModel,
  gradients: RowGradients,
  constants: Pick<StagePlan, "epsilon" | "weightDecay">,
): RowUpdate {
  const optimizer = adamw(constants);
  const apply = model.whole("cold start, rows", (state: RowState, tasks: TaskGradients, knobs: Knobs) => {
    const { loss, grads } = total(tasks, state.rows, knobs);
    const own = byRow(grads, knobs.trainable);
    const context = { parameters: state.rows, learningRate: knobs.learningRate as tf.Scalar };
    const next = optimizer.update(own, state.optimizer, context);
    const rows = applyUpdates(state.rows, byRow(next.updates, knobs.trainable));
    return {
      state: { rows, optimizer: next.state },
      metrics: { loss, gradNorm: globalNorm(own) as tf.Tensor },
    };
  });
  return (state, base, { mmu, t2i }, knobs) => {
    const tasks = {
      mmu: mmu && gradients.mmu(state.rows, base, mmu),
      t2i: t2i && gradients.t2i(state.rows, base, t2i),
    };
    const next = apply(state, tasks, knobs);
    disposeTree([tasks.mmu?.grads ?? [], tasks.t2i?.grads ?? []]);
    return { state: next.state, metrics: { ...next.metrics, mmu: tasks.mmu?.loss, t2i: tasks.t2i?.loss } };
  };
}
