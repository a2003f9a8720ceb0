/**
 * From gradients to the next policy: one optimizer for all tokens, or one for answers and one for images.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import type { PipelineError } from "../core/error.ts";
import type { Checked } from "../core/stage.ts";
import { learningRateFactor } from "../rl/learning_rate.ts";
import { TOKEN_KINDS, type TokenKind } from "../rl/objective.ts";
import { tf } from "../tensor/tf.ts";
import { disposeTree, flatten, type Tree } from "../tensor/tree.ts";
import { firstBad, withEvidence } from "./evidence.ts";
import type { CompiledUpdate } from "./gradients.ts";
import type { PolicyState, Trainable } from "./policy.ts";
import type { TrainingSettings } from "./settings.ts";

/** The gradient of each part; a part without advantage has none. */
export type PartGradients = Readonly<Partial<Record<TokenKind, Trainable>>>;

/** What is measured of gradients before they are clipped. */
export interface GradientFacts {
  /** Global L2 norm of all; under `rl.optimizer: by_part` the root of both norms' squares. */
  readonly gradNorm: number;
  /** Norm of each part; 0 for a part without gradient. */
  readonly partNorms: Readonly<Record<TokenKind, number>>;
  /** Smallest factor by which a gradient was clipped, in (0, 1]. */
  readonly clipFactor: number;
  /** Root mean square of the gradient over all trained numbers. */
  readonly gradRms: number;
  /** Whether there was nothing to learn: then policy and moments are what they were. */
  readonly skipped: boolean;
}

/** The facts of an update without gradients. */
export const NO_GRADIENT: GradientFacts = {
  gradNorm: 0,
  partNorms: { understanding: 0, generation: 0 },
  clipFactor: 1,
  gradRms: 0,
  skipped: true,
};

/** Trained tensors and moments, before or after a step. */
type Stepped = Pick<PolicyState, "trainable" | "optimizer">;

/**
 * The error of a number that is none, with what was at hand as evidence.
 *
 * @param state The state before the update.
 * @param tensor What is not finite.
 * @param tensors What was at hand besides.
 */
export function diverged(
  state: PolicyState,
  tensor: string,
  tensors: { readonly [name: string]: Tree },
): PipelineError {
  return withEvidence({
    _tag: "Diverged",
    step: state.step + 1,
    tensor,
    problem: "is not finite; lower rl.learning_rate or raise rl.beta",
  }, { policy: state.trainable as Tree, optimizer: state.optimizer, ...tensors });
}

/**
 * The learning rates of an update.
 *
 * @param rl Rates, schedule and warm-up.
 * @param step Updates done before.
 * @returns The rate of each part; under `rl.optimizer: shared` both are the same.
 */
export function learningRates(
  rl: TrainingSettings["rl"],
  step: number,
): Readonly<Record<TokenKind, number>> {
  const { lrSchedule: schedule, warmupSteps, maxSteps, learningRate, imageLearningRate } = rl;
  const factor = learningRateFactor(step, { schedule, warmupSteps, maxSteps });
  const generation = rl.optimizer === "shared" ? learningRate : imageLearningRate ?? learningRate;
  return { understanding: factor * learningRate, generation: factor * generation };
}

const normOf = (compiled: CompiledUpdate, grads: Trainable | undefined): number => {
  if (grads === undefined) return 0;
  const norm = compiled.norm(grads);
  const value = norm.dataSync()[0] as number;
  norm.dispose();
  return value;
};

/** One optimizer step; the gradients are freed, what it starts from is not. */
function stepWith(
  compiled: CompiledUpdate,
  state: PolicyState,
  { from, grads, norm, rate }: {
    readonly from: Stepped;
    readonly grads: Trainable;
    readonly norm: number;
    readonly rate: number;
  },
): Checked<Stepped> {
  const learningRate = tf.scalar(rate);
  const next = compiled.apply(from.trainable, from.optimizer, grads, learningRate);
  const bad = Number.isFinite(norm)
    ? firstBad({ updated: next.trainable as Tree })
    : firstBad({ gradient: grads as Tree }) ?? "norm of the gradient";
  const problem = bad === undefined
    ? null
    : diverged(state, bad, { gradient: grads as Tree, updated: next.trainable as Tree });
  disposeTree([learningRate, grads] as Tree);
  if (problem === null) return E.right(next);
  disposeTree([next.trainable, next.optimizer] as Tree);
  return E.left(problem);
}

