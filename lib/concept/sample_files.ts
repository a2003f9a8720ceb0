/**
 * The generated sample files: `showo_training_data_stage_*` and `test_data`.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as t from "io-ts";
import type { HasFiles } from "../core/capability.ts";
import type { Checked, Stage } from "../core/stage.ts";
import type { EvalItem, EvalKind, Exchange, TrainingSample } from "./concept.ts";
import { resolveImages } from "./dialogue_files.ts";
import { readExchange } from "./exchanges.ts";
import type { PathContext } from "./image_paths.ts";
import { decodeWith, readOptionalJson } from "./json_file.ts";
import { refuse } from "../core/refuse.ts";

/** One turn of a conversation. */
const Turn = t.type({ from: t.union([t.literal("human"), t.literal("gpt")]), value: t.string });

/** `showo_training_data_stage_*`, as on disk. */
const TrainingFile = t.array(
  t.intersection([
    t.type({ conversations: t.array(Turn) }),
    t.partial({ image: t.union([t.string, t.null]) }),
  ]),
);

/** `test_data`, as on disk. */
const EvalFile = t.array(
  t.type({ image: t.string, type: t.string, conversations: t.array(Turn) }),
);

interface Stored {
  readonly image: string | null;
  readonly exchanges: readonly Exchange[];
  readonly field: string;
}

function exchangesOf(
  items: readonly { readonly image?: string | null; readonly conversations: readonly unknown[] }[],
  where: string,
): Checked<readonly Stored[]> {
  return pipe(
    items,
    E.traverseReadonlyArrayWithIndex((index, item) =>
      pipe(
        readExchange(item, { where, field: `[${index}]` }),
        E.map((exchanges): Stored => ({ image: item.image ?? null, exchanges, field: `[${index}].image` })),
      )
    ),
  );
}

function withImages(
  items: readonly Stored[],
  context: PathContext & { readonly where: string },
): Stage<HasFiles, readonly TrainingSample[]> {
  const stored = items.flatMap(({ image, field }) => image === null ? [] : [{ path: image, field }]);
  return pipe(
    resolveImages(stored, context),
    RTE.map((found) =>
      items.map(({ image, exchanges }) => ({
        image: image === null ? null : found.get(image) ?? image,
        exchanges,
      }))
    ),
  );
}

/**
 * Loads the training samples of one stage.
 *
 * @param path The file; an absent one gives none.
 * @returns Samples in file order, `<image>` marks removed; left `InputInvalid` naming file and field.
 */
export function loadTrainingSamples(
  path: string,
  context: PathContext,
): Stage<HasFiles, readonly TrainingSample[]> {
  return pipe(
    readOptionalJson(path),
    RTE.flatMap((value) =>
      RTE.fromEither(value === undefined ? E.right([]) : decodeWith(TrainingFile, path)(value))
    ),
    RTE.flatMap((items) => RTE.fromEither(exchangesOf(items as Parameters<typeof exchangesOf>[0], path))),
    RTE.flatMap((items) => withImages(items, { ...context, where: path })),
  );
}

/** The kind of a test item; every type that contains "choice" is a choice. */
function kindOf(type: string): EvalKind | null {
  if (type.includes("choice")) return "choice";
  return type === "rec" || type === "vqa" || type === "text_only" ? type : null;
}

function kindsOf(types: readonly string[], where: string): Checked<readonly EvalKind[]> {
  return pipe(
    types,
    E.traverseReadonlyArrayWithIndex((index, type) => {
      const kind = kindOf(type);
      return kind !== null ? E.right(kind) : refuse(
        `${where}: [${index}].type`,
        `unknown type ${JSON.stringify(type)}`,
        "use rec, vqa, text_only or a name that contains choice",
      );
    }),
  );
}

/**
 * Loads the test items of a concept.
 *
 * @param path The file; an absent one gives none.
 * @returns Items in file order; left `InputInvalid` naming file and field.
 */
export function loadEvalItems(path: string, context: PathContext): Stage<HasFiles, readonly EvalItem[]> {
  return pipe(
    readOptionalJson(path),
    RTE.flatMap((value) =>
      RTE.fromEither(value === undefined ? E.right([]) : decodeWith(EvalFile, path)(value))
    ),
    RTE.bindTo("items"),
    RTE.bindW("kinds", ({ items }) => RTE.fromEither(kindsOf(items.map(({ type }) => type), path))),
    RTE.bindW("samples", ({ items }) =>
      pipe(
        RTE.fromEither(exchangesOf(items, path)),
        RTE.flatMap((stored) => withImages(stored, { ...context, where: path })),
      )),
    RTE.map(({ kinds, samples }) =>
      samples.map(({ image, exchanges }, index): EvalItem => ({
        kind: kinds[index] ?? "vqa",
        image: image ?? "",
        question: exchanges[0]?.question ?? "",
        answer: exchanges[0]?.answer ?? "",
      }))
    ),
  );
}
