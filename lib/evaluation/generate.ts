/**
 * The first half of an evaluation: a model answers and draws, and everything is written down at once.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { dirname, join } from "node:path";
import type { Concept } from "../concept/concept.ts";
import { loadConceptImage } from "../concept/photo.ts";
import type { HasFiles } from "../core/capability.ts";
import type { RgbImage } from "../image/image.ts";
import { fold, keyFromSeed } from "../core/key.ts";
import { encodePng } from "../image/png.ts";
import type { Stage } from "../core/stage.ts";
import { itemSeed } from "../metrics/item_seed.ts";
import type { Ask, Assistant, Draw } from "../trained/assistant.ts";
import { cleanReasoning, compoundPrompt } from "../method/compound_prompt.ts";
import { warnUnread } from "../method/prompt_reader.ts";
import type { AskItem, DrawItem, Item } from "./item.ts";
import type { Benchmark } from "./other_benchmarks.ts";
import { fingerprintOf } from "../core/fingerprint.ts";
import { appendRows, type Manifest, openManifest } from "./manifest.ts";
import { type AnswerRow, BENCH, type PictureRow, type PredictionRow, rowName } from "./prediction_rows.ts";
import { type HasPace, inTurn } from "./progress.ts";

/** What completes a prompt that needs a fact: the model's own answer, nothing, or the right fact (an upper bound). */
export type Reasoning = "own" | "none" | "truth";

/** How predictions are made. */
export interface GenerateOptions {
  /** The data set, as it stands in rows. */
  readonly bench?: Benchmark;
  /** Name of the model, as it stands in rows and tables. */
  readonly model: string;
  /** Names weights and settings: predictions of another fingerprint are made again. */
  readonly fingerprint: string;
  readonly seed: number;
  /** Where `predictions.jsonl` and `images` go. */
  readonly folder: string;
  readonly imagesPerPrompt: number;
  /** Side of the photos that questions are about, pixels. */
  readonly imageSize: number;
  /** Questions, and pictures, at a time; results do not depend on it. */
  readonly answerBatch: number;
  readonly drawBatch: number;
  readonly reasoning: Reasoning;
  /** Words of an answer that reach a prompt. */
  readonly maxWords: number;
}

/** What making predictions needs. */
export type HasGeneration = HasFiles & HasPace;

interface Plan {
  readonly concept: Concept;
  readonly options: GenerateOptions;
}

interface Context<R> extends Plan {
  readonly assistant: Assistant<R>;
}

/** Seeds leave out model and state, so that all systems that are compared draw from the same noise. */
const seedOf = ({ concept, options }: Plan, item: Item): number =>
  itemSeed({
    seed: options.seed,
    model: "",
    family: item.kind === "ask" ? "understanding" : "generation",
    task: item.task,
    concept: concept.id,
    checkpoint: "",
    item: item.id,
  });

/** What every row of an item begins with. */
const rowHead = <T extends Item>({ concept, options }: Plan, item: T) => ({
  v: 1 as const,
  model: options.model,
  bench: options.bench ?? BENCH,
  concept: concept.id,
  task: item.task as T["task"],
  item: item.id,
});

interface PendingAnswer {
  readonly item: AskItem;
  readonly seed: number;
  readonly row: Omit<AnswerRow, "prediction">;
}

function pendingAnswers(items: readonly AskItem[], context: Plan): readonly PendingAnswer[] {
  const { options } = context;
  return items.map((item) => {
    const seed = seedOf(context, item);
    const key = fingerprintOf([options.fingerprint, options.imageSize, item.question, item.image, seed]);
    return {
      item,
      seed,
      row: { ...rowHead(context, item), key },
    };
  });
}

const toAsk = (imageSize: number) => ({ item, seed }: PendingAnswer): Stage<HasFiles, Ask> =>
  pipe(
    item.image === null ? RTE.right(null) : loadConceptImage(item.image, imageSize),
    RTE.map((image: RgbImage | null) => ({ question: item.question, image, key: keyFromSeed(seed) })),
  );

const answerBatch =
  <R>(context: Context<R>, keep: (row: PredictionRow) => void) =>
  (batch: readonly PendingAnswer[]): Stage<R & HasFiles, void> =>
    pipe(
      batch,
      RTE.traverseSeqArray(toAsk(context.options.imageSize)),
      RTE.flatMap((asks) => context.assistant.answer(asks)),
      RTE.flatMap((answers) => {
        const rows = batch.map(({ row }, index): AnswerRow => ({ ...row, prediction: answers[index] ?? "" }));
        rows.forEach(keep);
        return appendRows(context.options.folder, rows);
      }),
    );

interface PendingPicture {
  readonly prompt: string;
  readonly seed: number;
  readonly row: PictureRow;
}

/** The answer of the question that a drawing waits for, cleaned; empty if there is none. */
function reasoningFor(item: DrawItem, answers: Manifest, { concept, options }: Plan): string {
  if (item.upstream === null || options.reasoning === "none") return "";
  const { task, id } = item.upstream;
  const row = answers.get(rowName({ concept: concept.id, task, item: id }));
  const answer = row !== undefined && "prediction" in row ? row.prediction : "";
  return cleanReasoning(answer, concept, { maxWords: options.maxWords });
}

