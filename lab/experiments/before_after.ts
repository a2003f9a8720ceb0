/**
 * Pictures of runs before and after their updates, side by side.
 *
 * @module
 */
import { join } from "node:path";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { loadConceptImage } from "../../lib/concept/photo.ts";
import type { HasFiles, HasLog } from "../../lib/core/capability.ts";
import { encodePng } from "../../lib/image/png.ts";
import type { Stage } from "../../lib/core/stage.ts";
import { stepName } from "../../lib/run/checkpoint_folder.ts";
import { type GridCell, imageGrid } from "../../lib/image/png_grid.ts";
import { openConcept } from "../../lib/trained/checkpointed.ts";
import { loadProfile } from "../../lib/method/profile.ts";
import {
  parsePredictions,
  type PictureRow,
  type PredictionRow,
} from "../../lib/evaluation/prediction_rows.ts";
import { evaluatedSteps } from "./cell.ts";
import type { FinishedCell } from "./run_cells.ts";

/** Tasks that the grid shows a prompt of: one whose prompt says all, one whose prompt needs a fact. */
const SHOWN = ["pure_gen", "rea_gen"] as const;

type Needs = HasFiles & HasLog;

const folderOf = ({ folder }: FinishedCell, step: number): string => join(folder.evaluations, stepName(step));

const predictions = (folder: string): Stage<HasFiles, readonly PredictionRow[]> => {
  const path = join(folder, "predictions.jsonl");
  return pipe(
    RTE.asks(({ files }: HasFiles) => files),
    RTE.flatMapTaskEither((files) => files.readText(path)),
    RTE.flatMapEither((text) => parsePredictions(text, path, { lenient: true })),
  );
};

/** The first picture of each shown task. */
const firstPictures = (rows: readonly PredictionRow[]): readonly PictureRow[] =>
  SHOWN.flatMap((task) => rows.find((row): row is PictureRow => row.task === task && "image" in row) ?? []);

const loadCell = (path: string, size: number, caption: GridCell["caption"]): Stage<HasFiles, GridCell> =>
  pipe(loadConceptImage(path, size), RTE.map((image) => ({ image, caption })));

const picturesAt = (run: FinishedCell, step: number, size: number): Stage<HasFiles, readonly GridCell[]> => {
  const folder = folderOf(run, step);
  return pipe(
    predictions(folder),
    RTE.flatMap((rows) =>
      RTE.traverseSeqArray(({ image, promptUsed = "" }: PictureRow) =>
        loadCell(join(folder, image), size, { note: `after ${step} updates`, prompt: promptUsed })
      )(firstPictures(rows))
    ),
  );
};

/** A photo of the concept, then each prompt before and after. */
function rowOf(run: FinishedCell): Stage<Needs, readonly GridCell[]> {
  const { settings, concept: id, seed } = run.cell;
  return pipe(
    RTE.Do,
    RTE.bindW("profile", () => loadProfile(settings.profile)),
    RTE.bindW("concept", () => openConcept(settings.concept)),
    RTE.bindW(
      "photo",
      ({ concept, profile }) =>
        loadCell(concept.trainImages[0] ?? "", profile.imageSize, {
          note: `${id}, seed ${seed}`,
          prompt: "photo",
        }),
    ),
    RTE.bindW(
      "states",
      ({ profile }) =>
        RTE.traverseSeqArray((step: number) => picturesAt(run, step, profile.imageSize))(
          evaluatedSteps(settings),
        ),
    ),
    RTE.map(({ photo, states }) => {
      const [before = [], after = before] = states;
      return [photo, ...before.flatMap((cell, index) => [cell, after[index] ?? cell])];
    }),
  );
}

/**
 * Lays out one row per run: a photo, and the first plain and the first reasoning prompt before and after the updates.
 *
 * @param runs Runs with the same tasks of evaluation; at least one.
 * @returns The grid as PNG.
 */
export function beforeAfterGrid(runs: readonly FinishedCell[]): Stage<Needs, Uint8Array> {
  return pipe(
    RTE.traverseSeqArray(rowOf)(runs),
    RTE.map((rows) => encodePng(imageGrid(rows.flat(), { columns: rows[0]?.length ?? 1 }))),
  );
}
