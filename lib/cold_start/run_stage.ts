/**
 * One stage of a cold start: updates until the last step, with progress, curve and a way to stop.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { breathe } from "../core/breathe.ts";
import type { HasClock, HasInterrupt, HasLog } from "../core/capability.ts";
import { BEGIN_ANEW, type PipelineError } from "../core/error.ts";
import { fold, type Key, keyFromSeed } from "../core/key.ts";
import { attempt, type Checked, iterate, type Stage } from "../core/stage.ts";
import { paceLine } from "../run/pace.ts";
import type { ConceptRows } from "../showo/concept_rows.ts";
import { tf } from "../tensor/tf.ts";
import { copyTree, disposeTree } from "../tensor/tree.ts";
import { firstBad, withEvidence } from "../method/evidence.ts";
import type { Runtime } from "../method/runtime.ts";
import { type ColdStartBatch, dialogueBatch, drawingBatch } from "./batches.ts";
import type { StageMaterial } from "./material.ts";
import { batchAt, epochLength, type Flow } from "./order.ts";
import type { StagePlan } from "./plan.ts";
import { initialRowState, type Knobs, type RowMetrics, type RowState, type RowUpdate } from "./row_update.ts";
import type { ColdStartOptions, StepMetrics } from "./settings.ts";

type Needs = HasLog & HasClock & HasInterrupt;

/** A stage and everything it runs on. */
export interface StageRun {
  readonly plan: StagePlan;
  readonly options: ColdStartOptions;
  readonly runtime: Pick<Runtime, "base" | "config" | "naming" | "encodeText">;
  readonly material: StageMaterial;
  /** Text length of the dialogues. */
  readonly length: number;
  readonly update: RowUpdate;
}

interface Flows {
  readonly mmu: Flow;
  readonly t2i: Flow;
  readonly epoch: number;
}

function flowsOf({ plan, options, material }: StageRun): Flows {
  const mmu = { count: material.dialogues.length, batchSize: options.understandingBatch, keepsOrder: true };
  const t2i = { count: material.drawings.length, batchSize: options.generationBatch, keepsOrder: false };
  const used = [...(plan.understanding ? [mmu] : []), ...(plan.drawing ? [t2i] : [])];
  return { mmu, t2i, epoch: epochLength(used) };
}

/** Updates of a stage: `steps`, or what `epochs` passes over the longest task take. */
const stepsOf = ({ options }: StageRun, { epoch }: Flows): number =>
  options.epochs === null ? options.steps : options.epochs * epoch;

const stageKey = ({ plan, options }: StageRun): Key =>
  fold(fold(keyFromSeed(options.seed), "cold start"), plan.name);

function batchOf(run: StageRun, flows: Flows, step: number): ColdStartBatch {
  const { plan, options, runtime: speaker, material, length } = run;
  const key = stageKey(run);
  const { order, prompts, dropCondition } = options;
  const slots = (flow: Flow, name: string) =>
    batchAt(step, flow, { order, key: fold(key, name), epoch: flows.epoch });
  const noise = fold(fold(key, "noise"), step);
  return {
    ...(plan.understanding
      ? {
        mmu: dialogueBatch(slots(flows.mmu, "dialogues"), material.dialogues, { speaker, length, prompts }),
      }
      : {}),
    ...(plan.drawing
      ? {
        t2i: drawingBatch(slots(flows.t2i, "drawings"), material.drawings, {
          speaker,
          dropCondition,
          key: noise,
        }),
      }
      : {}),
  };
}

function knobsOf({ plan, options }: StageRun, rows: ConceptRows): Knobs {
  const both = plan.understanding && plan.drawing;
  return {
    learningRate: tf.scalar(options.learningRate),
    mmu: tf.scalar(both ? options.understandingWeight : 1),
    t2i: tf.scalar(both ? options.generationWeight : 1),
    l2: tf.scalar(plan.name === "stage1" ? 0 : options.l2),
    trainable: tf.tensor1d(plan.trainable.map(Number)),
    anchor: copyTree(rows),
  };
}

