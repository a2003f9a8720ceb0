/**
 * A whole personalisation run: open → cold start or resume → evaluate → update … → evaluate → report.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { decodeConfig, type Frozen } from "../config/load.ts";
import { configHash } from "../config/stringify.ts";
import { scoped, type Stage } from "../core/stage.ts";
import { networkFrom } from "../metrics/judge/network.ts";
import { liveBlobs } from "../run/blobs.ts";
import { type Live, liveMachine } from "../run/live.ts";
import { writeReport } from "../run/report.ts";
import { resumeRun, startRun } from "../run/session.ts";
import { openTracker } from "../run/tracker.ts";
import type { RunFolder } from "../run/folder.ts";
import { type Opened, openSettings, stateOf } from "../stages/checkpointed.ts";
import { coldStart } from "../stages/cold_start/cold_start.ts";
import type { PolicyState } from "../stages/policy.ts";
import { loadExperts, rewardConcept } from "../stages/rewarding.ts";
import { makeDecoders } from "../stages/rollout.ts";
import { loadProfile } from "../stages/profile.ts";
import { checkProfileFolders } from "../stages/profile_folders.ts";
import {
  disposeState,
  saveState,
  startState,
  type TrainingRun,
  trainPolicy,
} from "../stages/run_training.ts";
import { TRAINING, type TrainingSettings } from "../stages/settings.ts";
import { makeUpdate } from "../stages/update.ts";
import { updateMetricNames } from "../stages/update_metrics.ts";
import { type Backend, openBackend } from "../tensor/backend.ts";
import { prepareTensorFlow } from "../tensor/tensorflow/setup/install.ts";
import { disposeTree } from "../tensor/tree.ts";
import { evaluateState } from "./during_training.ts";
import type { HasEvaluation } from "./session.ts";
import { EVALUATION, type EvaluationSettings } from "./settings.ts";

/** Where a run lives, and whether it continues another. */
export interface PersonaliseOptions {
  /** `latest`, a name or a folder; empty starts a new run. */
  readonly resume: string;
  /** Whether a resume goes on although settings differ. */
  readonly force: boolean;
  /** The folder that holds `.git`. */
  readonly project: string;
  /** Reads an environment variable. */
  readonly variable: (name: string) => string | undefined;
}

type Needs = Live & HasEvaluation;

interface Begun {
  readonly folder: RunFolder;
  /** `null`: nothing is learnt yet. */
  readonly state: PolicyState | null;
}

/** Settings that a resumed run may change. */
const MAY_DIFFER = ["rl.max_steps", "save_every", "keep", "sample_every", "device", "runs"];

function begin(
  settings: TrainingSettings,
  backend: Backend,
  options: PersonaliseOptions,
): Stage<Needs, Begun> {
  const run = { schema: TRAINING, config: settings };
  const places = { root: settings.runs, project: options.project };
  if (options.resume === "") {
    const facts = {
      name: settings.name,
      command: "train",
      seeds: { run: settings.seed },
      backend: backend.description,
      machine: liveMachine(),
    };
    return pipe(startRun(run, facts, places), RTE.map((folder) => ({ folder, state: null })));
  }
  const path = options.resume === "latest" ? `${settings.runs}/latest` : options.resume;
  return pipe(
    resumeRun(path, run, { root: settings.runs, force: options.force, mayDiffer: MAY_DIFFER }),
    RTE.flatMapEither(({ folder, checkpoint }) =>
      pipe(
        stateOf(checkpoint),
        (state) =>
          state._tag === "Left" ? state : { _tag: "Right" as const, right: { folder, state: state.right } },
      )
    ),
  );
}

/** A run with all its parts. */
interface Wired extends TrainingRun {
  readonly variable: PersonaliseOptions["variable"];
  readonly close: () => void;
}

