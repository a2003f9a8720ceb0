/**
 * Experts as published folders: settings, vocabulary, weights in half precision, and a manifest that tells how well they do.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import type { HasFiles } from "../../lib/core/capability.ts";
import type { Stage } from "../../lib/core/stage.ts";
import { exportArrays } from "../../lib/experts/shared/parameters.ts";
import { type Preprocess, preprocessorConfig } from "../../lib/experts/shared/preprocess.ts";
import { encodeSafetensors } from "../../lib/tensor/containers/safetensors.ts";
import type { Tree } from "../../lib/tensor/tree.ts";
import { manifestOf, WEIGHT_MANIFEST } from "../../lib/tensor/weight_manifest.ts";

/** The files of a folder by name. */
export type FolderFiles = ReadonlyMap<string, Uint8Array>;

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/**
 * Writes a value as the bytes of a JSON file.
 *
 * @returns Indented UTF-8 with a line feed at the end.
 */
export function jsonFile(value: unknown): Uint8Array {
  return utf8(`${JSON.stringify(value, null, 2)}\n`);
}

/**
 * Writes weights under their published names as a half-precision safetensors file.
 *
 * @param schema The description of the model.
 */
export function weightsFile(schema: unknown, weights: Tree): Uint8Array {
  const arrays = exportArrays(schema, weights);
  const halves = [...arrays].map(([name, { shape, data }]) => [name, { dtype: "F16", shape, data }] as const);
  return encodeSafetensors(new Map(halves), { format: "pt" });
}

/** What a published folder holds. */
export interface PublishedModel {
  readonly schema: unknown;
  readonly weights: Tree;
  /** Content of `config.json`. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly preprocess?: Preprocess;
  /** Vocabulary files by name. */
  readonly texts?: Readonly<Record<string, string>>;
}

/**
 * Lays a model out as its published original is.
 *
 * @returns `model.safetensors`, `config.json`, `preprocessor_config.json` where pictures are prepared, vocabulary files.
 */
export function publishedFiles(model: PublishedModel): FolderFiles {
  const { schema, weights, settings, preprocess, texts = {} } = model;
  return new Map([
    ["model.safetensors", weightsFile(schema, weights)],
    ["config.json", jsonFile(settings)],
    ...(preprocess === undefined
      ? []
      : [["preprocessor_config.json", jsonFile(preprocessorConfig(preprocess))] as const]),
    ...Object.entries(texts).map(([name, text]) => [name, utf8(text)] as const),
  ]);
}

const writeFiles = (folder: string, content: FolderFiles): Stage<HasFiles, void> => ({ files }) =>
  pipe(
    files.makeFolder(folder),
    TE.flatMap(() =>
      pipe(
        [...content],
        TE.traverseSeqArray(([name, bytes]) => files.writeAtomic(`${folder}/${name}`, bytes)),
      )
    ),
    TE.map(() => undefined),
  );

/** Measured numbers by name. */
export type Quality = Readonly<Record<string, number>>;

/**
 * Writes a folder, measures the model as the loaders read it back, and seals the folder with a manifest.
 *
 * @param measure Loads the folder and measures it.
 * @param notes What the manifest tells besides files and quality: settings, seed, steps.
 * @returns What was measured.
 */
export function publish<R>(
  folder: string,
  content: FolderFiles,
  options: { readonly measure: Stage<R, Quality>; readonly notes: Readonly<Record<string, unknown>> },
): Stage<R & HasFiles, Quality> {
  return pipe(
    writeFiles(folder, content),
    RTE.flatMap(() => options.measure),
    RTE.tap((quality) =>
      writeFiles(
        folder,
        new Map([[WEIGHT_MANIFEST, jsonFile(manifestOf(content, { ...options.notes, quality }))]]),
      )
    ),
  );
}