const NAMES = {
  stage1: "cold start, stage 1",
  stage2: "cold start, stage 2",
  stage3: "cold start, stage 3",
  joint: "cold start, all at once",
  inversion: "textual inversion",
} as const;

const numberOf = (metric: tf.Tensor): number => metric.dataSync()[0] as number;

interface Progress {
  readonly step: number;
  readonly state: RowState;
  readonly started: number;
}

const readMetrics = ({ loss, mmu, t2i, gradNorm }: RowMetrics): StepMetrics => ({
  loss: numberOf(loss),
  ...(mmu === undefined ? {} : { mmu: numberOf(mmu) }),
  ...(t2i === undefined ? {} : { t2i: numberOf(t2i) }),
  grad_norm: numberOf(gradNorm),
});

/** One update; the state before it is freed. */
function advance(
  run: StageRun,
  flows: Flows,
  { state, step, knobs }: Progress & { readonly knobs: Knobs },
): Checked<{ readonly state: RowState; readonly metrics: StepMetrics }> {
  const operation = NAMES[run.plan.name];
  return attempt((problem) => ({ _tag: "TensorFailure", operation, problem }), () => {
    const batch = batchOf(run, flows, step);
    try {
      const next = run.update(state, run.runtime.base, batch, knobs);
      const metrics = readMetrics(next.metrics);
      disposeTree(next.metrics);
      return { state: next.state, metrics };
    } finally {
      disposeTree([batch, state]);
    }
  });
}

/** What must be finite, causes before effects: the losses of the tasks come before their sum. */
const CHECKED = ["mmu", "t2i", "loss", "grad_norm"];

function problemOf(metrics: StepMetrics, state: RowState, step: number): PipelineError | null {
  const number = CHECKED.find((name) => metrics[name] !== undefined && !Number.isFinite(metrics[name]));
  const bad = number ?? firstBad({ rows: state.rows });
  return bad === undefined ? null : withEvidence({
    ...{ _tag: "Diverged", step, tensor: bad },
    problem: `is ${metrics[bad] ?? "not finite"}; lower cold_start.learning_rate`,
  }, { rows: state.rows, optimizer: state.optimizer });
}

function oneStep(run: StageRun, flows: Flows, knobs: Knobs): (progress: Progress) => Stage<Needs, Progress> {
  const steps = stepsOf(run, flows);
  return (progress) => ({ log, clock, interrupt }) => async () => {
    const advanced = advance(run, flows, { ...progress, knobs });
    if (E.isLeft(advanced)) return advanced;
    const { state, metrics } = advanced.right;
    const step = progress.step + 1;
    await breathe();
    const problem = problemOf(metrics, state, step) ??
      (interrupt.requested() ? { _tag: "Interrupted" as const, step, next: BEGIN_ANEW } : null);
    run.options.onStep?.(run.plan.name, step, metrics);
    if (problem !== null) {
      disposeTree(state);
      return E.left(problem);
    }
    const seconds = (clock.now() - progress.started) / 1000;
    log.progress(paceLine(NAMES[run.plan.name], { step, steps, seconds }, metrics));
    return E.right({ ...progress, state, step });
  };
}

/**
 * Trains the rows of one stage.
 *
 * @param rows Where it begins; stay the caller's.
 * @returns Rows that the caller owns; Left `Diverged`, `TensorFailure`, or `Interrupted` after Ctrl-C: then nothing is kept.
 */
export function runStage(run: StageRun, rows: ConceptRows): Stage<Needs, ConceptRows> {
  return (needs) => async () => {
    const flows = flowsOf(run);
    const knobs = knobsOf(run, rows);
    const steps = stepsOf(run, flows);
    const begin: Progress = { step: 0, state: initialRowState(rows), started: needs.clock.now() };
    const ended = await iterate<Needs, Progress>(({ step }) => step >= steps, oneStep(run, flows, knobs))(
      begin,
    )(
      needs,
    )();
    disposeTree(knobs);
    if (E.isLeft(ended)) return ended;
    const { optimizer, rows: trained } = ended.right.state;
    disposeTree(optimizer);
    return E.right(trained);
  };
}
