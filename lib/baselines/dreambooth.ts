/**
 * DreamBooth on our backbone: the model itself learns the pictures, while pictures of the class hold what it knew.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { Concept } from "../concept/concept.ts";
import { breathe } from "../core/breathe.ts";
import { fold, type Key, keyFromSeed, split } from "../core/key.ts";
import { attempt, type Checked, iterate, scoped, type Stage } from "../core/stage.ts";
import { BEGIN_ANEW } from "../core/error.ts";
import { paceLine } from "../run/pace.ts";
import { imageDecoder } from "../showo/decode_image.ts";
import { initialDecodeState } from "../showo/decode_state.ts";
import { tf } from "../tensor/tf.ts";
import { disposeTree, type Tree } from "../tensor/tree.ts";
import { type CodedDrawing, drawingBatch } from "../cold_start/batches.ts";
import { gatherMaterial } from "../cold_start/material.ts";
import { batchAt } from "../cold_start/order.ts";
import { drawingPrompt, drawingTokens } from "../cold_start/wording.ts";
import { initialTrainable, type Trainable } from "../method/policy.ts";
import type { Runtime } from "../method/runtime.ts";
import type { TrainingSettings } from "../method/settings.ts";
import { type BoothBatch, type BoothUpdate, dreamboothUpdate } from "./dreambooth_update.ts";
import { type BaselineNeeds, type BaselineSettings, pictureOptions, runSettings } from "./settings.ts";
import { firstWord, inversionPlan } from "./textual_inversion.ts";

/** How DreamBooth names a concept: the new word, then the class noun. */
export interface BoothName {
  readonly token: string;
  readonly className: string;
}

/**
 * Writes the class noun behind the word.
 *
 * @param text Text with the concept's token.
 * @param name Word and class.
 *
 * @example
 * ```ts
 * import { withClass } from "./dreambooth.ts";
 * import assert from "node:assert/strict";
 * assert.equal(withClass("a photo of <bo> .", { token: "<bo>", className: "dog" }), "a photo of <bo> dog .");
 * ```
 */
export function withClass(text: string, { token, className }: BoothName): string {
  return text.replaceAll(token, () => `${token} ${className}`);
}

const plainPrompt = ({ base, token }: Concept): string => base[0] ?? `a photo of ${token} .`;

/** The concept with the class noun in every prompt that is learnt. */
const withClasses = (concept: Concept): Concept => ({
  ...concept,
  base: [withClass(plainPrompt(concept), concept)],
  captions: Object.fromEntries(
    Object.entries(concept.captions).map(([path, caption]) => [path, withClass(caption, concept)]),
  ),
});

/** Pictures per device call. */
const PRIOR_BATCH = 8;

/** Pictures of the class, drawn by the model before it learns. */
function priorDrawings(
  runtime: Runtime,
  concept: Concept,
  options: { readonly count: number; readonly key: Key; readonly settings: TrainingSettings },
): readonly CodedDrawing[] {
  const { model, config, base, startRows: rows } = runtime;
  const { count, key, settings: { generation } } = options;
  const decode = imageDecoder(model, {
    steps: generation.timesteps,
    guidance: generation.guidanceScale,
    schedule: generation.maskSchedule,
    batchSize: Math.min(count, PRIOR_BATCH),
  });
  const prompt = plainPrompt(concept).replaceAll(concept.token, () => `a ${concept.className}`);
  const textIds = drawingTokens({ prompt }, runtime, {
    prompts: "name_block",
    stage: "inversion",
    perceptionTokens: 0,
  });
  const candidates = split(key, count).map((own) => ({
    prompt: drawingPrompt(textIds, runtime, false),
    state: initialDecodeState({
      key: own,
      numTokens: config.numVqTokens,
      temperature: generation.temperature,
    }),
  }));
  return decode({ base, rows }, candidates).map(({ codes }) => ({ textIds, views: [codes] }));
}

interface Booth {
  readonly runtime: Runtime;
  readonly settings: BaselineSettings;
  readonly own: readonly CodedDrawing[];
  readonly prior: readonly CodedDrawing[];
  readonly update: BoothUpdate;
}

const batchOf = ({ runtime: speaker, settings, own, prior }: Booth, step: number): BoothBatch => {
  const key = fold(keyFromSeed(settings.seed), "dreambooth");
  const { dropCondition } = pictureOptions(settings);
  const batch = (name: string, drawings: readonly CodedDrawing[]) => {
    const flow = { count: drawings.length, batchSize: settings.batch, keepsOrder: false };
    const slots = batchAt(step, flow, { order: "shuffled", key: fold(key, name), epoch: 1 });
    return drawingBatch(slots, drawings, {
      speaker,
      dropCondition,
      key: fold(fold(key, `${name} noise`), step),
    });
  };
  return { own: batch("own", own), ...(prior.length === 0 ? {} : { prior: batch("prior", prior) }) };
};

interface Progress {
  readonly step: number;
  readonly trainable: Trainable;
  readonly optimizer: Tree;
  readonly started: number;
}

interface Advanced {
  readonly progress: Progress;
  readonly losses: Readonly<Record<string, number>>;
}

