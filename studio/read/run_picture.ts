/**
 * Pictures of a run: the one that stands for it, and those of its grids, cut out again.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { join } from "node:path";
import { loadImageFile } from "../../lib/concept/photo.ts";
import type { HasFiles } from "../../lib/core/capability.ts";
import type { Stage } from "../../lib/core/stage.ts";
import { cutGrid } from "../../lib/image/png_grid.ts";
import { encodePng } from "../../lib/image/png.ts";
import { stepName } from "../../lib/run/checkpoint_folder.ts";
import type { RunFolder } from "../../lib/run/folder.ts";
import { textIfThere } from "../../lib/core/text_file.ts";

/** A line of `samples/step-000040.jsonl`: what is known of a picture of the group. */
export interface SampleLine {
  readonly index: number;
  readonly prompt: string;
  readonly reasoning?: string;
  readonly rewards?: Readonly<Record<string, number | null>>;
  readonly reward?: number | null;
  readonly advantage?: number | null;
  readonly mode?: string;
  readonly question?: string;
}

const parseLines = (text: string): readonly SampleLine[] =>
  text.split("\n").flatMap((line) => {
    const parsed = E.tryCatch(() => JSON.parse(line) as SampleLine, () => null);
    return E.isRight(parsed) && typeof parsed.right?.index === "number" ? [parsed.right] : [];
  });

/**
 * Lists the steps of a run that have samples.
 *
 * @returns A stage with steps, in order.
 */
export function sampleSteps(folder: RunFolder): Stage<HasFiles, readonly number[]> {
  return ({ files }) =>
    pipe(
      files.list(folder.samples),
      TE.map((names) => names.flatMap((name) => /^step-(\d+)\.jsonl$/.exec(name)?.[1] ?? []).map(Number)),
    );
}

/**
 * Reads what is known of the pictures of a step.
 *
 * @returns A stage with a line per picture; none if the step has no samples.
 */
export function readSampleLines(folder: RunFolder, step: number): Stage<HasFiles, readonly SampleLine[]> {
  return ({ files }) =>
    pipe(textIfThere(files, join(folder.samples, `${stepName(step)}.jsonl`)), TE.map(parseLines));
}

/**
 * Cuts a picture out of the grid of a step.
 *
 * @param index Its place in the grid.
 * @returns A stage with a PNG file; left `InputInvalid` if there is no such picture.
 */
export function samplePicture(folder: RunFolder, step: number, index: number): Stage<HasFiles, Uint8Array> {
  return pipe(
    RTE.Do,
    RTE.bindW("lines", () => readSampleLines(folder, step)),
    RTE.bindW("grid", () => loadImageFile(join(folder.samples, `${stepName(step)}.png`))),
    RTE.flatMapEither(({ lines, grid }) => {
      const picture = cutGrid(grid.image, lines.length)[index];
      return picture !== undefined ? E.right(encodePng(picture)) : E.left({
        ...{ _tag: "InputInvalid" as const, where: "this picture", problem: "is not in the grid" },
        remedy: "choose another",
      });
    }),
  );
}

/** The newest drawn picture of a run's evaluations. */
const drawnPicture = (folder: RunFolder): Stage<HasFiles, string | undefined> => ({ files }) =>
  pipe(
    files.list(folder.evaluations),
    TE.map((names) => names.filter((name) => /^step-\d+$/.test(name)).at(-1) ?? ""),
    TE.flatMap((step) => firstImage(join(folder.evaluations, step, "images"), 3)({ files })),
  );

/** The first PNG file below a folder. */
const firstImage = (folder: string, depth: number): Stage<HasFiles, string | undefined> => ({ files }) =>
  pipe(
    files.list(folder),
    TE.flatMap(
      (names): TE.TaskEither<never, string | undefined> | ReturnType<ReturnType<typeof firstImage>> => {
        const png = names.find((name) => name.endsWith(".png"));
        if (png !== undefined) return TE.right(join(folder, png));
        const inner = names.at(-1);
        return inner === undefined || depth === 0
          ? TE.right(undefined)
          : firstImage(join(folder, inner), depth - 1)({ files });
      },
    ),
  );

/**
 * Reads the picture that stands for a run: what its last evaluation drew, else its newest sample.
 *
 * @returns A stage with a PNG file; `null` if the run drew nothing yet.
 */
export function runPicture(folder: RunFolder): Stage<HasFiles, Uint8Array | null> {
  return pipe(
    drawnPicture(folder),
    RTE.flatMap((path): Stage<HasFiles, Uint8Array | null> => {
      if (path !== undefined) return ({ files }) => files.readBytes(path);
      return pipe(
        sampleSteps(folder),
        RTE.flatMap((steps): Stage<HasFiles, Uint8Array | null> => {
          const last = steps.at(-1);
          return last === undefined ? RTE.right(null) : samplePicture(folder, last, 0);
        }),
      );
    }),
  );
}
