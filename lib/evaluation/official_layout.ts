/**
 * The output folders of the public UniCTokens evaluation scripts, read as predictions.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as E from "fp-ts/lib/Either.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import * as t from "io-ts";
import { join } from "node:path";
import type { Concept } from "../concept/concept.ts";
import { decodeWith, parseJson } from "../concept/json_file.ts";
import { refuse } from "../core/refuse.ts";
import type { Files, HasFiles } from "../core/capability.ts";
import type { PipelineError } from "../core/error.ts";
import type { Checked, Stage } from "../core/stage.ts";
import { ANY_CONCEPT, type DrawItem, type Item } from "./item.ts";
import { BENCH, type PredictionRow } from "./prediction_rows.ts";

/** Which run of the scripts. */
export interface OfficialRun {
  /** Folder that holds `logs`, `t2i_saved` or `gen_saved`. */
  readonly folder: string;
  /** Name of the checkpoint, a folder below the concept. */
  readonly checkpoint: string;
  /** Epoch, a number or a folder name. */
  readonly epoch: string;
  /** What tables call the model. */
  readonly model: string;
}

const resultsCodec = t.record(
  t.string,
  t.intersection([
    t.type({ data: t.array(t.type({ question: t.string, image: t.string, gt: t.string, pred: t.string })) }),
    t.partial({ score: t.unknown }),
  ]),
);

const head = (run: OfficialRun, concept: Pick<Concept, "id">) =>
  ({ v: 1, model: run.model, bench: BENCH, concept: concept.id }) as const;

/** Their questions hold the system text with soft tokens; ours is at the end. */
const matches = (theirs: string, ours: string): boolean => theirs.trim().endsWith(ours.trim());

const baseName = (path: string): string => path.split(/[\\/]/).at(-1) ?? path;

function rowsOfResults(
  results: t.TypeOf<typeof resultsCodec>,
  items: readonly Item[],
  place: { readonly run: OfficialRun; readonly concept: Pick<Concept, "id">; readonly where: string },
): Checked<readonly PredictionRow[]> {
  const left = new Set(items.filter((item) => item.kind === "ask"));
  const rows: PredictionRow[] = [];
  for (const [type, { data }] of Object.entries(results)) {
    const task = type === "text_only" ? "qa" : type.includes("choice") ? "choice" : type;
    for (const [index, { question, image, gt, pred }] of data.entries()) {
      const found = [...left].find((item) =>
        item.task === task && matches(question, item.question) && item.reference?.trim() === gt.trim() &&
        (item.image === null || baseName(item.image) === baseName(image))
      );
      if (found === undefined) {
        const field = `${place.where}: ${type}.data[${index}]`;
        return refuse(
          field,
          "is none of the concept's test questions",
          "give the data set that was evaluated",
        );
      }
      left.delete(found);
      rows.push({ ...head(place.run, place.concept), task: found.task, item: found.id, prediction: pred });
    }
  }
  return E.right(rows);
}

const readResults = (
  run: OfficialRun,
  concept: Pick<Concept, "id">,
  items: readonly Item[],
): Stage<HasFiles, readonly PredictionRow[]> => {
  const where = join(run.folder, "logs", concept.id, run.checkpoint, `epoch_${run.epoch}_results.json`);
  return ({ files }) =>
    pipe(
      files.exists(where),
      TE.flatMap((exists): TE.TaskEither<PipelineError, readonly PredictionRow[]> =>
        exists
          ? pipe(
            files.readText(where),
            TE.flatMapEither((text) => parseJson(text, where)),
            TE.flatMapEither(decodeWith(resultsCodec, where)),
            TE.flatMapEither((results) => rowsOfResults(results, items, { run, concept, where })),
          )
          : TE.right([])
      ),
    );
};

/** Folders are named by the raw prompt, with the token or `<sks>`; a full stop at the end may be missing. */
const samePrompt = (folder: string, item: DrawItem, token: string): boolean => {
  const plain = (text: string): string =>
    text.replaceAll(ANY_CONCEPT, () => token).replace(/\.\s*$/, "").trim();
  return plain(folder) === plain(item.prompt);
};

const byNumber = (a: string, b: string): number => Number.parseInt(a) - Number.parseInt(b);

const picturesIn = (
  files: Files,
  folder: string,
  { run, concept, item }: {
    readonly run: OfficialRun;
    readonly concept: Pick<Concept, "id">;
    readonly item: DrawItem;
  },
): TE.TaskEither<PipelineError, readonly PredictionRow[]> =>
  pipe(
    files.list(folder),
    TE.map((names) =>
      names.filter((name) => name.endsWith(".png")).toSorted(byNumber).map((name, sample): PredictionRow => ({
        ...head(run, concept),
        task: item.task,
        item: item.id,
        sample,
        image: join(folder, name),
        promptUsed: item.prompt,
      }))
    ),
  );

const readPictures = (
  run: OfficialRun,
  concept: Pick<Concept, "id" | "token">,
  items: readonly Item[],
): Stage<HasFiles, readonly PredictionRow[]> => {
  const drawings = items.filter((item) => item.kind === "draw");
  const roots = ["t2i_saved", "gen_saved"].map((name) =>
    join(run.folder, name, concept.id, run.checkpoint, run.epoch)
  );
  return ({ files }) => {
    const inRoot = (root: string): TE.TaskEither<PipelineError, readonly PredictionRow[]> =>
      pipe(
        files.list(root),
        TE.flatMap((folders) => {
          const found = folders.flatMap((folder) =>
            drawings.filter((item) => samePrompt(folder, item, concept.token)).map((item) => ({
              folder,
              item,
            }))
          );
          return TE.traverseSeqArray(({ folder, item }: typeof found[number]) =>
            picturesIn(files, join(root, folder), { run, concept, item })
          )(found);
        }),
        TE.map((lists) => lists.flat()),
      );
    return pipe(TE.traverseSeqArray(inRoot)(roots), TE.map((lists) => lists.flat()));
  };
};

/**
 * Reads what the public scripts left of one concept: `logs/<concept>/<checkpoint>/epoch_<n>_results.json` and
 * `{t2i_saved,gen_saved}/<concept>/<checkpoint>/<epoch>/<prompt>/<n>.png`.
 *
 * @param run Folder, checkpoint, epoch, name.
 * @returns Predictions, files relative to the working folder; prompts that are no items are left out. Left `InputInvalid` if
 * nothing is found, or an answer belongs to no question.
 */
export function readOfficialRun(
  run: OfficialRun,
  concept: Pick<Concept, "id" | "token">,
  items: readonly Item[],
): Stage<HasFiles, readonly PredictionRow[]> {
  return pipe(
    RTE.Do,
    RTE.bindW("answers", () => readResults(run, concept, items)),
    RTE.bindW("pictures", () => readPictures(run, concept, items)),
    RTE.flatMapEither(({ answers, pictures }) => {
      const rows = [...answers, ...pictures];
      return rows.length > 0 ? E.right(rows) : refuse(
        run.folder,
        `has no results of ${concept.id}, checkpoint ${run.checkpoint}, epoch ${run.epoch}`,
        "name the folder above logs, t2i_saved or gen_saved",
      );
    }),
  );
}
