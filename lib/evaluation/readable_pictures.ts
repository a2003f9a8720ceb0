/**
 * Predictions whose picture cannot be read are left out by name, so that one bad file does not end an evaluation.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { HasFiles, HasLog } from "../core/capability.ts";
import { describe } from "../core/error.ts";
import type { Stage } from "../core/stage.ts";
import { loadImageFile } from "../concept/photo.ts";
import type { PredictionRow } from "./prediction_rows.ts";

const readable =
  (row: PredictionRow): Stage<HasFiles & HasLog, readonly PredictionRow[]> => (needs) => async () => {
    if (!("image" in row)) return E.right([row]);
    const loaded = await loadImageFile(row.image)(needs)();
    if (E.isRight(loaded)) return E.right([row]);
    needs.log.warn(`skipped ${describe(loaded.left)}`);
    return E.right([]);
  };

/**
 * Leaves out predictions whose picture cannot be read: a folder, a dead link, an empty or damaged file.
 *
 * @param rows Predictions; answers stay as they are.
 * @returns The others, in order; each one that is left out is named in a warning. What is missing then counts as the
 * evaluation's settings say.
 */
export function readablePictures(
  rows: readonly PredictionRow[],
): Stage<HasFiles & HasLog, readonly PredictionRow[]> {
  return pipe(rows, RTE.traverseSeqArray(readable), RTE.map((kept) => kept.flat()));
}
