/**
 * Writes `model-card.md` into a run folder.
 *
 * @module
 */
import { parse } from "@std/yaml";
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { join } from "node:path";
import { warnNearDuplicates } from "../concept/overlap.ts";
import type { HasFiles, HasLog } from "../core/capability.ts";
import { describe } from "../core/error.ts";
import { fold, keyFromSeed } from "../core/key.ts";
import type { Stage } from "../core/stage.ts";
import { textIfThere } from "../core/text_file.ts";
import { stepName } from "../run/checkpoint_folder.ts";
import type { RunFolder } from "../run/folder.ts";
import { readRun } from "../run/report_data.ts";
import { openConcept } from "./checkpointed.ts";
import { drawFailures, scoredLines } from "./failures.ts";
import { type CardData, type ModelCard, renderModelCard } from "./model_card.ts";

type Needs = HasFiles & HasLog;

/** The file's name. */
export const MODEL_CARD = "model-card.md";

const settingsIn = (config: string): Readonly<Record<string, unknown>> =>
  pipe(
    E.tryCatch(() => parse(config) as unknown, () => null),
    E.map((value) =>
      typeof value === "object" && value !== null ? value as Readonly<Record<string, unknown>> : {}
    ),
    E.getOrElse(() => ({})),
  );

/** The data may have moved since: then the card says so. */
function lookAgain(reference: unknown): Stage<Needs, CardData | { readonly problem: string }> {
  if (typeof reference !== "string") return RTE.right({ problem: "the config names no concept" });
  return pipe(
    openConcept(reference),
    RTE.bindTo("concept"),
    RTE.bindW("nearDuplicates", ({ concept }) => warnNearDuplicates(concept)),
    RTE.orElseW((error) =>
      RTE.right<Needs, never, { readonly problem: string }>({ problem: describe(error) })
    ),
  );
}

/**
 * Writes the model card of a run.
 *
 * @param folder The run's paths; parts that a run has not written yet are named as missing.
 * @returns A stage with the path of the card.
 */
export function writeModelCard(folder: RunFolder): Stage<Needs, string> {
  const path = join(folder.path, MODEL_CARD);
  return pipe(
    RTE.Do,
    RTE.bindW("run", () => readRun(folder)),
    RTE.let("settings", ({ run }) => settingsIn(run.config)),
    RTE.bindW("data", ({ settings }) => lookAgain(settings["concept"])),
    RTE.let("evaluated", ({ run }) => join(folder.evaluations, stepName(run.evaluations.at(-1)?.step ?? 0))),
    RTE.bindW(
      "scores",
      ({ evaluated }) => ({ files }: HasFiles) => textIfThere(files, join(evaluated, "scores.jsonl")),
    ),
    RTE.map(({ scores, ...found }): ModelCard => ({
      ...found,
      folder: folder.path,
      failures: drawFailures(scoredLines(scores), {
        key: fold(fold(keyFromSeed(5), "failures"), found.run.name),
      }),
    })),
    RTE.flatMap((card) => ({ files }: HasFiles) => files.writeAtomic(path, renderModelCard(card))),
    RTE.map(() => path),
  );
}
