/**
 * `predictions.jsonl` of an evaluation under way: what is in it need not be asked again.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as E from "fp-ts/lib/Either.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { join } from "node:path";
import type { HasFiles, HasLog } from "../core/capability.ts";
import type { Stage } from "../core/stage.ts";
import { textIfThere } from "../core/text_file.ts";
import { parsePredictions, predictionLine, type PredictionRow, rowName } from "./prediction_rows.ts";

/** The name of the file. */
export const PREDICTIONS_FILE = "predictions.jsonl";

/** The rows of a manifest by {@link rowName}. */
export type Manifest = ReadonlyMap<string, PredictionRow>;

const manifestOf = (rows: readonly PredictionRow[]): Manifest =>
  new Map(rows.map((row) => [rowName(row), row]));

/**
 * Opens the manifest of a folder, or begins it. A line that was cut off by a crash is taken out.
 *
 * @param folder Where it lies.
 * @returns The rows; Left `InputInvalid` if a line in the middle is damaged.
 */
export function openManifest(folder: string): Stage<HasFiles, Manifest> {
  const path = join(folder, PREDICTIONS_FILE);
  return ({ files }) =>
    pipe(
      files.makeFolder(folder),
      TE.flatMap(() => textIfThere(files, path)),
      TE.flatMap((text) =>
        pipe(
          TE.fromEither(parsePredictions(text, path, { lenient: true })),
          TE.tap((rows) =>
            text === "" || text.endsWith("\n")
              ? TE.right(undefined)
              : files.writeAtomic(path, rows.map(predictionLine).join(""))
          ),
        )
      ),
      TE.map(manifestOf),
    );
}

/**
 * Adds rows to the manifest of a folder.
 *
 * @param folder Where it lies.
 */
export function appendRows(folder: string, rows: readonly PredictionRow[]): Stage<HasFiles, void> {
  const path = join(folder, PREDICTIONS_FILE);
  return ({ files }) =>
    rows.length === 0 ? TE.right(undefined) : files.append(path, rows.map(predictionLine).join(""));
}

/** JSON Lines that are no predictions. */
const OTHER_LINES: readonly string[] = ["items.jsonl", "scores.jsonl"];

/** The text of a file; a folder or a dead link of that name is named and left out. */
const readLines = (
  folder: string,
  name: string,
): Stage<HasFiles & HasLog, readonly { readonly name: string; readonly text: string }[]> =>
({ files, log }) =>
async () => {
  const path = join(folder, name);
  if (E.isLeft(await files.readBytes(path)())) {
    log.warn(
      `skipped ${path}: it is called like a file of predictions, but is a folder, a dead link or not readable`,
    );
    return E.right([]);
  }
  return await pipe(files.readText(path), TE.map((text) => [{ name, text }]))();
};

/**
 * Reads a folder of predictions: all its `.jsonl` files but `items.jsonl` and `scores.jsonl`.
 *
 * @returns The rows with the paths of pictures made relative to the working folder; Left `InputInvalid` with file and line, or
 * if there is no such file.
 */
export function readPredictionFolder(folder: string): Stage<HasFiles & HasLog, readonly PredictionRow[]> {
  return pipe(
    RTE.asks(({ files }: HasFiles) => files),
    RTE.flatMapTaskEither((files) =>
      pipe(
        files.list(folder),
        TE.map((names) => names.filter((name) => name.endsWith(".jsonl") && !OTHER_LINES.includes(name))),
      )
    ),
    RTE.flatMap(RTE.traverseSeqArray((name) => readLines(folder, name))),
    RTE.map((lists) => lists.flat()),
    RTE.flatMapEither((found) =>
      found.length === 0
        ? E.left({
          _tag: "InputInvalid" as const,
          where: folder,
          problem: "holds no predictions (*.jsonl)",
          remedy: "see docs/evaluation.md for the format",
        })
        : E.traverseArray(({ name, text }: { readonly name: string; readonly text: string }) =>
          parsePredictions(text, join(folder, name))
        )(found)
    ),
    RTE.map((lists) =>
      lists.flat().map((row) => "image" in row ? { ...row, image: join(folder, row.image) } : row)
    ),
  );
}
