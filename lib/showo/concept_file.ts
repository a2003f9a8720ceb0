/**
 * A concept as a file: its rows and the names of their tokens, usable with the model that they were learnt on.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { basename, dirname } from "node:path";
import type { HasFiles } from "../core/capability.ts";
import { type Checked, scoped, type Stage } from "../core/stage.ts";
import { BARE_TENSOR } from "../tensor/containers/torch_objects.ts";
import { tf } from "../tensor/tf.ts";
import { decodeTree, encodeTree } from "../tensor/tree_file.ts";
import { disposeTree, type Tree } from "../tensor/tree.ts";
import { type FloatTensor, type HasBlobs, openWeights } from "../tensor/weight_source.ts";
import type { ConceptRows } from "./concept_rows.ts";

/** What stands beside the rows. */
export interface ConceptFileInfo {
  /** The concept token, `<mip>`. */
  readonly concept: string;
  /** The token of each row; the first is the concept's. */
  readonly tokens: readonly string[];
  /** What the rows come from: `stage2`, `joint`, `rl` … */
  readonly stage: string;
}

/** A concept that was read; the reader owns the rows. */
export interface ConceptFile extends ConceptFileInfo {
  readonly rows: ConceptRows;
}

const FORMAT = "unictokens-concept/1";

/**
 * Writes a concept to the bytes of a safetensors file.
 *
 * @param rows The rows; stay the caller's.
 * @param info The concept, a token per row, and the stage.
 * @returns The file: `embed` `[n, D]`, `headWeight` `[n, D]`, `headBias` `[n]`, the rest as metadata.
 */
export function encodeConceptFile(rows: ConceptRows, info: ConceptFileInfo): Uint8Array {
  const { concept, tokens, stage } = info;
  return encodeTree(rows, { metadata: { format: FORMAT, concept, tokens: JSON.stringify(tokens), stage } });
}

const invalid = (path: string, problem: string): Checked<never> =>
  E.left({
    _tag: "InputInvalid",
    where: path,
    problem,
    remedy: "name a concept file that this project wrote, or epoch_<n>_embed.pt of the public code",
  });

const SHAPES = { embed: 2, headWeight: 2, headBias: 1 } as const;

/** Rows of a tree with three tensors of fitting shapes; frees everything else. */
function rowsOf(tree: Tree, path: string): Checked<ConceptRows> {
  const rows = tree as Partial<ConceptRows>;
  const names = Object.keys(SHAPES) as (keyof typeof SHAPES)[];
  const missing = names.find((name) => (rows[name] as tf.Tensor | undefined)?.rank !== SHAPES[name]);
  const complete = rows as ConceptRows;
  const fits = missing === undefined && complete.embed.shape.join() === complete.headWeight.shape.join() &&
    complete.headBias.shape[0] === complete.embed.shape[0];
  if (fits) {
    const { embed, headWeight, headBias } = complete;
    return E.right({ embed, headWeight, headBias });
  }
  disposeTree(tree);
  return invalid(
    path,
    missing === undefined
      ? "its three tensors differ in rows or width"
      : `tensor ${missing} is missing or misshapen`,
  );
}

const tokenList = (text: string | undefined): readonly string[] | null => {
  const list = pipe(E.tryCatch(() => JSON.parse(text ?? "null") as unknown, () => null), E.toUnion);
  return Array.isArray(list) && list.every((item) => typeof item === "string") ? list as string[] : null;
};

/**
 * Reads a concept from the bytes of a safetensors file.
 *
 * @param path Its name, for errors.
 * @returns The concept; Left `InputInvalid` if it is no concept file or its tokens and rows disagree.
 */
export function decodeConceptFile(bytes: Uint8Array, path: string): Checked<ConceptFile> {
  return pipe(
    decodeTree(bytes, path),
    E.flatMap(({ tree, metadata }) => {
      const { format, concept, stage = "" } = metadata;
      const tokens = tokenList(metadata["tokens"]);
      if (format !== FORMAT || concept === undefined || tokens === null || tokens[0] !== concept) {
        disposeTree(tree);
        return invalid(path, `its header is not that of a concept file (${FORMAT})`);
      }
      return pipe(
        rowsOf(tree, path),
        E.flatMap((rows) => withTokens(rows, { concept, tokens, stage }, path)),
      );
    }),
  );
}

function withTokens(rows: ConceptRows, info: ConceptFileInfo, path: string): Checked<ConceptFile> {
  const count = rows.embed.shape[0] as number;
  if (info.tokens.length === count) return E.right({ rows, ...info });
  disposeTree(rows);
  return invalid(path, `it has ${count} rows but ${info.tokens.length} tokens`);
}

const TRIPLE = /^(.*epoch_\d+)(?:_(?:embed|lm_head_weight|lm_head_bias)\.pt)?$/;
const PARTS = { embed: "embed", headWeight: "lm_head_weight", headBias: "lm_head_bias" } as const;

const readPart = (path: string): Stage<HasFiles & HasBlobs, FloatTensor> =>
  scoped(
    openWeights(path),
    (source) => RTE.fromEither(source.readFloat32(BARE_TENSOR)),
    (source) => source.close(),
  );

/** The three `.pt` files of the public code; nothing in them names the concept, but their folder does. */
function loadTriple(prefix: string, concept: string | undefined): Stage<HasFiles & HasBlobs, ConceptFile> {
  const part = (name: keyof typeof PARTS) => readPart(`${prefix}_${PARTS[name]}.pt`);
  return pipe(
    RTE.Do,
    RTE.bindW("embed", () => part("embed")),
    RTE.bindW("headWeight", () => part("headWeight")),
    RTE.bindW("headBias", () => part("headBias")),
    RTE.flatMapEither((arrays) =>
      rowsOf(
        Object.fromEntries(
          Object.entries(arrays).map(([name, { data, shape }]) => [name, tf.tensor(data, [...shape])]),
        ),
        prefix,
      )
    ),
    RTE.map((rows) => {
      const token = concept ?? `<${basename(dirname(dirname(prefix)))}>`;
      const learnt = Array.from(
        { length: (rows.embed.shape[0] as number) - 1 },
        (_, index) => `<token_${index}>`,
      );
      return { rows, concept: token, tokens: [token, ...learnt], stage: basename(prefix) };
    }),
  );
}

/**
 * Loads a concept: a file of {@link encodeConceptFile}, or the `.pt` triple of the public code.
 *
 * @param path The `.safetensors` file; or one of `epoch_<n>_embed.pt`, `…_lm_head_weight.pt`, `…_lm_head_bias.pt`, or
 * their common beginning.
 * @param options.concept The concept token of a triple; default: the name of the folder above theirs, as released.
 * @returns The concept; the caller owns the rows. Left naming what is missing or wrong.
 */
export function loadConceptFile(
  path: string,
  options: { readonly concept?: string } = {},
): Stage<HasFiles & HasBlobs, ConceptFile> {
  const prefix = TRIPLE.exec(path)?.[1];
  if (prefix !== undefined) return loadTriple(prefix, options.concept);
  return pipe(
    RTE.asks(({ files }: HasFiles) => files),
    RTE.flatMapTaskEither((files) => files.readBytes(path)),
    RTE.flatMapEither((bytes) => decodeConceptFile(bytes, path)),
  );
}
