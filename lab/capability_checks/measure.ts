/**
 * All gates of a profile, or of a run, from files to a table.
 *
 * @module
 */
import { dirname } from "node:path";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { decodeConfig, type Frozen } from "../../lib/config/load.ts";
import type { HasFiles, HasLog } from "../../lib/core/capability.ts";
import { scoped, type Stage } from "../../lib/core/stage.ts";
import type { AttributeReader } from "../../lib/experts/attribute_reader/attribute_reader_load.ts";
import { liveBlobs } from "../../lib/run/blobs.ts";
import type { Live } from "../../lib/run/live.ts";
import { checkRun, openRunAssistant } from "../../lib/trained/checkpointed.ts";
import { localAssistant } from "../../lib/trained/local_assistant.ts";
import { loadProfile } from "../../lib/method/profile.ts";
import { loadRuntime, type Runtime } from "../../lib/method/runtime.ts";
import { TRAINING, type TrainingSettings } from "../../lib/method/settings.ts";
import { type BackendOptions, openBackend } from "../../lib/tensor/backend.ts";
import { prepareTensorFlow } from "../../lib/tensor/tensorflow/setup/install.ts";
import type { HasBlobs } from "../../lib/tensor/weight_source.ts";
import { openReader } from "../../lib/evaluation/profile_reader.ts";
import { factGates, vqaGates } from "./answer_gates.ts";
import { type GateResult, gateTable } from "./gate.ts";
import { personalGates } from "./personal_gates.ts";
import { drawingGates, judgeGates, tokenizerGates } from "./picture_gates.ts";

/** What to measure. */
export interface GateRequest {
  /** `base`, or a run. */
  readonly what: string;
  readonly profile: string;
  /** Scenes a gate; half as many where questions are asked about each. */
  readonly count: number;
  readonly seed: number;
  /** JSON file for the numbers; empty = none. */
  readonly out: string;
  readonly device: BackendOptions["device"];
}

type Needs = HasFiles & HasBlobs & HasLog;

/** A name that nobody has taught: only its place in a sentence matters. */
const NOBODY = "<c>";

/** A scene has about twelve questions, one a topic: half as many scenes are trials enough. */
const SCENES_PER_ASKED = 2;

function baseGates(
  runtime: Runtime,
  reader: AttributeReader,
  request: GateRequest & { readonly settings: Frozen<TrainingSettings> },
): Stage<unknown, readonly GateResult[]> {
  const { settings, count, seed } = request;
  const { imageSize } = runtime.profile;
  const scenes = { count, seed, size: imageSize };
  const assistant = localAssistant(runtime, { base: runtime.base, rows: runtime.startRows }, settings);
  return pipe(
    [
      judgeGates(reader, scenes),
      tokenizerGates({ codec: runtime.codec, reader }, {
        ...scenes,
        codebookSize: runtime.config.vocabulary.codebookSize,
      }),
      drawingGates({ assistant, reader }, scenes),
      vqaGates(assistant, { ...scenes, count: Math.ceil(count / SCENES_PER_ASKED) }),
      factGates(assistant, { count, seed, token: NOBODY, template: settings.reasoning.textTemplate }),
    ],
    RTE.sequenceSeqArray,
    RTE.map((groups) => groups.flat()),
  );
}

function measureBase(request: GateRequest): Stage<Needs, readonly GateResult[]> {
  return pipe(
    RTE.Do,
    RTE.bindW("profile", () => loadProfile(request.profile)),
    RTE.bindW("settings", () => RTE.fromEither(decodeConfig(TRAINING))),
    RTE.flatMap(({ profile, settings }) => {
      const { semanticTokens, generationTokens, mentions } = settings;
      const naming = { token: NOBODY, semanticTokens, generationTokens, mentions };
      return scoped(
        openReader(profile, { where: request.profile }),
        (reader) =>
          scoped(
            loadRuntime(profile, naming),
            (runtime) => baseGates(runtime, reader, { ...request, settings }),
            (runtime) => runtime.dispose(),
          ),
        (reader) => reader.dispose(),
      );
    }),
  );
}

function measureRun(request: GateRequest): Stage<Needs, readonly GateResult[]> {
  return scoped(
    openRunAssistant(request.what),
    (run) =>
      scoped(
        openReader(run.profile, { where: request.what }),
        (reader) => personalGates({ run, reader }, request),
        (reader) => reader.dispose(),
      ),
    (run) => run.dispose(),
  );
}

const write = (path: string, results: readonly GateResult[]): Stage<HasFiles, void> => ({ files }) =>
  path === "" ? TE.right(undefined) : pipe(
    files.makeFolder(dirname(path)),
    TE.flatMap(() =>
      files.writeAtomic(path, new TextEncoder().encode(`${JSON.stringify(results, null, 1)}\n`))
    ),
  );

const checkTarget = ({ what, profile }: GateRequest): Stage<HasFiles & HasLog, void> =>
  what === "base" ? pipe(loadProfile(profile), RTE.asUnit) : pipe(checkRun(what), RTE.asUnit);

/**
 * Measures gates and shows them as a table.
 *
 * @param request What, how much, where the numbers go.
 * @returns A stage that ends when the table is shown; gates that fail are a result, not an error.
 */
export function measureGates(request: GateRequest): Stage<Live, void> {
  const whole: Stage<Live & HasBlobs, void> = pipe(
    checkTarget(request),
    RTE.flatMap(() => prepareTensorFlow({ device: request.device })),
    RTE.flatMap(() => openBackend({ device: request.device })),
    RTE.flatMap(() => request.what === "base" ? measureBase(request) : measureRun(request)),
    RTE.tap((results) => write(request.out, results)),
    RTE.flatMapReader((results) => ({ output }: Live): void => gateTable(results).forEach(output)),
  );
  return (live) => whole({ ...live, blobs: liveBlobs });
}
