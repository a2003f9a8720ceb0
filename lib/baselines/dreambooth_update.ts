/**
 * The compiled update of DreamBooth: the loss of the concept's pictures and of the class's, and one step of AdamW.
 *
 * @module
 */
import { t2iLoss, type TaskBatch } from "../showo/losses.ts";
import type { ShowoModel } from "../showo/model.ts";
import type { ShowoWeights } from "../showo/weights.ts";
import { valueAndGrad } from "../tensor/grad.ts";
import { applyUpdates } from "../tensor/optimizer.ts";
import { tf } from "../tensor/tf.ts";
import type { Tree } from "../tensor/tree.ts";
import { runOptimizer } from "../method/gradients.ts";
import { policyOf, type Trainable } from "../method/policy.ts";
import type { TrainingSettings } from "../method/settings.ts";

/** One update's pictures. */
export type BoothBatch = {
  /** Of the concept. */
  readonly own: TaskBatch;
  /** Of its class; without it nothing holds the model. */
  readonly prior?: TaskBatch | undefined;
};

/** What is trained, and its optimizer. */
export type BoothState = { readonly trainable: Trainable; readonly optimizer: Tree };

/** Scalars that may change between updates. */
export type BoothNumbers = { readonly learningRate: tf.Tensor; readonly priorWeight: tf.Tensor };

/** Scalars of an update: the two losses, and their weighted sum. */
export type BoothLosses = { readonly [name in "loss" | "own" | "prior"]?: tf.Tensor };

/** The update; owns neither inputs nor outputs. */
export interface BoothUpdate {
  (
    state: BoothState,
    base: ShowoWeights,
    batch: BoothBatch,
    numbers: BoothNumbers,
  ): BoothState & { readonly losses: BoothLosses };
  /** The optimizer's state before the first update; the caller owns it. */
  readonly init: (trainable: Trainable) => Tree;
}

/**
 * Makes the update: clipped AdamW on `own + λ · prior`.
 *
 * @param settings Clip and weight decay.
 * @returns The update, compiled once per set of shapes.
 */
export function dreamboothUpdate(model: ShowoModel, settings: Pick<TrainingSettings, "rl">): BoothUpdate {
  const optimizer = runOptimizer(settings);
  const init = (trainable: Trainable): Tree => optimizer.init(trainable as Tree) as Tree;
  const step = model.whole(
    "dreambooth",
    (state: BoothState, base: ShowoWeights, batch: BoothBatch, numbers: BoothNumbers) => {
      const differentiate = valueAndGrad((trainable: Trainable) => {
        const policy = policyOf(base, trainable);
        const own = t2iLoss(policy, batch.own, model);
        if (batch.prior === undefined) return { loss: own, aux: { own } as BoothLosses };
        const prior = t2iLoss(policy, batch.prior, model);
        const loss = tf.add(own, tf.mul(prior, numbers.priorWeight)) as tf.Scalar;
        return { loss, aux: { own, prior } as BoothLosses };
      });
      const { loss, aux, grads } = differentiate(state.trainable);
      const context = { parameters: state.trainable, learningRate: numbers.learningRate as tf.Scalar };
      const next = optimizer.update(grads, state.optimizer as ReturnType<typeof optimizer.init>, context);
      return {
        trainable: applyUpdates(state.trainable, next.updates),
        optimizer: next.state as Tree,
        losses: { loss, ...aux },
      };
    },
  );
  return Object.assign(
    (state: BoothState, base: ShowoWeights, batch: BoothBatch, numbers: BoothNumbers) =>
      step(state, base, batch, numbers) as BoothState & { readonly losses: BoothLosses },
    { init },
  );
}