/** One update; the tensors before it are freed. */
function advance(booth: Booth, progress: Progress): Checked<Advanced> {
  const { settings: { learningRate, priorWeight }, runtime, update } = booth;
  return attempt((problem) => ({ _tag: "TensorFailure", operation: "dreambooth", problem }), () => {
    const batch = batchOf(booth, progress.step);
    const numbers = { learningRate: tf.scalar(learningRate), priorWeight: tf.scalar(priorWeight) };
    const { trainable, optimizer } = progress;
    try {
      const { losses, ...next } = update({ trainable, optimizer }, runtime.base, batch, numbers);
      const read = Object.entries(losses).map(([name, value]) => [name, value.dataSync()[0] as number]);
      disposeTree(losses);
      return {
        progress: { ...progress, ...next, step: progress.step + 1 },
        losses: Object.fromEntries(read),
      };
    } finally {
      disposeTree([batch as Tree, numbers, trainable as Tree, optimizer]);
    }
  });
}

const freed = ({ trainable, optimizer }: Progress): void => disposeTree([trainable as Tree, optimizer]);

const oneStep =
  (booth: Booth) =>
  (before: Progress): Stage<BaselineNeeds, Progress> =>
  ({ log, clock, interrupt }) =>
  async () => {
    const advanced = advance(booth, before);
    if (E.isLeft(advanced)) return advanced;
    const { progress, losses } = advanced.right;
    const { step, started } = progress;
    await breathe();
    const bad = Object.entries(losses).find(([, value]) => !Number.isFinite(value));
    if (bad !== undefined || interrupt.requested()) {
      freed(progress);
      return E.left(
        bad === undefined
          ? { _tag: "Interrupted", step, next: BEGIN_ANEW }
          : { _tag: "Diverged", step, tensor: bad[0], problem: `is ${bad[1]}; lower baseline.learning_rate` },
      );
    }
    const seconds = (clock.now() - started) / 1000;
    log.progress(paceLine("dreambooth", { step, steps: booth.settings.steps, seconds }, losses));
    return E.right(progress);
  };

const train =
  (booth: Booth, trainable: Trainable): Stage<BaselineNeeds, Trainable> => (needs) => async () => {
    const optimizer = booth.update.init(trainable);
    const begin: Progress = { step: 0, trainable, optimizer, started: needs.clock.now() };
    const steps = iterate<BaselineNeeds, Progress>(
      ({ step }) => step >= booth.settings.steps,
      oneStep(booth),
    );
    const ended = await steps(begin)(needs)();
    if (E.isRight(ended)) disposeTree(ended.right.optimizer);
    return pipe(ended, E.map((progress) => progress.trainable));
  };

/**
 * Trains the model on the train photos: `L(photos, "a photo of <c> dog") + λ · L(class pictures, "a photo of a dog")`.
 *
 * The word, and LoRA's updates or all weights, are trained; the pictures of the class are drawn by the model as it was.
 *
 * @param settings Steps, rate, what is trained, λ.
 * @param runtime The model, loaded with `baselineNaming`, and with LoRA's sizes if that is trained.
 * @returns Trained tensors that the caller owns. Left `InputInvalid` without photos, `Diverged`, or `Interrupted` on Ctrl-C.
 *
 * Source: Ruiz et al., "DreamBooth", 2023, eq. 2; the masked-token loss of the backbone in place of the diffusion loss.
 */
export function dreambooth(
  settings: BaselineSettings,
  runtime: Runtime,
  concept: Concept,
): Stage<BaselineNeeds, Trainable> {
  const named = withClasses(concept);
  const plan = inversionPlan(runtime.startRows.embed.shape[0] as number);
  const whole = runSettings("dreambooth", settings);
  const key = fold(keyFromSeed(settings.seed), "class pictures");
  const prior = (): Checked<readonly CodedDrawing[]> =>
    attempt(
      (problem) => ({ _tag: "TensorFailure", operation: "pictures of the class", problem }),
      () =>
        settings.priorPictures === 0 || settings.priorWeight === 0
          ? []
          : priorDrawings(runtime, concept, { count: settings.priorPictures, key, settings: whole }),
    );
  return pipe(
    gatherMaterial(pictureOptions(settings), runtime, { concept: named, plans: [plan] }),
    RTE.bindTo("material"),
    RTE.bindW("prior", () => RTE.fromEither(prior())),
    RTE.flatMap(({ material, prior }): Stage<BaselineNeeds, Trainable> => {
      const own = material.stages.get(plan.name)?.drawings ?? [];
      const update = dreamboothUpdate(runtime.model, whole);
      return scoped(
        firstWord(runtime, concept, settings.seed),
        (rows) =>
          pipe(
            RTE.fromEither(attempt(
              (problem) => ({ _tag: "TensorFailure", operation: "dreambooth, start", problem }),
              () => initialTrainable(runtime, rows, whole),
            )),
            RTE.flatMap((start) => train({ runtime, settings, own, prior, update }, start)),
          ),
        disposeTree,
      );
    }),
  );
}
