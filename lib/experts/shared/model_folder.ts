/**
 * The folder of a published model: settings and weights, with messages that say what to download where.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type * as t from "io-ts";
import type { HasFiles } from "../../core/capability.ts";
import type { PipelineError } from "../../core/error.ts";
import { attempt, type Checked, scoped, type Stage } from "../../core/stage.ts";
import { type HasBlobs, openWeights, type WeightSource } from "../../tensor/weight_source.ts";

/** Where a model lies and where it comes from. */
export interface ModelFolder {
  /** The folder, or for models without settings the file of the weights. */
  readonly path: string;
  /** The weights, if not the usual file of the folder. */
  readonly weights?: string | undefined;
  /** The public repository, `facebook/dinov2-base`. */
  readonly repository: string;
}

/**
 * Adds to an error about a missing or damaged file where to get it.
 *
 * @returns A function from errors to errors of the same kind.
 */
export function withDownload(model: ModelFolder): (error: PipelineError) => PipelineError {
  const advice = `download the files of ${model.repository} to ${model.path}`;
  return (error) => {
    switch (error._tag) {
      case "FileMissing":
        return { ...error, remedy: advice };
      case "CheckpointCorrupt":
        return { ...error, problem: `${error.problem}; ${advice} again` };
      case "InputInvalid":
        return { ...error, remedy: `${error.remedy}, or ${advice}` };
      default:
        return error;
    }
  };
}

const parse = <A>(text: string, path: string, codec: t.Decoder<unknown, A>): Checked<A> =>
  pipe(
    attempt(
      (problem): PipelineError => ({ _tag: "ConfigInvalid", where: path, problems: [problem] }),
      () => JSON.parse(text) as unknown,
    ),
    E.flatMap((value) =>
      pipe(
        codec.decode(value),
        E.mapLeft((errors): PipelineError => ({
          _tag: "ConfigInvalid",
          where: path,
          problems: errors.map(({ context }) => {
            const keys = context.map(({ key }) => key).filter((key) => key !== "" && !/^\d+$/.test(key));
            return `${keys.join(".")} is missing or of another type`;
          }),
        })),
      )
    ),
  );

/**
 * Reads a JSON file of the folder.
 *
 * @param codec What it holds; keys that it doesn't name are ignored.
 * @returns The value. Left `FileMissing` with the repository, or `ConfigInvalid` with the keys.
 */
export function readSettings<A>(
  model: ModelFolder,
  file: string,
  codec: t.Decoder<unknown, A>,
): Stage<HasFiles, A> {
  return pipe(
    readTextOf(model, file),
    RTE.flatMapEither((text) => parse(text, `${model.path}/${file}`, codec)),
  );
}

/**
 * Reads a JSON file that may be missing.
 *
 * @param codec What it holds.
 * @returns The value, or `undefined` if there is no such file.
 */
export function readOptionalSettings<A>(
  model: ModelFolder,
  file: string,
  codec: t.Decoder<unknown, A>,
): Stage<HasFiles, A | undefined> {
  return pipe(
    RTE.asks(({ files }: HasFiles) => files),
    RTE.flatMapTaskEither((files) => files.exists(`${model.path}/${file}`)),
    RTE.flatMap((exists): Stage<HasFiles, A | undefined> =>
      exists ? readSettings(model, file, codec) : RTE.right(undefined)
    ),
  );
}

/**
 * Reads a text file of the folder.
 *
 * @returns The text. Left `FileMissing` with the repository.
 */
export function readTextOf(model: ModelFolder, file: string): Stage<HasFiles, string> {
  return pipe(
    RTE.asks(({ files }: HasFiles) => files),
    RTE.flatMapTaskEither((files) => files.readText(`${model.path}/${file}`)),
    RTE.mapLeft(withDownload(model)),
  );
}

/**
 * Reads `config.json` and makes sure that it is that of the right kind of model.
 *
 * @param codec What it holds; keys that it doesn't name are ignored.
 * @param kinds Values of `model_type` that fit; a missing one fits, too.
 * @returns The settings. Left `InputInvalid` with both kinds and the repository, or an error of {@link readSettings}.
 */
export function readModelSettings<A extends { readonly model_type?: string }>(
  model: ModelFolder,
  codec: t.Decoder<unknown, A>,
  kinds: readonly string[],
): Stage<HasFiles, A> {
  return pipe(
    readSettings(model, "config.json", codec),
    RTE.flatMapEither((settings): Checked<A> => {
      const { model_type } = settings;
      if (model_type === undefined || kinds.includes(model_type)) return E.right(settings);
      return E.left({
        _tag: "InputInvalid",
        where: `${model.path}/config.json`,
        problem: `model_type is ${model_type}, expected ${kinds.join(" or ")}`,
        remedy: `download the files of ${model.repository} to ${model.path}, or name another folder`,
      });
    }),
  );
}

/**
 * Opens the weights of a model, uses them and closes them.
 *
 * @param use What to read from them.
 * @returns What `use` returned; errors about files name the repository.
 */
export function withWeights<A>(
  model: ModelFolder,
  use: (source: WeightSource) => Checked<A>,
): Stage<HasFiles & HasBlobs, A> {
  return pipe(
    scoped(
      openWeights(model.weights ?? model.path),
      (source) => RTE.fromEither(use(source)),
      (source) => source.close(),
    ),
    RTE.mapLeft(withDownload(model)),
  );
}
