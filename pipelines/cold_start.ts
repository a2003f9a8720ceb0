/**
 * `deno task cold-start`: a concept's rows from its photos and dialogues, without reinforcement.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { Stage } from "../lib/core/stage.ts";
import { runCommand } from "../lib/run/command.ts";
import type { Live } from "../lib/run/live.ts";
import { TRAINING, trainingRules, type TrainingSettings } from "../lib/method/settings.ts";

async function coldStart(settings: TrainingSettings): Promise<Stage<Live, void>> {
  const { liveBlobs } = await import("../lib/run/blobs.ts");
  const { openBackend } = await import("../lib/tensor/backend.ts");
  const { prepareTensorFlow } = await import("../lib/tensor/tensorflow/setup/install.ts");
  const { checkSettings } = await import("../lib/training/check_settings.ts");
  const { coldStartRun } = await import("../lib/training/cold_start_run.ts");
  const { device } = settings;
  const stage = pipe(
    checkSettings(settings),
    RTE.flatMap(() => prepareTensorFlow({ device })),
    RTE.flatMap(() => openBackend({ device })),
    RTE.flatMap(({ description }) => coldStartRun(settings, { backend: description, project: "." })),
    RTE.flatMapReader(({ folder, conceptFiles }) => ({ output }: Live): void => {
      conceptFiles.forEach((file) => output(`concept: ${file}`));
      output(`run: ${folder.path}`);
    }),
  );
  return (live) => stage({ ...live, blobs: liveBlobs });
}

if (import.meta.main) {
  await runCommand({
    name: "cold-start",
    finishes: true,
    summary: "learn a concept's rows from its photos and dialogues, without reinforcement",
    positionals: [{ name: "config", place: "read" as const, doc: "Settings.", default: "configs/nano.yaml" }],
    config: { schema: TRAINING, crossRules: trainingRules, from: "config" },
  }, ({ config }) => coldStart(config));
}
