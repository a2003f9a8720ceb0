/**
 * The compiled parts of an update: gradients of micro-batches, their sum, and the optimizer step.
 *
 * @module
 */
import { type ObjectiveTerms, objectiveTerms } from "../rl/objective_terms.ts";
import { encodeImagePrompts } from "../showo/guidance.ts";
import { type FrozenImageSteps, frozenImageSteps, imageLogps, textLogps } from "../showo/logprobs.ts";
import type { Policy } from "../showo/model.ts";
import { encodePrefix, type Prefix, type PrefixInput } from "../showo/prefix.ts";
import type { ShowoWeights } from "../showo/weights.ts";
import { valueAndGrad } from "../tensor/grad.ts";
import { jit } from "../tensor/jit.ts";
import {
  type AdamState,
  adamw,
  applyUpdates,
  chain,
  clipByGlobalNorm,
  globalNorm,
  type Transform,
} from "../tensor/optimizer.ts";
import { tf } from "../tensor/tf.ts";
import { disposeTree, flatten, type Tree, unflatten } from "../tensor/tree.ts";
import { policyOf, type Trainable } from "./policy.ts";
import type { Runtime } from "./runtime.ts";
import type { TrainingSettings } from "./settings.ts";
import type { ImageBatch, TextBatch, TokenWeights } from "./update_batches.ts";

/** What an update reads and never changes. */
export type Frozen = { readonly base: ShowoWeights; readonly reference: Policy };

/** Gradients of a micro-batch and the sums of its terms. */
export type Gradients = { readonly grads: Trainable; readonly terms: { readonly [name: string]: tf.Tensor } };

/** Gradients of one kind of micro-batch; `old` holds the rollout policy's log-probs where the ratio is not 1. */
type GradientOf<B extends Tree> = (
  trainable: Trainable,
  frozen: Frozen,
  batch: B,
  old: readonly tf.Tensor[],
) => Gradients;

type LogpsOf<B extends Tree> = (trainable: Trainable, base: ShowoWeights, batch: B) => tf.Tensor;

/** The compiled functions of an update. */
export interface CompiledUpdate {
  readonly image: GradientOf<ImageBatch>;
  readonly text: GradientOf<TextBatch>;
  readonly imageLogps: LogpsOf<ImageBatch>;
  readonly textLogps: LogpsOf<TextBatch>;
  readonly add: (a: Trainable, b: Trainable) => Trainable;
  /** Global norm of gradients. */
  readonly norm: (grads: Trainable) => tf.Tensor;
  readonly apply: (
    trainable: Trainable,
    optimizer: Tree,
    grads: Trainable,
    learningRate: tf.Tensor,
  ) => { readonly trainable: Trainable; readonly optimizer: Tree };
}

/**
 * The optimizer of a run, or of one part of its tokens: global-norm clip, then AdamW.
 *
 * @param settings Clip, weight decay, AdamW's ε.
 */
export function runOptimizer(
  { rl }: Pick<TrainingSettings, "rl">,
): Transform<readonly [readonly [], AdamState]> {
  const { weightDecay, adamEpsilon: epsilon } = rl;
  return chain(clipByGlobalNorm(rl.maxGradNorm), adamw({ weightDecay, epsilon }));
}

/**
 * The optimizer's state before the first update: moments of 0.
 *
 * @param settings Whether answer and image tokens have an optimizer each.
 * @param trainable What is trained; stays the caller's.
 * @returns One state, or `understanding` and `generation` under `rl.optimizer: by_part`; fresh tensors.
 */
export function initialOptimizer({ rl }: Pick<TrainingSettings, "rl">, trainable: Trainable): Tree {
  const fresh = (): Tree => runOptimizer({ rl }).init(trainable as Tree) as Tree;
  return rl.optimizer === "shared" ? fresh() : { understanding: fresh(), generation: fresh() };
}

/**
 * Says whether the distance to the reference is measured: where it costs something (β), or may end training.
 *
 * @returns False where the reference is not asked at all, which saves a forward pass.
 */
export function measuresKl({ beta, maxKl }: Pick<TrainingSettings["rl"], "beta" | "maxKl">): boolean {
  return beta > 0 || maxKl !== null;
}

/** What the reference says about a batch, and what the current policy need not compute again. */
type View = Partial<FrozenImageSteps>;

/** How the current policy and the reference see one kind of tokens. */
interface Views<B extends Tree> {
  readonly current: (trainable: Trainable, base: ShowoWeights, batch: B, known: View) => tf.Tensor;
  /** The prompts of a batch under the reference, by the function that decoding has compiled; none where nobody asks. */
  readonly prompts: (reference: Policy, batch: B) => readonly Prefix[];
  readonly frozen: (reference: Policy, batch: B, prefix: Prefix | undefined) => View;
}

