/**
 * Textual Inversion on our backbone: one new word is learnt from pictures, everything else stays as it is.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { Concept } from "../concept/concept.ts";
import { fold, keyFromSeed } from "../core/key.ts";
import { attempt, scoped, type Stage } from "../core/stage.ts";
import type { ConceptRows } from "../showo/concept_rows.ts";
import { disposeTree } from "../tensor/tree.ts";
import { firstRows } from "../cold_start/first_rows.ts";
import { gatherMaterial, type StageMaterial } from "../cold_start/material.ts";
import type { StagePlan } from "../cold_start/plan.ts";
import { rowGradients, rowUpdate } from "../cold_start/row_update.ts";
import { runStage } from "../cold_start/run_stage.ts";
import type { Runtime } from "../method/runtime.ts";
import { type BaselineNeeds, type BaselineSettings, pictureOptions } from "./settings.ts";

/**
 * Describes the training: pictures alone, all rows of the word, no decay.
 *
 * @param vectors Rows of the word.
 */
export function inversionPlan(vectors: number): StagePlan {
  return {
    name: "inversion",
    understanding: false,
    drawing: true,
    trainable: Array.from({ length: vectors }, () => true),
    epsilon: 1e-8,
    weightDecay: 0,
  };
}

/**
 * The first values of a baseline's word: the embedding of the class noun.
 *
 * @param runtime The model, loaded with `baselineNaming`.
 * @param seed Of the randomness.
 * @returns Rows that the caller owns; Left `TensorFailure`.
 */
export function firstWord(runtime: Runtime, concept: Concept, seed: number): Stage<unknown, ConceptRows> {
  return (_) => () =>
    Promise.resolve(
      attempt(
        (problem) => ({ _tag: "TensorFailure", operation: "first values of the word", problem }),
        () =>
          firstRows(runtime, concept, { init: "words", pictures: [], key: fold(keyFromSeed(seed), "word") }),
      ),
    );
}

/**
 * Learns a word from the train photos: `min E ‖loss of drawing "a photo of <c>"‖` over its rows alone.
 *
 * @param settings Steps, rate, batch.
 * @param runtime The model, loaded with `baselineNaming`.
 * @returns Rows that the caller owns. Left `InputInvalid` without photos, `Diverged`, or `Interrupted` on Ctrl-C.
 *
 * Source: Gal et al., "An Image is Worth One Word", 2022, eq. 2; the masked-token loss of the backbone in place of the
 * diffusion loss.
 */
export function textualInversion(
  settings: BaselineSettings,
  runtime: Runtime,
  concept: Concept,
): Stage<BaselineNeeds, ConceptRows> {
  const plan = inversionPlan(runtime.startRows.embed.shape[0] as number);
  const options = pictureOptions(settings);
  return pipe(
    gatherMaterial(options, runtime, { concept, plans: [plan] }),
    RTE.flatMap(({ stages, length }): Stage<BaselineNeeds, ConceptRows> => {
      const material = stages.get(plan.name) as StageMaterial;
      const update = rowUpdate(runtime.model, rowGradients(runtime.model), plan);
      return scoped(
        firstWord(runtime, concept, settings.seed),
        (rows) => runStage({ plan, options, runtime, material, length, update }, rows),
        disposeTree,
      );
    }),
  );
}