/** How many numbers are trained. */
const sizeOf = (trainable: Trainable): number =>
  flatten(trainable as Tree).leaves.reduce((sum, { size }) => sum + size, 0);

const clipFactorOf = (norms: readonly number[], { maxGradNorm }: TrainingSettings["rl"]): number =>
  Math.min(1, ...norms.map((norm) => maxGradNorm / (norm + 1e-6)));

type Applied = Stepped & { readonly facts: GradientFacts };

/** What an optimizer step reads beside the state. */
interface Applying {
  readonly grads: PartGradients;
  readonly partNorms: GradientFacts["partNorms"];
  readonly rl: TrainingSettings["rl"];
}

/** One step on the sum of both parts. */
function applyShared(
  compiled: CompiledUpdate,
  state: PolicyState,
  { grads, partNorms, rl }: Applying,
): Checked<Applied> {
  const { understanding, generation } = grads;
  const both = understanding !== undefined && generation !== undefined;
  const sum = both ? compiled.add(understanding, generation) : (understanding ?? generation) as Trainable;
  if (both) disposeTree([understanding, generation] as Tree);
  const norm = both ? normOf(compiled, sum) : partNorms.understanding + partNorms.generation;
  const facts: GradientFacts = {
    ...{ gradNorm: norm, partNorms, clipFactor: clipFactorOf([norm], rl), skipped: false },
    gradRms: norm / Math.sqrt(sizeOf(sum)),
  };
  const rate = learningRates(rl, state.step).understanding;
  const next = stepWith(compiled, state, { from: state, grads: sum, norm, rate });
  if (E.isLeft(next)) return next;
  disposeTree([state.trainable, state.optimizer] as Tree);
  return E.right({ ...next.right, facts });
}

/** A step on answers, then one on images, each with moments, clip and rate of its own. */
function applyByPart(
  compiled: CompiledUpdate,
  state: PolicyState,
  { grads, partNorms, rl }: Applying,
): Checked<Applied> {
  const rates = learningRates(rl, state.step);
  const size = sizeOf(state.trainable);
  const parts = TOKEN_KINDS.flatMap((kind) => {
    const part = grads[kind];
    return part === undefined ? [] : [{ kind, part }];
  });
  let trainable = state.trainable;
  let optimizer = state.optimizer as Readonly<Record<TokenKind, Tree>>;
  const made: Tree[] = [];
  const spent: Tree[] = [];
  for (const [index, { kind, part }] of parts.entries()) {
    const from = { trainable, optimizer: optimizer[kind] };
    const next = stepWith(compiled, state, { from, grads: part, norm: partNorms[kind], rate: rates[kind] });
    if (E.isLeft(next)) {
      disposeTree([...made, ...parts.slice(index + 1).map((rest) => rest.part as Tree)]);
      return next;
    }
    spent.push(from.trainable as Tree, from.optimizer);
    made.push(next.right.trainable as Tree, next.right.optimizer);
    trainable = next.right.trainable;
    optimizer = { ...optimizer, [kind]: next.right.optimizer };
  }
  disposeTree(spent);
  const norms = [partNorms.understanding, partNorms.generation];
  const gradNorm = Math.hypot(...norms);
  const clipFactor = clipFactorOf(norms, rl);
  const facts = { gradNorm, partNorms, clipFactor, gradRms: gradNorm / Math.sqrt(size), skipped: false };
  return E.right({ trainable, optimizer, facts });
}

/**
 * Does the optimizer step of an update.
 *
 * @param compiled The compiled functions.
 * @param state The state before; its trained tensors and moments are used up unless it fails.
 * @param grads The gradients; used up.
 * @param rl Optimizer, clip, rates.
 * @returns The next trained tensors and moments, and what was measured; those of the state, untouched, without gradients. Left
 * `Diverged` at the first number that is none.
 */
export function applyGradients(
  compiled: CompiledUpdate,
  state: PolicyState,
  grads: PartGradients,
  rl: TrainingSettings["rl"],
): Checked<Applied> {
  const { trainable, optimizer } = state;
  const partNorms = {
    understanding: normOf(compiled, grads.understanding),
    generation: normOf(compiled, grads.generation),
  };
  if (grads.understanding === undefined && grads.generation === undefined) {
    return E.right({ trainable, optimizer, facts: NO_GRADIENT });
  }
  const apply = rl.optimizer === "shared" ? applyShared : applyByPart;
  return apply(compiled, state, { grads, partNorms, rl });
}
