/**
 * The cold start: a concept's rows learnt from its photos and dialogues (UniCTokens), before reinforcement.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { Concept } from "../concept/concept.ts";
import { loadConceptImages } from "../concept/photo.ts";
import { fold, keyFromSeed } from "../core/key.ts";
import { attempt, type Checked, DONE, scoped, type Stage } from "../core/stage.ts";
import type { ConceptRows } from "../showo/concept_rows.ts";
import { copyTree, disposeTree } from "../tensor/tree.ts";
import type { Runtime } from "../method/runtime.ts";
import { type Decoding, perceptionRows } from "./difference_maps.ts";
import { faceRows } from "./face_rows.ts";
import { embedRows, firstRows, withEmbedRows } from "./first_rows.ts";
import { gatherMaterial, type Material, type StageMaterial, wordingOf } from "./material.ts";
import { type StagePlan, stagesOf } from "./plan.ts";
import { rowGradients, type RowUpdate, rowUpdate } from "./row_update.ts";
import { runStage } from "./run_stage.ts";
import type { ColdStartNeeds, ColdStartOptions } from "./settings.ts";

const DECODING: Decoding = { timesteps: 10, guidanceScale: 2, temperature: 1 };

interface Context {
  readonly options: ColdStartOptions;
  readonly runtime: Runtime;
  readonly concept: Concept;
  readonly material: Material;
  /** The update of a stage; stages with the same constants share it and what it compiled. */
  readonly updateOf: (plan: StagePlan) => RowUpdate;
}

const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);

const replacing = (
  rows: ConceptRows,
  indices: readonly number[],
  fresh: readonly Float32Array[],
): ConceptRows =>
  withEmbedRows(rows, new Map(indices.map((row, index) => [row, fresh[index] as Float32Array])));

/** Generation rows from the faces of a human's photos, if that is wanted and there are any. */
function withFaces(context: Context, rows: ConceptRows): Stage<ColdStartNeeds, ConceptRows> {
  const { options, runtime: { naming, profile }, concept } = context;
  const { faces, faceInit, perceptionTokens } = options;
  if (!faceInit || faces === undefined || concept.category !== "human") {
    return RTE.fromIO(() => copyTree(rows));
  }
  const { semanticTokens: k, generationTokens: m } = naming;
  const replaced = range(1 + k, 1 + k + m - perceptionTokens);
  return pipe(
    loadConceptImages(concept.trainImages, profile.imageSize),
    RTE.flatMap(({ photos }): Stage<ColdStartNeeds, readonly (Float32Array | null)[]> =>
      faces(photos.map(({ image }) => image))
    ),
    RTE.map((found) => {
      const fresh = faceRows(found.filter((face) => face !== null), embedRows(rows, replaced));
      return fresh === null ? copyTree(rows) : replacing(rows, replaced, fresh);
    }),
  );
}

function withPerception(context: Context, rows: ConceptRows): Checked<ConceptRows> {
  const { options, runtime, concept } = context;
  const { perceptionTokens, perceptionPictures: count, seed, decoding = DECODING } = options;
  const total = rows.embed.shape[0] as number;
  const wording = wordingOf(options, "stage2");
  const key = fold(keyFromSeed(seed), "perception");
  return attempt((problem) => ({ _tag: "TensorFailure", operation: "cold start, stage 3", problem }), () => {
    const fresh = perceptionRows(runtime, rows, { concept, wording, count, key, decoding });
    return replacing(rows, range(total - perceptionTokens, total), fresh);
  });
}

/** Sets the rows that a stage adds; fresh tensors. */
function beginStage(
  context: Context,
  plan: StagePlan,
  rows: ConceptRows,
): Stage<ColdStartNeeds, ConceptRows> {
  if (plan.name === "stage3") return (_) => () => Promise.resolve(withPerception(context, rows));
  if (plan.name === "stage1") return RTE.fromIO(() => copyTree(rows));
  return withFaces(context, rows);
}

