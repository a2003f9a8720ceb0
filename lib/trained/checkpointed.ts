/**
 * Between a policy state and its checkpoint; and opening the model of a finished run.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as t from "io-ts";
import type { Concept } from "../concept/concept.ts";
import { conceptReference } from "../concept/concept_reference.ts";
import { loadConcept } from "../concept/unifybench.ts";
import { loadConfig } from "../config/load.ts";
import type { HasFiles, HasLog } from "../core/capability.ts";
import type { Checked, Stage } from "../core/stage.ts";
import { type Checkpoint, loadCheckpoint, type StoredCheckpoint } from "../run/checkpoint.ts";
import { latestCheckpoint } from "../run/checkpoint_folder.ts";
import { resolveRunPlace, type RunPlace } from "../run/folder.ts";
import { loadIntactCheckpoint } from "../run/intact_checkpoint.ts";
import { disposeTree, type Tree } from "../tensor/tree.ts";
import { lazyTreeArrays, treeOf } from "../tensor/tree_file.ts";
import type { HasBlobs } from "../tensor/weight_source.ts";
import type { Assistant } from "./assistant.ts";
import { localAssistant } from "./local_assistant.ts";
import { loraConfigOf, policyOf, type PolicyState, type Trainable } from "../method/policy.ts";
import { loadProfile, type Profile } from "../method/profile.ts";
import type { Naming } from "../method/prompt_reader.ts";
import { loadRuntime, type Runtime } from "../method/runtime.ts";
import { TRAINING, type TrainingSettings } from "../method/settings.ts";
import type { ModeThresholds } from "../method/thresholds.ts";

const Threshold = t.type({ threshold: t.number, previousThreshold: t.number, trend: t.number });
const Remembered = t.union([Threshold, t.null]);

/** Both modes; checkpoints of older versions hold one threshold, which is taken for both. */
const StateData = t.union([
  t.type({ thresholds: t.type({ visual: Remembered, textual: Remembered }) }),
  t.type({ threshold: Remembered }),
]);

const thresholdsOf = (data: t.TypeOf<typeof StateData>): ModeThresholds =>
  "thresholds" in data ? data.thresholds : { visual: data.threshold, textual: data.threshold };

/**
 * Writes a state as a checkpoint: everything that a resume needs.
 *
 * @param state The state; stays the caller's.
 * @param configHash Hash of the settings it was made under.
 * @returns The checkpoint; its arrays are read from the state when they are written.
 */
export function checkpointOf(state: PolicyState, configHash: string): Checkpoint {
  return {
    step: state.step,
    configHash,
    arrays: {
      policy: lazyTreeArrays(state.trainable as Tree),
      reference: lazyTreeArrays(state.reference as Tree),
      optimizer: lazyTreeArrays(state.optimizer),
    },
    state: { thresholds: state.thresholds },
  };
}

/**
 * Reads a state back: the inverse of {@link checkpointOf}.
 *
 * @returns A state with fresh tensors; Left `CheckpointCorrupt` naming what is missing.
 */
export function stateOf(stored: StoredCheckpoint): Checked<PolicyState> {
  const { policy, reference, optimizer } = stored.arrays;
  const data = StateData.decode(stored.state);
  if (policy === undefined || reference === undefined || optimizer === undefined || E.isLeft(data)) {
    return E.left({
      _tag: "CheckpointCorrupt",
      path: stored.path,
      problem: "lacks policy, reference, optimizer or threshold; resume from an older checkpoint",
    });
  }
  return E.right({
    step: stored.step,
    trainable: treeOf(policy) as Trainable,
    reference: treeOf(reference) as Trainable,
    optimizer: treeOf(optimizer),
    thresholds: thresholdsOf(data.right),
  });
}

/** Where the id of a concept is looked for. */
const CONCEPT_ROOTS = ["assets/world", "assets/photos", "photos"];

/** The concept and the loaded model that settings name. */
export interface Opened {
  readonly concept: Concept;
  readonly profile: Profile;
  readonly runtime: Runtime;
}

/**
 * Loads the concept that a person names.
 *
 * @param reference An id among the bundled concepts and those in `photos`, or a path.
 * @returns The concept; Left `InputInvalid` saying what there is instead.
 */
