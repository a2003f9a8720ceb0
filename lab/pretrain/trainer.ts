/**
 * Supervised training as a stage: batches by step number, a compiled update, a curve on disk, exact resume.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import type { HasClock, HasFiles, HasInterrupt, HasLog } from "../../lib/core/capability.ts";
import { type PipelineError, SAME_COMMAND } from "../../lib/core/error.ts";
import { DONE, iterate, type Stage } from "../../lib/core/stage.ts";
import { paceLine } from "../../lib/run/pace.ts";
import { type Loss, valueAndGrad } from "../../lib/tensor/grad.ts";
import { jit } from "../../lib/tensor/jit.ts";
import { applyUpdates, globalNorm, type Transform } from "../../lib/tensor/optimizer.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { decodeTree, encodeTree } from "../../lib/tensor/tree_file.ts";
import { disposeTree, type Tree } from "../../lib/tensor/tree.ts";
import { learningRateAt, type Schedule } from "./schedule.ts";

/** Parameters and optimizer state: all that training needs besides the step number. */
export type TrainingState = { readonly parameters: Tree; readonly optimizer: Tree };

/** One update: the next state and scalars to log. Owns neither its inputs nor its outputs. */
export type Update = (
  state: TrainingState,
  batch: Tree,
  learningRate: tf.Tensor,
) => { readonly state: TrainingState; readonly metrics: { readonly [name: string]: tf.Tensor } };

/** What is trained. */
export interface Training {
  readonly name: string;
  readonly folder: string;
  readonly steps: number;
  readonly schedule: Schedule;
  readonly initial: () => TrainingState;
  /** The batch of a step, the same whenever it is asked for; its tensors are freed after the update. */
  readonly batch: (step: number) => Tree;
  readonly update: Update;
  readonly logEvery: number;
  readonly saveEvery: number;
}

type Needs = HasFiles & HasLog & HasClock & HasInterrupt;

interface Progress {
  readonly step: number;
  readonly state: TrainingState;
  readonly started: { readonly step: number; readonly time: number };
}

/**
 * Builds a compiled update from a loss and an optimizer.
 *
 * @param name What the compile log calls it.
 * @param loss Loss of parameters on a batch; every batch must have the same shapes.
 * @param optimizer The optimizer chain.
 * @returns The update; metrics are `loss`, `grad_norm` and everything in the loss's `aux`.
 */
export function makeUpdate<
  P extends Tree,
  B extends Tree,
  X extends { readonly [name: string]: tf.Tensor },
  S extends Tree,
>(
  name: string,
  loss: (parameters: P, batch: B) => Loss<X>,
  optimizer: Transform<S>,
): Update {
  return jit(name, (state: TrainingState, batch: Tree, learningRate: tf.Tensor) => {
    const parameters = state.parameters as P;
    const { loss: value, aux, grads } = valueAndGrad((p: P) => loss(p, batch as B))(parameters);
    const context = { parameters, learningRate: learningRate as tf.Scalar };
    const next = optimizer.update(grads, state.optimizer as S, context);
    return {
      state: { parameters: applyUpdates(parameters, next.updates) as Tree, optimizer: next.state as Tree },
      metrics: { loss: value as tf.Tensor, grad_norm: globalNorm(grads) as tf.Tensor, ...aux },
    };
  });
}

const statePath = (training: Training): string => `${training.folder}/${training.name}.state.safetensors`;

/** Loads the last saved state, or starts afresh. */
function begin(training: Training): Stage<Needs, Progress> {
  return ({ files, log, clock }) =>
    pipe(
      files.exists(statePath(training)),
      TE.flatMap((exists) =>
        exists
          ? pipe(
            files.readBytes(statePath(training)),
            TE.flatMapEither((bytes) => decodeTree(bytes, statePath(training))),
            TE.map(({ tree, metadata }) => {
              log.info(`${training.name}: continuing after step ${metadata["step"]}`);
              return { state: tree as TrainingState, step: Number(metadata["step"]) };
            }),
          )
          : TE.fromIO(() => ({ state: training.initial(), step: 0 }))
      ),
      TE.map(({ state, step }) => ({ state, step, started: { step, time: clock.now() } })),
    );
}

