/**
 * `eval/judge-calibration.json`: whether the probabilities of a run's attribute reader hold.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as E from "fp-ts/lib/Either.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import * as t from "io-ts";
import { join } from "node:path";
import type { HasFiles } from "../core/capability.ts";
import { attempt, type Stage } from "../core/stage.ts";
import { textIfThere } from "../core/text_file.ts";
import type { JudgeTable } from "./report_judges.ts";
import { numberCell } from "./report_page.ts";

const numbers = t.type({
  ...{ count: t.number, accuracy: t.number, confidence: t.number, ece: t.number, brier: t.number },
  bins: t.readonlyArray(t.type({ count: t.number, confidence: t.number, accuracy: t.number })),
});
const byAttribute = t.record(t.string, numbers);
const fileCodec = t.type({ profile: t.string, rendered: byAttribute, decoded: byAttribute });

/** Calibration by attribute, on rendered scenes and on the same after the image tokenizer, of a profile's reader. */
export type JudgeCalibrationFile = t.TypeOf<typeof fileCodec>;

const pathIn = (folder: string): string => join(folder, "judge-calibration.json");

/**
 * Writes what was measured beside the evaluations of a run.
 *
 * @param folder The run's `eval` folder; made if missing.
 * @returns A stage with the file's path.
 */
export function writeJudgeCalibration(folder: string, found: JudgeCalibrationFile): Stage<HasFiles, string> {
  const path = pathIn(folder);
  return ({ files }) =>
    pipe(
      files.makeFolder(folder),
      TE.flatMap(() => files.writeAtomic(path, `${JSON.stringify(found, null, 1)}\n`)),
      TE.map(() => path),
    );
}

/**
 * Reads it back.
 *
 * @param folder The run's `eval` folder.
 * @returns The numbers; `null` where nothing was measured; Left `FileFailure` for another file of that name.
 */
export function readJudgeCalibration(folder: string): Stage<HasFiles, JudgeCalibrationFile | null> {
  const path = pathIn(folder);
  const failure = (problem: string) => ({ _tag: "FileFailure" as const, path, problem });
  return pipe(
    ({ files }: HasFiles) => textIfThere(files, path),
    RTE.flatMapEither((text) =>
      text === "" ? E.right(null) : pipe(
        attempt(failure, () => JSON.parse(text) as unknown),
        E.flatMap((value) =>
          pipe(fileCodec.decode(value), E.mapLeft(() => failure("is no calibration of a judge")))
        ),
      )
    ),
  );
}

/**
 * Lists the numbers as a table.
 *
 * @param found From {@link readJudgeCalibration}.
 * @returns A row per attribute; none where nothing was measured.
 */
export function calibrationTables(found: JudgeCalibrationFile | null): readonly JudgeTable[] {
  if (found === null) return [];
  const rows = (scenes: string, by: JudgeCalibrationFile["rendered"]): readonly (readonly string[])[] =>
    Object.entries(by).map(([attribute, { count, accuracy, confidence, ece, brier }]) => [
      ...[scenes, attribute],
      ...[count, accuracy, confidence, ece, brier].map(numberCell),
    ]);
  return [{
    title: `Probabilities of the attribute reader of ${found.profile}`,
    head: ["scenes", "attribute", "n", "accuracy", "confidence", "calibration error", "Brier score"],
    rows: [...rows("rendered", found.rendered), ...rows("after the image tokenizer", found.decoded)],
  }];
}
