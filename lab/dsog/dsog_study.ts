/**
 * A cold-started policy with experts and decoders, ready for rollouts.
 *
 * @module
 */
import { basename } from "node:path";
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { scoped, type Stage } from "../../lib/core/stage.ts";
import { liveBlobs } from "../../lib/run/blobs.ts";
import { loadCheckpoint } from "../../lib/run/checkpoint.ts";
import { latestCheckpoint } from "../../lib/run/checkpoint_folder.ts";
import type { RunFolder } from "../../lib/run/folder.ts";
import { type Opened, openSettings, stateOf } from "../../lib/trained/checkpointed.ts";
import { type LoadedExperts, loadExperts, rewardConcept } from "../../lib/method/rewarding.ts";
import { longestPrompt, makeDecoders } from "../../lib/method/rollout.ts";
import { disposeState, type PolicyState } from "../../lib/method/policy.ts";
import type { TrainingSettings } from "../../lib/method/settings.ts";
import { openBackend } from "../../lib/tensor/backend.ts";
import { prepareTensorFlow } from "../../lib/tensor/tensorflow/setup/install.ts";
import type { HasBlobs } from "../../lib/tensor/weight_source.ts";
import type { Cell } from "../experiments/cell.ts";
import type { Study } from "./dsog_rollouts.ts";
import { type CellNeeds, runCells } from "../experiments/run_cells.ts";

type Needs = CellNeeds & HasBlobs;

/** The run that ends with the cold start. */
function coldStartCell(settings: TrainingSettings, runs: string): Cell {
  const concept = basename(settings.concept);
  const id = `${settings.name}-${concept}-s${settings.seed}-start`;
  const rl = { ...settings.rl, maxSteps: 0 };
  const evaluation = { ...settings.evaluation, tasks: [] };
  return {
    ...{ id, concept, variant: settings.name, seed: settings.seed },
    settings: { ...settings, name: id, runs, rl, evaluation },
  };
}

const coldStarted = (cell: Cell, out: string): Stage<CellNeeds, RunFolder> =>
  pipe(
    runCells([cell], { settingsFolder: `${out}/settings` }),
    RTE.flatMapEither(({ finished: [done] }) =>
      done !== undefined ? E.right(done.folder) : E.left({
        _tag: "InputInvalid" as const,
        where: cell.id,
        problem: "the cold start did not finish",
        remedy: "see above; the same command goes on",
      })
    ),
  );

const loadState = (folder: RunFolder): Stage<CellNeeds, PolicyState> =>
  pipe(
    latestCheckpoint(folder.checkpoints),
    RTE.flatMap((path) => loadCheckpoint(path ?? folder.checkpoints)),
    RTE.flatMapEither(stateOf),
  );

function wired(settings: TrainingSettings, opened: Opened, experts: LoadedExperts, state: PolicyState) {
  const { concept, profile, runtime } = opened;
  return pipe(
    rewardConcept(concept, profile.imageSize),
    RTE.map((reward): Study => ({
      ...{ settings, runtime, concept, experts, state },
      rewardConcept: reward,
      decoders: makeDecoders(runtime, settings),
      promptLength: longestPrompt(runtime, concept, settings),
    })),
  );
}

function opened<A>(
  settings: TrainingSettings,
  folder: RunFolder,
  use: (study: Study) => Stage<CellNeeds, A>,
): Stage<Needs, A> {
  return scoped(
    openSettings(settings),
    (parts) =>
      scoped(
        loadExperts(parts.profile, settings, parts.concept),
        (experts) =>
          scoped(
            loadState(folder),
            (state) => pipe(wired(settings, parts, experts, state), RTE.flatMap(use)),
            disposeState,
          ),
        ({ dispose }) => dispose(),
      ),
    ({ runtime }) => runtime.dispose(),
  );
}

/**
 * Makes a cold-started policy, or takes the one that an earlier call has left, and uses it.
 *
 * @param settings The settings of the cold start and of the rollouts.
 * @param places Folder of the run and of the experiment.
 * @param use What to do; the policy is freed afterwards.
 * @returns What `use` returned.
 */
export function withStudy<A>(
  settings: TrainingSettings,
  places: { readonly runs: string; readonly out: string },
  use: (study: Study) => Stage<CellNeeds, A>,
): Stage<CellNeeds, A> {
  const cell = coldStartCell(settings, places.runs);
  const study: Stage<Needs, A> = pipe(
    coldStarted(cell, places.out),
    RTE.tap(() => prepareTensorFlow({ device: settings.device })),
    RTE.tap(() => openBackend({ device: settings.device })),
    RTE.flatMap((folder) => opened(settings, folder, use)),
  );
  return (needs) => study({ ...needs, blobs: liveBlobs });
}