function save(training: Training, { state, step }: Progress): Stage<Needs, void> {
  return ({ files }) =>
    pipe(
      files.makeFolder(training.folder),
      TE.flatMap(() =>
        files.writeAtomic(statePath(training), encodeTree(state, { metadata: { step: String(step) } }))
      ),
    );
}

function record(
  training: Training,
  progress: Progress,
  metrics: Readonly<Record<string, number>>,
): Stage<Needs, void> {
  return ({ files, log, clock }) => {
    const { step, started } = progress;
    const seconds = (clock.now() - started.time) / 1000;
    const pace = { step, steps: training.steps, since: started.step, seconds };
    log.progress(paceLine(training.name, pace, metrics));
    const line = JSON.stringify({ step, seconds: Math.round(seconds), ...metrics });
    return pipe(
      files.makeFolder(training.folder),
      TE.flatMap(() => files.append(`${training.folder}/${training.name}.jsonl`, `${line}\n`)),
    );
  };
}

/** One update; `null` metrics between logged steps, so that nothing waits for a read-back. */
function advance(training: Training, { state, step }: Progress): {
  readonly state: TrainingState;
  readonly metrics: Readonly<Record<string, number>> | null;
} {
  const batch = training.batch(step);
  const learningRate = tf.scalar(learningRateAt(training.schedule, step, training.steps));
  const next = training.update(state, batch, learningRate);
  const logged = (step + 1) % training.logEvery === 0 || step + 1 === training.steps || step === 0;
  const metrics = logged
    ? Object.fromEntries(
      Object.entries(next.metrics).map(([name, value]) => [name, value.dataSync()[0] as number]),
    )
    : null;
  disposeTree([batch, learningRate, next.metrics, state]);
  return { state: next.state, metrics };
}

const diverged = (metrics: Readonly<Record<string, number>>, step: number): E.Either<PipelineError, void> => {
  const bad = Object.entries(metrics).find(([, value]) => !Number.isFinite(value));
  return bad === undefined
    ? E.right(undefined)
    : E.left({ _tag: "Diverged", step, tensor: bad[0], problem: `is ${bad[1]}; lower the learning rate` });
};

function oneStep(training: Training, progress: Progress): Stage<Needs, Progress> {
  return pipe(
    RTE.fromIO(() => advance(training, progress)),
    RTE.flatMap(({ state, metrics }) => {
      const next = { ...progress, state, step: progress.step + 1 };
      const report: Stage<Needs, void> = metrics === null ? DONE : pipe(
        RTE.fromEither(diverged(metrics, next.step)),
        RTE.flatMap(() => record(training, next, metrics)),
      );
      const due = next.step % training.saveEvery === 0 || next.step === training.steps;
      const keep: Stage<Needs, void> = (needs) =>
        due || needs.interrupt.requested() ? save(training, next)(needs) : TE.right(undefined);
      const stop: Stage<Needs, Progress> = ({ interrupt }) =>
        interrupt.requested()
          ? TE.left({ _tag: "Interrupted", step: next.step, next: SAME_COMMAND })
          : TE.right(next);
      return pipe(report, RTE.flatMap(() => keep), RTE.flatMap(() => stop));
    }),
  );
}

/**
 * Trains to the last step, from the last saved state if there is one.
 *
 * The state is saved every `saveEvery` steps and on Ctrl-C; the curve is appended to `<folder>/<name>.jsonl`.
 *
 * @param training What to train.
 * @returns The final state, owned by the caller; Left `Diverged` when a metric is not finite, `Interrupted` on Ctrl-C.
 */
export function train(training: Training): Stage<Needs, TrainingState> {
  return pipe(
    begin(training),
    RTE.flatMap(
      iterate<Needs, Progress>(
        ({ step }) => step >= training.steps,
        (progress) => oneStep(training, progress),
      ),
    ),
    RTE.map(({ state }) => state),
  );
}