/** Everything that stays the same, wired. */
function wire(
  settings: TrainingSettings,
  opened: Opened,
  begun: Begun & Pick<PersonaliseOptions, "variable">,
): Stage<Needs, Wired> {
  const { concept, profile, runtime } = opened;
  const names = (experts: readonly { readonly name: string }[]) => experts.map(({ name }) => name);
  return pipe(
    RTE.Do,
    RTE.bindW("experts", () => loadExperts(profile, settings, concept)),
    RTE.bindW("reward", () => rewardConcept(concept, profile.imageSize)),
    RTE.bindW("tracker", ({ experts }) =>
      openTracker(begun.folder, {
        lastStep: begun.state?.step ?? 0,
        metrics: updateMetricNames(names(experts.experts)),
        parameters: TRAINING.codec.encode(settings) as Readonly<Record<string, unknown>>,
      })),
    RTE.map(({ experts, reward, tracker }) => ({
      settings,
      runtime,
      concept,
      experts,
      tracker,
      rewardConcept: reward,
      decoders: makeDecoders(runtime, settings),
      update: makeUpdate(runtime, settings),
      folder: begun.folder,
      configHash: configHash(TRAINING, settings),
      variable: begun.variable,
      close: experts.dispose,
    })),
  );
}

const evaluationSettings = (settings: TrainingSettings): Stage<unknown, Frozen<EvaluationSettings>> =>
  RTE.fromEither(decodeConfig(EVALUATION, {
    images_per_prompt: settings.evaluation.imagesPerPrompt,
    tasks: settings.evaluation.tasks,
    seed: settings.seed,
    device: settings.device,
  }));

/** Evaluates a state, unless evaluation is switched off. */
const evaluating = (run: Wired, state: PolicyState): Stage<Needs, void> =>
  run.settings.evaluation.tasks.length === 0 ? RTE.right(undefined) : pipe(
    evaluationSettings(run.settings) as Stage<Needs, Frozen<EvaluationSettings>>,
    RTE.flatMap((settings) => evaluateState(run, state, { settings, variable: run.variable })),
    RTE.map(() => undefined),
  );

/** The rows of the cold start become the first state, saved as step 0. */
const firstState = (run: TrainingRun): Stage<Needs, PolicyState> => {
  const { settings, runtime, concept } = run;
  return scoped(
    coldStart({ ...settings.coldStart, seed: settings.seed }, runtime, concept) as Stage<
      Needs,
      ReturnType<typeof startRows>
    >,
    (rows) => {
      const state = startState(run, rows);
      return pipe(saveState(run, state) as Stage<Needs, void>, RTE.map(() => state));
    },
    disposeTree,
  );
};
const startRows = ({ runtime }: TrainingRun) => runtime.startRows;

const finish = (run: TrainingRun): Stage<Needs, void> =>
  pipe(
    writeReport(run.folder) as Stage<Needs, string>,
    RTE.flatMap((report) => ({ log }: Needs) =>
      TE.fromIO(() => log.info(`run: ${run.folder.path}\nreport: ${report}`))
    ),
  );

function learn(run: Wired, begun: Begun): Stage<Needs, void> {
  const start = begun.state === null
    ? pipe(firstState(run), RTE.tap((state) => evaluating(run, state)))
    : RTE.right<Needs, never, PolicyState>(begun.state) as Stage<Needs, PolicyState>;
  const trained = pipe(start, RTE.flatMap((state) => trainPolicy(run, state) as Stage<Needs, PolicyState>));
  return scoped(
    trained,
    (state) =>
      pipe(
        run.settings.rl.maxSteps === 0 ? RTE.right(undefined) as Stage<Needs, void> : evaluating(run, state),
        RTE.flatMap(() => finish(run)),
      ),
    disposeState,
  );
}

/**
 * Runs a personalisation from settings to report.
 *
 * @param settings The settings.
 * @param options Resume and project folder.
 * @returns A stage that ends when the report is written.
 */
export function personalise(settings: TrainingSettings, options: PersonaliseOptions): Stage<Live, void> {
  const whole: Stage<Needs, void> = pipe(
    RTE.Do,
    RTE.bindW("profile", () => loadProfile(settings.profile)),
    RTE.bindW("complete", ({ profile }) => checkProfileFolders(profile, settings.profile)),
    RTE.bindW("ready", () => prepareTensorFlow({ device: settings.device })),
    RTE.bindW("backend", () => openBackend({ device: settings.device })),
    RTE.bindW("begun", ({ backend }) => begin(settings, backend, options)),
    RTE.flatMap(({ begun }): Stage<Needs, void> =>
      scoped(
        openSettings(settings) as Stage<Needs, Opened>,
        (opened) =>
          scoped(wire(settings, opened, { ...begun, variable: options.variable }), (run) =>
            learn(run, begun), ({ close }) =>
            close()),
        ({ runtime }) =>
          runtime.dispose(),
      )
    ),
  );
  return (live) => whole({ ...live, blobs: liveBlobs, network: networkFrom(fetch) });
}
