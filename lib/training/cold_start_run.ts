/**
 * A run that ends after the cold start: a concept file per stage, and a checkpoint that everything else can open.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { join } from "node:path";
import { configHash } from "../config/stringify.ts";
import type { HasFiles } from "../core/capability.ts";
import { scoped, type Stage } from "../core/stage.ts";
import { loadFaces } from "../experts/face/face_load.ts";
import type { RunFolder } from "../run/folder.ts";
import { encodeConceptFile } from "../showo/concept_file.ts";
import type { ConceptRows } from "../showo/concept_rows.ts";
import { disposeTree } from "../tensor/tree.ts";
import type { HasBlobs } from "../tensor/weight_source.ts";
import { conceptTokens } from "../text/name_block.ts";
import { type Opened, openSettings } from "../trained/checkpointed.ts";
import { coldStart } from "../cold_start/cold_start.ts";
import type { ColdStartHooks, ColdStartNeeds } from "../cold_start/settings.ts";
import { keepEvidence } from "../method/evidence.ts";
import { newRun } from "./new_run.ts";
import { disposeState } from "../method/policy.ts";
import { saveState, startState } from "./run_training.ts";
import { TRAINING, type TrainingSettings } from "../method/settings.ts";

/** What a cold start on disk needs. */
export type HasColdStart = ColdStartNeeds & HasBlobs;

/** What was written. */
export interface ColdStartRun {
  readonly folder: RunFolder;
  /** One concept file per stage, in order. */
  readonly conceptFiles: readonly string[];
}

/** A cold start and the folder of its run. */
export interface ColdStartPlace {
  readonly settings: TrainingSettings;
  readonly opened: Opened;
  readonly folder: RunFolder;
}

/** What was learnt. */
export interface LearntRows {
  /** Owned by the caller. */
  readonly rows: ConceptRows;
  /** One concept file per stage, in order. */
  readonly conceptFiles: readonly string[];
}

/** Writes the rows after a stage, and the course of its losses. */
function recorder(
  { settings, opened: { concept }, folder }: ColdStartPlace,
): Required<Pick<ColdStartHooks, "onStep" | "afterStage">> & { readonly written: string[] } {
  const written: string[] = [];
  const lines: string[] = [];
  const concepts = join(folder.path, "concepts");
  return {
    written,
    onStep: (stage, step, metrics) => void lines.push(`${JSON.stringify({ stage, step, ...metrics })}\n`),
    afterStage: (stage, rows) => ({ files }: HasFiles) => {
      const path = join(concepts, `${concept.id}-${stage}.safetensors`);
      const tokens = conceptTokens(concept.token, settings);
      return pipe(
        files.makeFolder(concepts),
        TE.flatMap(() =>
          files.writeAtomic(path, encodeConceptFile(rows, { concept: concept.token, tokens, stage }))
        ),
        TE.flatMap(() => files.append(join(folder.path, "cold_start.jsonl"), lines.splice(0).join(""))),
        TE.map(() => void written.push(path)),
      );
    },
  };
}

/** Loads the face embedder where stage 2 begins with a face. */
function withFaces<A>(
  { settings, opened: { concept, profile } }: ColdStartPlace,
  use: (faces: Pick<ColdStartHooks, "faces">) => Stage<HasColdStart, A>,
): Stage<HasColdStart, A> {
  const { facenet, mtcnn } = profile;
  if (!settings.coldStart.faceInit || concept.category !== "human") return use({});
  if (facenet === null) {
    return RTE.left({
      _tag: "InputInvalid",
      where: "profile",
      problem: "names no folder for facenet",
      remedy: "add it, or set cold_start.face_init=false",
    });
  }
  return scoped(
    loadFaces(facenet, mtcnn === null ? {} : { detector: mtcnn }),
    ({ embed }) => use({ faces: embed }),
    ({ dispose }) => dispose(),
  );
}

/** The rows of the cold start as the state before the first update. */
function saveFirst({ settings, opened, folder }: ColdStartPlace, rows: ConceptRows): Stage<HasFiles, void> {
  const { runtime } = opened;
  const begin: Stage<HasFiles, ReturnType<typeof startState>> = RTE.fromIO(() =>
    startState({ runtime, settings }, rows)
  );
  const run = { folder, settings, configHash: configHash(TRAINING, settings) };
  return scoped(begin, (state) => saveState(run, state), disposeState);
}

/**
 * Learns the rows of a concept into a run folder: `concepts/<id>-<stage>.safetensors` after each stage, all losses in
 * `cold_start.jsonl`.
 *
 * @param place Settings, model and folder.
 * @returns The rows. Left as `coldStart`; at the first number that is none the tensors are in the folder's `diverged`.
 */
export function learnRows(place: ColdStartPlace): Stage<HasColdStart, LearntRows> {
  const { settings, opened: { runtime, concept }, folder } = place;
  const learnt = withFaces(place, (faces) => {
    const { written, onStep, afterStage } = recorder(place);
    const { timesteps, guidanceScale, temperature } = settings.generation;
    const options = {
      ...settings.coldStart,
      ...faces,
      ...{ onStep, afterStage, seed: settings.seed, decoding: { timesteps, guidanceScale, temperature } },
    };
    return pipe(
      coldStart(options, runtime, concept),
      RTE.map((rows): LearntRows => ({ rows, conceptFiles: written })),
    );
  });
  return keepEvidence(join(folder.path, "diverged"), learnt);
}

const learn = (place: ColdStartPlace): Stage<HasColdStart, ColdStartRun> =>
  scoped(
    learnRows(place),
    ({ rows, conceptFiles }) =>
      pipe(
        saveFirst(place, rows),
        RTE.map((): ColdStartRun => ({ folder: place.folder, conceptFiles })),
      ),
    ({ rows }) => disposeTree(rows),
  );

/**
 * Runs a cold start into a run folder of its own.
 *
 * Each stage leaves `concepts/<id>-<stage>.safetensors` and its losses in `cold_start.jsonl`; in the end stands a checkpoint
 * of step 0, from which pictures, answers and evaluations can be made.
 *
 * @param settings The settings of a training run.
 * @param place The backend's description and the folder that holds `.git`, for the manifest.
 * @returns What was written; Left before a folder is made if concept, profile or weights are wrong.
 */
export function coldStartRun(
  settings: TrainingSettings,
  place: { readonly backend: string; readonly project: string },
): Stage<HasColdStart, ColdStartRun> {
  const begin = newRun(settings, { command: "cold-start", ...place });
  return scoped(
    openSettings(settings),
    (opened) =>
      pipe(
        begin,
        RTE.flatMap((folder) => learn({ settings, opened, folder })),
      ),
    ({ runtime }) => runtime.dispose(),
  );
}