/** Gradients of the objective on one kind of tokens. */
const gradientOf = <B extends Tree & { readonly tokens: TokenWeights }>(
  name: string,
  views: Views<B>,
  { rl, model }: Pick<TrainingSettings, "rl"> & Pick<Runtime, "model">,
): GradientOf<B> => {
  const clip = {
    epsilon: rl.epsilon,
    beta: rl.beta,
    ...(rl.epsilonHigh === null ? {} : { epsilonHigh: rl.epsilonHigh }),
  };
  const gradients = model.whole(
    name,
    (
      trainable: Trainable,
      frozen: Frozen,
      { batch, prompts: [prefix] }: { readonly batch: B; readonly prompts: readonly Prefix[] },
      [oldPerTokenLogps]: readonly tf.Tensor[],
    ) => {
      const known = views.frozen(frozen.reference, batch, prefix);
      const refPerTokenLogps = measuresKl(rl) ? known.logps : undefined;
      const { aux, grads } = valueAndGrad((current: Trainable) => {
        const terms: ObjectiveTerms = objectiveTerms({
          perTokenLogps: views.current(current, frozen.base, batch, known),
          ...batch.tokens,
          ...(oldPerTokenLogps === undefined ? {} : { oldPerTokenLogps }),
          ...(refPerTokenLogps === undefined ? {} : { refPerTokenLogps }),
        }, clip);
        return { loss: terms.loss, aux: terms as { readonly [name: string]: tf.Tensor } };
      })(trainable);
      return { grads, terms: aux };
    },
  );
  return (trainable, frozen, batch, old) => {
    const prompts = views.prompts(frozen.reference, batch);
    const result = gradients(trainable, frozen, { batch, prompts }, old);
    disposeTree(prompts);
    return result;
  };
};

/** What of the settings the log-probs of answers depend on. */
type AnswerSettings = Pick<TrainingSettings, "rl" | "reasoning">;

/** The candidates of an answer's token that its log-prob counts; 0 = all. */
const candidatesOf = ({ rl, reasoning }: AnswerSettings): number =>
  rl.answerLogps === "candidates" ? reasoning.topK : 0;

const logpsOf = (
  model: Runtime["model"],
  settings: AnswerSettings,
): Pick<CompiledUpdate, "imageLogps" | "textLogps"> => {
  const topK = candidatesOf(settings);
  return {
    imageLogps: (trainable, base, { steps }) => imageLogps(policyOf(base, trainable), steps, { model }),
    textLogps: (trainable, base, { answers }) =>
      textLogps(policyOf(base, trainable), answers, { model, topK }),
  };
};

/**
 * Where only concept rows are trained, the branch without prompt is the same for policy and reference, and has no gradient:
 * it is computed once.
 */
function imageViews(
  model: Runtime["model"],
  { rl, generation }: Pick<TrainingSettings, "rl" | "generation">,
): Views<ImageBatch> {
  const guided = rl.guidanceInObjective && generation.guidanceScale > 0;
  const shared = rl.trainable === "concept_rows" && guided;
  const encode = model.whole(
    "image prompts",
    (policy: Policy, prompts: PrefixInput) => encodeImagePrompts(policy, prompts, { guided, model }),
  );
  return {
    current: (trainable, base, { steps }, known) =>
      imageLogps(policyOf(base, trainable), steps, { model, frozen: known }),
    prompts: (reference, { steps }) => measuresKl(rl) || shared ? [encode(reference, steps.prompts)] : [],
    frozen: (reference, { steps }, prefix) => {
      if (shared) return frozenImageSteps(reference, steps, { model, prefix });
      return measuresKl(rl) ? { logps: imageLogps(reference, steps, { model, prefix }) } : {};
    },
  };
}

function textViews(model: Runtime["model"], settings: AnswerSettings): Views<TextBatch> {
  const { rl } = settings;
  const topK = candidatesOf(settings);
  const encode = model.whole(
    "text prompts",
    (policy: Policy, prompts: PrefixInput) => encodePrefix(policy, prompts, model),
  );
  return {
    current: (trainable, base, { answers }) => textLogps(policyOf(base, trainable), answers, { model, topK }),
    prompts: (reference, { answers }) => measuresKl(rl) ? [encode(reference, answers.prompts)] : [],
    frozen: (reference, { answers }, prefix) =>
      measuresKl(rl) ? { logps: textLogps(reference, answers, { model, topK, prefix }) } : {},
  };
}

const addTrees = (a: Trainable, b: Trainable): Trainable => {
  const [left, right] = [flatten(a), flatten(b)];
  const sums = left.leaves.map((leaf, index) => tf.add(leaf, right.leaves[index] as tf.Tensor));
  return unflatten(left.structure, sums) as Trainable;
};

/**
 * Compiles the parts of an update.
 *
 * @returns The functions; each is traced at its first call.
 */
export function compileUpdate(runtime: Runtime, settings: TrainingSettings): CompiledUpdate {
  const { model } = runtime;
  const { imageLogps: image, textLogps: text } = logpsOf(model, settings);
  const optimizer = runOptimizer(settings);
  return {
    image: gradientOf("image gradients", imageViews(model, settings), { ...settings, model }),
    text: gradientOf("text gradients", textViews(model, settings), { ...settings, model }),
    imageLogps: model.whole("image log-probs", image),
    textLogps: model.whole("text log-probs", text),
    add: jit("add gradients", addTrees),
    norm: jit("gradient norm", globalNorm),
    apply: jit("optimizer", (trainable, state, grads, learningRate) => {
      const context = { parameters: trainable, learningRate: learningRate as tf.Scalar };
      const next = optimizer.update(grads, state as ReturnType<typeof optimizer.init>, context);
      return {
        trainable: applyUpdates(trainable, next.updates),
        optimizer: next.state as Tree,
      };
    }),
  };
}