export function openConcept(reference: string): Stage<HasFiles & HasLog, Concept> {
  return pipe(
    conceptReference(reference, CONCEPT_ROOTS),
    RTE.flatMap(({ root, id }) => loadConcept(root, id)),
  );
}

/**
 * Loads what settings name: concept, profile, model.
 *
 * @returns All of it; the runtime is the caller's to dispose. Left naming the file that is wrong.
 */
export function openSettings(settings: TrainingSettings): Stage<HasFiles & HasBlobs & HasLog, Opened> {
  return pipe(
    RTE.Do,
    RTE.bindW("concept", () => openConcept(settings.concept)),
    RTE.bindW("profile", () => loadProfile(settings.profile)),
    RTE.bindW("runtime", ({ concept, profile }) => {
      const { semanticTokens, generationTokens, mentions } = settings;
      const naming: Naming = { token: concept.token, semanticTokens, generationTokens, mentions };
      return loadRuntime(profile, naming, { lora: loraConfigOf(settings) });
    }),
  );
}

/** A run that was opened: its model at one step, and all that it was trained with. */
export interface RunAssistant extends Opened {
  /** The run's folder. */
  readonly folder: string;
  readonly assistant: Assistant;
  readonly settings: TrainingSettings;
  /** The update after which the state was taken. */
  readonly step: number;
  /** Frees the model. */
  readonly dispose: () => void;
}

/**
 * Sees whether a run can be opened, by everything that needs no backend: folder, settings, concept, profile, a checkpoint.
 *
 * @param path As of {@link openRunAssistant}.
 * @returns Its place; Left with one line on what is missing.
 */
export function checkRun(path: string): Stage<HasFiles & HasLog, RunPlace> {
  const noCheckpoint = ({ folder }: RunPlace) => ({
    _tag: "FileMissing" as const,
    path: folder.checkpoints,
    remedy: "the run has no checkpoint; name another run or train one",
  });
  return pipe(
    resolveRunPlace(path),
    RTE.bindTo("place"),
    RTE.bindW("settings", ({ place }) => loadConfig(TRAINING, { path: place.folder.config })),
    RTE.tap(({ settings }) => openConcept(settings.concept)),
    RTE.tap(({ settings }) => loadProfile(settings.profile)),
    RTE.bindW("newest", ({ place }) => latestCheckpoint(place.folder.checkpoints)),
    RTE.flatMapEither(({ place, newest }) =>
      newest === undefined ? E.left(noCheckpoint(place)) : E.right(place)
    ),
  );
}

const storedState = (
  { folder, checkpoint }: RunPlace,
): Stage<HasFiles & HasBlobs & HasLog, StoredCheckpoint> =>
  checkpoint !== null ? loadCheckpoint(checkpoint) : pipe(
    loadIntactCheckpoint(folder.checkpoints),
    RTE.flatMapEither((found) =>
      found !== null ? E.right(found) : E.left({
        _tag: "FileMissing" as const,
        path: folder.checkpoints,
        remedy: "the run has no checkpoint; name another run or train one",
      })
    ),
  );

/**
 * Opens the model of a run at its newest intact checkpoint, or at the one that is named.
 *
 * @param path `runs/latest`, a run folder or one of its checkpoints.
 * @returns The run; its `dispose` frees all weights.
 */
export function openRunAssistant(path: string): Stage<HasFiles & HasBlobs & HasLog, RunAssistant> {
  return pipe(
    RTE.Do,
    RTE.bindW("place", () => resolveRunPlace(path)),
    RTE.bindW("settings", ({ place }) => loadConfig(TRAINING, { path: place.folder.config })),
    RTE.bindW("stored", ({ place }) => storedState(place)),
    RTE.bindW("state", ({ stored }) => RTE.fromEither(stateOf(stored))),
    RTE.bindW("opened", ({ settings }) => openSettings(settings)),
    RTE.map(({ place, settings, state, opened }) => ({
      ...opened,
      folder: place.folder.path,
      settings,
      step: state.step,
      assistant: localAssistant(opened.runtime, policyOf(opened.runtime.base, state.trainable), settings),
      dispose: () => {
        disposeTree([state.trainable, state.reference, state.optimizer] as Tree);
        opened.runtime.dispose();
      },
    })),
  );
}
