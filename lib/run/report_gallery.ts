/**
 * Pictures of a report with all that is said about them: prompt, what the model reasoned, scores before and after.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as E from "fp-ts/lib/Either.js";
import * as RA from "fp-ts/lib/ReadonlyArray.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import * as t from "io-ts";
import { join } from "node:path";
import type { HasFiles } from "../core/capability.ts";
import type { Stage } from "../core/stage.ts";
import { textIfThere } from "../core/text_file.ts";
import { stepName } from "./checkpoint_folder.ts";
import { escapeHtml, htmlPicture, numberCell } from "./report_page.ts";

const nullableText = t.union([t.string, t.null]);

const LineCodec = t.type({
  task: t.string,
  item: t.string,
  prompt: t.string,
  image: t.string,
  promptUsed: nullableText,
  reasoning: nullableText,
  scores: t.record(t.string, t.union([t.number, t.null])),
});

/** A drawn item of an evaluation. */
export type DrawnItem = t.TypeOf<typeof LineCodec> & { readonly step: number; readonly png: Uint8Array };

/** What is drawn, in the order of the page, and what a person calls it. */
const TASKS: ReadonlyMap<string, string> = new Map([
  ["plain_gen", "Plain prompt"],
  ["rea_gen", "Prompts that need a fact"],
  ["dense_rea_gen", "Dense prompts that need a fact"],
  ["rea_new_gen", "Prompts that need a new combination"],
  ["dense_gen", "Dense prompts"],
  ["pure_gen", "Plain scenes"],
]);

/** Items of a task that are shown. */
const SHOWN = 6;

const linesOf = (text: string): readonly t.TypeOf<typeof LineCodec>[] =>
  text.split("\n").flatMap((line) => {
    const parsed = E.tryCatch(() => JSON.parse(line) as unknown, () => null);
    const decoded = E.isLeft(parsed) ? parsed : LineCodec.decode(parsed.right);
    return E.isLeft(decoded) ? [] : [decoded.right];
  });

/** The first picture of the first items of each task. */
function chosen(text: string): readonly t.TypeOf<typeof LineCodec>[] {
  const lines = linesOf(text);
  return [...TASKS.keys()].flatMap((task) => {
    const own = lines.filter((line) => line.task === task);
    return [...new Map(own.toReversed().map((line) => [line.item, line])).values()].toReversed().slice(
      0,
      SHOWN,
    );
  });
}

/**
 * Finds a drawn image below its evaluation, wherever the run was moved since.
 *
 * @param folder The evaluation's folder, `eval/step-000040`.
 * @param image Its path when it was drawn.
 * @returns Its path now.
 */
export function placeOfImage(folder: string, image: string): string {
  return join(folder, image.slice(image.lastIndexOf("images/")));
}

/**
 * Reads what an evaluation drew.
 *
 * @param folder The run's `eval` folder.
 * @param step The evaluated step.
 * @returns Up to six items a task; none if the evaluation kept no pictures.
 */
export function readDrawn(folder: string, step: number): Stage<HasFiles, readonly DrawnItem[]> {
  const own = join(folder, stepName(step));
  const scores = join(own, "scores.jsonl");
  return ({ files }) =>
    pipe(
      textIfThere(files, scores),
      TE.flatMap((text) =>
        pipe(
          chosen(text),
          RA.map((line) => {
            const path = placeOfImage(own, line.image);
            return pipe(
              files.exists(path),
              TE.flatMap((there) =>
                there
                  ? pipe(
                    files.readBytes(path),
                    TE.map((png): readonly DrawnItem[] => [{ ...line, step, png }]),
                  )
                  : TE.right([])
              ),
            );
          }),
          TE.sequenceSeqArray,
        )
      ),
      TE.map((lists) => lists.flat()),
    );
}

/**
 * Reads what the first and the last evaluation drew.
 *
 * @param folder The run's `eval` folder.
 * @param steps The evaluated steps, in order.
 * @returns The items of both, or of the only one.
 */
export function readGallery(folder: string, steps: readonly number[]): Stage<HasFiles, readonly DrawnItem[]> {
  const shown = [...new Set([...steps.slice(0, 1), ...steps.slice(-1)])];
  return pipe(
    shown,
    RA.map((step) => readDrawn(folder, step)),
    RTE.sequenceSeqArray,
    RTE.map((lists) => lists.flat()),
  );
}

const SHORT: readonly (readonly [string, string])[] = [
  ["judge", "judge"],
  ["clip_t", "CLIP-T"],
  ["clip_i", "CLIP-I"],
  ["dino_i", "DINO-I"],
];

const two = (value: number | null | undefined): string =>
  numberCell(value === null || value === undefined ? value : Number(value.toFixed(2)));

/** `judge 0 → 1`, a chip per score. */
function chips(items: readonly DrawnItem[]): string {
  const each = SHORT.flatMap(([suffix, title]) => {
    const values = items.map(({ task, scores }) => scores[`${task}_${suffix}`]);
    return values.every((value) => value === undefined)
      ? []
      : [`<span class="chip">${title} <b>${values.map(two).join(" → ")}</b></span>`];
  });
  return `<div class="chips">${each.join("")}</div>`;
}

function card(items: readonly DrawnItem[]): string {
  const last = items.at(-1) as DrawnItem;
  const pictures = items.map(({ png, step }) => htmlPicture(png, `step ${step}`)).join("");
  const said = items.flatMap(({ step, reasoning }) =>
    reasoning === null || reasoning === ""
      ? []
      : [`<p class="note"><b>step ${step} reasoned:</b> ${escapeHtml(reasoning)}</p>`]
  );
  return `<div class="card drawn"><div class="pair">${pictures}</div>` +
    `<p class="prompt">${escapeHtml(last.prompt)}</p>${said.join("")}${chips(items)}</div>`;
}

/**
 * Makes the gallery: a card per item with its picture before and after, prompt, reasoning and scores.
 *
 * @param items From {@link readGallery}.
 * @returns HTML; empty for none.
 */
export function htmlGallery(items: readonly DrawnItem[]): string {
  const groups = Map.groupBy(items, ({ task }) => task);
  return [...TASKS].flatMap(([task, title]) => {
    const own = groups.get(task);
    if (own === undefined) return [];
    const cards = [...Map.groupBy(own, ({ item }) => item).values()].map(card);
    return `<h3 class="task">${title}</h3><div class="gallery">${cards.join("\n")}</div>`;
  }).join("\n");
}
