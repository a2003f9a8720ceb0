/**
 * The compiled update: gradients of the concept's rows alone, and AdamW on the rows of the stage.
 *
 * @module
 */
import type { ConceptRows } from "../../showo/concept_rows.ts";
import { nextTokenLoss, t2iLoss } from "../../showo/losses.ts";
import type { Policy, ShowoModel } from "../../showo/model.ts";
import type { ShowoWeights } from "../../showo/weights.ts";
import { type Loss, valueAndGrad } from "../../tensor/grad.ts";
import { type AdamState, adamw, applyUpdates, globalNorm } from "../../tensor/optimizer.ts";
import { tf } from "../../tensor/tf.ts";
import { mapTree, type Tree } from "../../tensor/tree.ts";
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

/** Scalars of an update. */
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

const firstRow = (x: tf.Tensor): tf.Tensor =>
  tf.slice(x, x.shape.map(() => 0), x.shape.map((_, axis) => axis === 0 ? 1 : -1));

/** `‖Δembed‖² + ‖Δhead‖² + Δbias²` of the concept's own row. */
function distance(rows: ConceptRows, anchor: ConceptRows): tf.Tensor {
  const parts = ["embed", "headWeight", "headBias"] as const;
  return tf.addN(
    parts.map((part) => tf.sum(tf.squaredDifference(firstRow(rows[part]), firstRow(anchor[part])))),
  );
}

function lossOf(
  policy: Policy & { readonly rows: ConceptRows },
  batch: ColdStartBatch,
  context: { readonly model: ShowoModel; readonly knobs: Knobs },
): Loss<Pick<RowMetrics, "mmu" | "t2i">> {
  const { model, knobs } = context;
  const mmu = batch.mmu &&
    nextTokenLoss(policy, batch.mmu, { model, from: model.config.numVqTokens + 2 });
  const t2i = batch.t2i && t2iLoss(policy, batch.t2i, model);
  const terms = [
    ...(mmu === undefined ? [] : [tf.mul(mmu, knobs.mmu)]),
    ...(t2i === undefined ? [] : [tf.mul(t2i, knobs.t2i)]),
    tf.mul(distance(policy.rows, knobs.anchor), knobs.l2),
  ];
  return { loss: tf.addN(terms) as tf.Scalar, aux: { mmu, t2i } };
}

/** Zero in the rows that are not trained. */
const masked = <T extends Tree>(tree: T, trainable: tf.Tensor): T =>
  mapTree(tree, (leaf) => tf.mul(leaf, leaf.rank === 1 ? trainable : tf.expandDims(trainable, 1)));

/**
 * Starts the optimizer of a stage.
 *
 * @param rows The rows at the beginning; copied.
 * @returns State that the caller owns.
 */
export function initialRowState(rows: ConceptRows): RowState {
  return {
    rows: mapTree(rows, (leaf) => tf.clone(leaf)),
    optimizer: adamw().init(rows),
  };
}

/**
 * Makes the update of stages that share constants; one compiled function per set of shapes.
 *
 * The softmax runs over the whole vocabulary. The optimizer sees all rows, and rows outside the stage get an update of
 * exactly zero: the same as restoring them after each step, as released (model.md §2.3).
 *
 * @param model The sizes.
 * @param constants ε and weight decay.
 * @returns The update.
 */
export function rowUpdate(
  model: ShowoModel,
  constants: Pick<StagePlan, "epsilon" | "weightDecay">,
): RowUpdate {
  const optimizer = adamw(constants);
  return model.whole(
    "cold start",
    (state: RowState, base: ShowoWeights, batch: ColdStartBatch, knobs: Knobs) => {
      const differentiate = valueAndGrad((rows: ConceptRows) =>
        lossOf({ base, rows }, batch, { model, knobs })
      );
      const { loss, aux, grads } = differentiate(state.rows);
      const own = masked(grads, knobs.trainable);
      const next = optimizer.update(own, state.optimizer, {
        parameters: state.rows,
        learningRate: knobs.learningRate as tf.Scalar,
      });
      const rows = applyUpdates(state.rows, masked(next.updates, knobs.trainable));
      return {
        state: { rows, optimizer: next.state },
        metrics: { loss: loss as tf.Tensor, ...aux, gradNorm: globalNorm(own) as tf.Tensor },
      };
    },
  );
}