/**
 * Writes the prompt that is drawn.
 *
 * @param reasoning The cleaned answer.
 * @param mode What completes the prompt.
 * @returns Base prompt and answer; with `truth` the explicit prompt where the data has one.
 */
export function drawnPrompt(item: DrawItem, reasoning: string, mode: Reasoning): string {
  if (mode === "truth" && item.upstream !== null && item.wanted !== null) return item.wanted;
  return compoundPrompt({ basePrompt: item.prompt }, reasoning);
}

function pendingPictures(
  items: readonly DrawItem[],
  answers: Manifest,
  context: Plan,
): readonly PendingPicture[] {
  const { concept, options } = context;
  return items.flatMap((item) => {
    const seed = seedOf(context, item);
    const reasoning = reasoningFor(item, answers, context);
    const prompt = drawnPrompt(item, reasoning, options.reasoning);
    return Array.from({ length: options.imagesPerPrompt }, (_, sample): PendingPicture => ({
      prompt,
      seed,
      row: {
        ...rowHead(context, item),
        sample,
        image: join("images", concept.id, item.task, `${item.id}_${sample}.png`),
        promptUsed: prompt,
        ...(reasoning === "" || options.reasoning !== "own" ? {} : { reasoning }),
        seed,
        key: fingerprintOf([options.fingerprint, prompt, seed, sample]),
      },
    }));
  });
}

const savePicture =
  (folder: string) =>
  ([{ row }, image]: readonly [PendingPicture, RgbImage]): Stage<HasFiles, void> =>
  ({ files }) => {
    const path = join(folder, row.image);
    return pipe(files.makeFolder(dirname(path)), TE.flatMap(() => files.writeAtomic(path, encodePng(image))));
  };

const drawBatch =
  <R>(context: Context<R>, keep: (row: PredictionRow) => void) =>
  (batch: readonly PendingPicture[]): Stage<R & HasFiles, void> => {
    const { folder } = context.options;
    const draws = batch.map(({ prompt, seed, row }): Draw => ({
      prompt,
      key: fold(keyFromSeed(seed), row.sample),
    }));
    return pipe(
      context.assistant.draw(draws),
      RTE.flatMap((images) =>
        RTE.traverseSeqArray(savePicture(folder))(
          batch.map((pending, index) => [pending, images[index] as RgbImage]),
        )
      ),
      RTE.flatMap(() => {
        batch.forEach(({ row }) => keep(row));
        return appendRows(folder, batch.map(({ row }) => row));
      }),
    );
  };

/** Whether a row is there and was made from the same weights, words and seed. */
const isDone = (
  known: Manifest,
  row: Pick<PredictionRow, "concept" | "task" | "item" | "key"> & { readonly sample?: number },
) => known.get(rowName(row))?.key === row.key;

/**
 * Lets a model answer and draw all items of a concept that its manifest does not have yet.
 *
 * Questions come first, because the prompts of Rea Gen and Dense Rea Gen are completed by their answers. After each batch the
 * manifest is written, so that an evaluation that was stopped goes on where it was; one seed per item makes the outcome the
 * same whether it was stopped or not.
 *
 * @param items What is asked.
 * @param options Seed, folder, batches.
 * @returns The rows of these items, files of pictures relative to the working folder; Left `Interrupted`, or what the model failed with.
 */
export function generate<R>(
  concept: Concept,
  assistant: Assistant<R>,
  items: readonly Item[],
  options: GenerateOptions,
): Stage<R & HasGeneration, readonly PredictionRow[]> {
  const context = { concept, assistant, options };
  const asked = items.filter((item) => item.kind === "ask");
  const drawn = items.filter((item) => item.kind === "draw");
  return pipe(
    openManifest(options.folder),
    RTE.flatMap((found) => {
      const known = new Map(found);
      const keep = (row: PredictionRow): void => void known.set(rowName(row), row);
      const answers = pendingAnswers(asked, context);
      const open = answers.filter(({ row }) => !isDone(known, row));
      const pictures = () => pendingPictures(drawn, known, context);
      return pipe(
        inTurn(open, { label: "answers", size: options.answerBatch, step: answerBatch(context, keep) }),
        RTE.flatMap(() => {
          const missing = pictures().filter(({ row }) => !isDone(known, row));
          return pipe(
            warnUnread(assistant.unread ?? (() => ""), missing.map(({ prompt }) => prompt)),
            RTE.flatMap(() =>
              inTurn(missing, {
                label: "pictures",
                size: options.drawBatch,
                step: drawBatch(context, keep),
              })
            ),
          );
        }),
        RTE.map(() =>
          [...answers, ...pictures()].flatMap(({ row }) => known.get(rowName(row)) ?? [])
            .map((row) => "image" in row ? { ...row, image: join(options.folder, row.image) } : row)
        ),
      );
    }),
  );
}
