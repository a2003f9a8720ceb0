/**
 * The files of an evaluation: items with their scores, tables for papers, grids of pictures.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { join } from "node:path";
import { loadImageFile } from "../concept/photo.ts";
import type { HasFiles } from "../core/capability.ts";
import { encodePng } from "../image/png.ts";
import { DONE, type Stage } from "../core/stage.ts";
import { csvTable, latexTable, markdownTable } from "../metrics/table_formats.ts";
import { type GridCell, imageGrid } from "../image/png_grid.ts";
import type { Evaluation } from "./evaluation.ts";
import { evaluationTable } from "./evaluation_table.ts";
import { DRAW_TASKS, type DrawTask } from "./item.ts";
import type { ScoredItem } from "./scored.ts";

/** Pictures of a grid at most. */
const GRID_LIMIT = 32;

/**
 * Writes a scored item as a line of `scores.jsonl`.
 *
 * @returns JSON with a line feed.
 */
export function scoreLine(item: ScoredItem): string {
  return `${JSON.stringify({ v: 1, ...item })}\n`;
}

const SHORT: Readonly<Record<string, string>> = { clip_t: "T", clip_i: "I", dino_i: "D", judge: "J" };

/** `T 0.62 I 0.35 J 1.00`: what fits below a small picture. */
const noteOf = ({ scores, task }: ScoredItem): string =>
  Object.entries(scores).flatMap(([name, value]) => {
    const short = SHORT[name.slice(task.length + 1)] ?? (name === "face_sim" ? "face" : undefined);
    return value === null || short === undefined ? [] : [`${short} ${value.toFixed(2)}`];
  }).join(" ");

const cellOf = (item: ScoredItem): Stage<HasFiles, GridCell> =>
  pipe(
    loadImageFile(item.image as string),
    RTE.map(({ image }): GridCell => ({
      image,
      caption: { note: noteOf(item), prompt: item.promptUsed ?? item.prompt },
    })),
  );

/** The first picture of each prompt, then the second, until the grid is full. */
const chosen = (items: readonly ScoredItem[], task: DrawTask): readonly ScoredItem[] =>
  items.filter((item) => item.task === task && item.image !== null)
    .toSorted((a, b) => (a.sample ?? 0) - (b.sample ?? 0))
    .slice(0, GRID_LIMIT);

const writeGrid =
  (folder: string, items: readonly ScoredItem[]) => (task: DrawTask): Stage<HasFiles, void> => {
    const shown = chosen(items, task);
    if (shown.length === 0) return DONE;
    return pipe(
      RTE.traverseSeqArray(cellOf)(shown),
      RTE.flatMap((cells): Stage<HasFiles, void> => ({ files }) =>
        files.writeAtomic(join(folder, `${task}.png`), encodePng(imageGrid(cells, { minimumSide: 192 })))
      ),
    );
  };

/**
 * Writes `scores.jsonl`, `table.md`, `table.csv`, `table.tex` and one grid a task, `rea_gen.png`.
 *
 * @param folder Where to; made if missing.
 * @param items The items behind them.
 */
export function writeEvaluationFiles(
  folder: string,
  evaluation: Evaluation,
  items: readonly ScoredItem[],
): Stage<HasFiles, void> {
  const table = evaluationTable([evaluation]);
  const texts: readonly (readonly [string, string])[] = [
    ["scores.jsonl", items.map(scoreLine).join("")],
    ["table.md", markdownTable(table)],
    ["table.csv", csvTable(table)],
    ["table.tex", latexTable(table)],
  ];
  const write: Stage<HasFiles, void> = ({ files }) =>
    pipe(
      files.makeFolder(folder),
      TE.flatMap(() =>
        TE.traverseSeqArray(([name, text]: readonly [string, string]) =>
          files.writeAtomic(join(folder, name), text)
        )(texts)
      ),
      TE.map(() => undefined),
    );
  return pipe(
    write,
    RTE.flatMap(() => RTE.traverseSeqArray(writeGrid(folder, items))(DRAW_TASKS)),
    RTE.map(() => undefined),
  );
}
