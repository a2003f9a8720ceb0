/**
 * Predictions as JSON Lines: what a model said and drew, one line an item or picture. Our own runs write the same file that
 * other systems hand in.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as t from "io-ts";
import { decodeWith, parseJson } from "../concept/json_file.ts";
import { refuse } from "../core/refuse.ts";
import type { Checked } from "../core/stage.ts";
import type { Benchmark } from "./other_benchmarks.ts";
import { ASK_TASKS, type AskTask, DRAW_TASKS, type DrawTask, type Item } from "./item.ts";

/** The benchmark that rows are of unless they say otherwise. */
export const BENCH: Benchmark = "unifybench++";

interface RowHead {
  readonly v: 1;
  readonly model: string;
  readonly bench: string;
  readonly concept: string;
  readonly item: string;
  /** Fingerprint of all that the prediction depends on; absent in rows of other systems. */
  readonly key?: string;
}

/** An answer. */
export interface AnswerRow extends RowHead {
  readonly task: AskTask;
  readonly prediction: string;
}

/** A picture. */
export interface PictureRow extends RowHead {
  readonly task: DrawTask;
  /** Number of the picture among those of its prompt, from 0. */
  readonly sample: number;
  /** The file, relative to the folder of the JSON Lines. */
  readonly image: string;
  /** The prompt as it was drawn, reasoning included. */
  readonly promptUsed?: string;
  /** What the model said before it drew. */
  readonly reasoning?: string;
  readonly seed?: number;
}

/** One line. */
export type PredictionRow = AnswerRow | PictureRow;

const head = t.intersection([
  t.type({ v: t.literal(1), model: t.string, concept: t.string, task: t.string, item: t.string }),
  t.partial({ bench: t.string, key: t.string }),
]);
const answerCodec = t.intersection([head, t.type({ prediction: t.string })]);
const pictureCodec = t.intersection([
  head,
  t.type({ image: t.string }),
  t.partial({ sample: t.Int, promptUsed: t.string, reasoning: t.string, seed: t.number }),
]);

/** Other names of tasks. */
const ALIASES: Readonly<Record<string, string>> = { text_only: "qa" };

const isAsk = (task: string): task is AskTask => (ASK_TASKS as readonly string[]).includes(task);
const isDraw = (task: string): task is DrawTask => (DRAW_TASKS as readonly string[]).includes(task);

/**
 * Names what a row is about.
 *
 * @param row A row, or an item with the number of the picture.
 * @returns Equal for rows of which the later replaces the earlier.
 */
export function rowName(
  row: Pick<PredictionRow, "concept" | "task" | "item"> & { readonly sample?: number },
): string {
  return [row.concept, row.task, row.item, ...(row.sample === undefined ? [] : [row.sample])].join("/");
}

function decodeRow(value: unknown, where: string): Checked<PredictionRow> {
  return pipe(
    decodeWith(head, where)(value),
    E.flatMap((row): Checked<PredictionRow> => {
      const task = ALIASES[row.task] ?? row.task;
      const bench = row.bench ?? BENCH;
      if (isAsk(task)) {
        const answer = decodeWith(answerCodec, where)(value);
        return E.isLeft(answer) ? answer : E.right({ ...answer.right, bench, task } as AnswerRow);
      }
      if (isDraw(task)) {
        const picture = decodeWith(pictureCodec, where)(value);
        return E.isLeft(picture)
          ? picture
          : E.right({ sample: 0, ...picture.right, bench, task } as PictureRow);
      }
      const known = [...ASK_TASKS, ...DRAW_TASKS].join(", ");
      return refuse(`${where}: \`task\``, `unknown task ${JSON.stringify(row.task)}`, `use one of ${known}`);
    }),
  );
}

/**
 * Reads predictions.
 *
 * @param text JSON Lines; empty lines are skipped. A last line that was cut off by a crash is skipped if `lenient`.
 * @param where File name for messages.
 * @param options.lenient For our own manifests: ignore a broken last line.
 * @returns The rows, in order; of two for one item the later. Left `InputInvalid` with file and line.
 *
 * @example
 * ```ts
 * import { parsePredictions } from "./prediction_rows.ts";
 * import assert from "node:assert/strict";
 * const line = '{"v":1,"model":"m","concept":"bo","task":"text_only","item":"qa_000","prediction":"a red ball"}';
 * const rows = parsePredictions(line, "p.jsonl");
 * assert.ok(rows._tag === "Right" && rows.right[0]?.task === "qa");
 * ```
 */
export function parsePredictions(
  text: string,
  where: string,
  options: { readonly lenient?: boolean } = {},
): Checked<readonly PredictionRow[]> {
  const lines = text.split("\n").map((line, index) => ({ line, at: `${where}:${index + 1}` }))
    .filter(({ line }) => line.trim() !== "");
  const parsed = lines.map(({ line, at }) =>
    pipe(parseJson(line, at), E.flatMap((value) => decodeRow(value, at)))
  );
  const usable = options.lenient === true && parsed.at(-1)?._tag === "Left" ? parsed.slice(0, -1) : parsed;
  return pipe(
    usable,
    E.traverseArray((row) => row),
    E.map((rows) => [...new Map(rows.map((row) => [rowName(row), row])).values()]),
  );
}

/**
 * Writes a row.
 *
 * @returns JSON with a line feed.
 */
export function predictionLine(row: PredictionRow): string {
  return `${JSON.stringify(row)}\n`;
}

/**
 * Makes sure that every row belongs to an item: a typing error in an id must not pass for a missing prediction.
 *
 * @param options.concept The concept; rows of others are not looked at.
 * @param options.where File name for messages.
 * @returns The rows of the concept; Left `InputInvalid` naming up to three unknown items.
 */
export function rowsOfConcept(
  rows: readonly PredictionRow[],
  options: { readonly concept: string; readonly items: readonly Item[]; readonly where: string },
): Checked<readonly PredictionRow[]> {
  const own = rows.filter(({ concept }) => concept === options.concept);
  const known = new Set(options.items.map(({ task, id }) => `${task}/${id}`));
  const unknown = [
    ...new Set(own.map(({ task, item }) => `${task}/${item}`).filter((name) => !known.has(name))),
  ];
  if (unknown.length === 0) return E.right(own);
  const more = unknown.length > 3 ? ` and ${unknown.length - 3} more` : "";
  return refuse(
    options.where,
    `concept ${options.concept} has no item ${unknown.slice(0, 3).join(", ")}${more}`,
    "take the ids of the items.jsonl that `deno task eval --items` writes",
  );
}