function oneStage(context: Context, plan: StagePlan, rows: ConceptRows): Stage<ColdStartNeeds, ConceptRows> {
  const { options, runtime, material, updateOf } = context;
  const { length } = material;
  const run = {
    plan,
    options,
    runtime,
    length,
    material: material.stages.get(plan.name) as StageMaterial,
    update: updateOf(plan),
  };
  const trained = scoped(
    beginStage(context, plan, rows),
    (begun): Stage<ColdStartNeeds, ConceptRows> => runStage(run, begun),
    disposeTree,
  );
  const after = options.afterStage ?? (() => DONE);
  return pipe(
    trained,
    RTE.flatMap((done) =>
      pipe(
        after(plan.name, done),
        RTE.map(() => done),
        RTE.mapLeft((error) => {
          disposeTree(done);
          return error;
        }),
      )
    ),
  );
}

const allStages = (
  context: Context,
  plans: readonly StagePlan[],
  first: ConceptRows,
): Stage<ColdStartNeeds, ConceptRows> =>
  plans.reduce<Stage<ColdStartNeeds, ConceptRows>>(
    (before, plan) => scoped(before, (rows) => oneStage(context, plan, rows), disposeTree),
    RTE.fromIO(() => copyTree(first)),
  );

function sharedUpdates(runtime: Runtime): Context["updateOf"] {
  const gradients = rowGradients(runtime.model);
  const updates = new Map<string, RowUpdate>();
  return ({ epsilon, weightDecay }) => {
    const name = `${epsilon} ${weightDecay}`;
    const update = updates.get(name) ?? rowUpdate(runtime.model, gradients, { epsilon, weightDecay });
    updates.set(name, update);
    return update;
  };
}

function checkTokens(options: ColdStartOptions, { naming }: Runtime): Checked<void> {
  const { plan, perceptionTokens } = options;
  const most = naming.generationTokens - 1;
  const fits = plan === "stages3"
    ? perceptionTokens >= 1 && perceptionTokens <= most
    : perceptionTokens === 0 || plan === "none";
  return fits ? E.right(undefined) : E.left({
    _tag: "ConfigInvalid",
    where: "cold_start.perception_tokens",
    problems: [
      plan === "stages3"
        ? `is ${perceptionTokens}; stage 3 needs 1 to ${most} of the ${naming.generationTokens} generation tokens`
        : `is ${perceptionTokens}, but plan ${plan} has no stage 3; set it to 0 or choose stages3`,
    ],
  });
}

/**
 * Learns the rows of a concept from its photos and dialogues; the model itself stays as it is.
 *
 * Plan `stages`: dialogues first, then pictures and dialogues with the generation rows added; `stages3` adds perception
 * rows that begin with what generation leaves open; `joint` trains everything at once; `none` returns the first rows. The
 * loss is a softmax over the whole vocabulary; rows outside a stage stay bit for bit as they are.
 *
 * @param options The settings, the seed, and what to tell whom.
 * @param runtime The loaded model.
 * @returns Rows that the caller owns. Left `InputInvalid` without samples, `Diverged`, or `Interrupted` on Ctrl-C.
 *
 * Source: UniCTokens.
 */
export function coldStart(
  options: ColdStartOptions,
  runtime: Runtime,
  concept: Concept,
): Stage<ColdStartNeeds, ConceptRows> {
  const plans = stagesOf(options.plan, { ...runtime.naming, perceptionTokens: options.perceptionTokens });
  const key = fold(keyFromSeed(options.seed), "first rows");
  return pipe(
    RTE.fromEither(checkTokens(options, runtime)),
    RTE.flatMap(() => gatherMaterial(options, runtime, { concept, plans })),
    RTE.flatMap((material): Stage<ColdStartNeeds, ConceptRows> => {
      const context = { options, runtime, concept, material, updateOf: sharedUpdates(runtime) };
      const { init } = options;
      const first = attempt(
        (problem) => ({ _tag: "TensorFailure", operation: "cold start, first rows", problem }),
        () => firstRows(runtime, concept, { init, pictures: material.trainPictures, key }),
      );
      return scoped(RTE.fromEither(first), (rows) => allStages(context, plans, rows), disposeTree);
    }),
  );
}
