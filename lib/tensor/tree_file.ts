/**
 * Trees as safetensors files: a name per leaf, its path in the tree.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import type { Checked, Stage } from "../core/stage.ts";
import type { NamedArray } from "./containers/dtype.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
  type Metadata,
  safetensorsPieces,
} from "./containers/safetensors.ts";
import { nest } from "./nest.ts";
import { tf } from "./tf.ts";
import { namedLeaves, type Tree } from "./tree.ts";
import { type HasBlobs, writePieces } from "./weight_source.ts";

/**
 * Reads the tensors of a tree back as arrays by name.
 *
 * @param tree The tree; float32 or int32 leaves.
 * @param options.dtype How floats are written; default F32.
 * @returns Name → array.
 */
export function treeArrays(
  tree: Tree,
  options: { readonly dtype?: "F32" | "F16" } = {},
): ReadonlyMap<string, NamedArray> {
  return new Map(
    namedLeaves(tree).map(([name, leaf]) => {
      const dtype = leaf.dtype === "int32" ? "I32" : options.dtype ?? "F32";
      return [name, { dtype, shape: leaf.shape, data: leaf.dataSync() as Float32Array | Int32Array }];
    }),
  );
}

/**
 * Lists the tensors of a tree as arrays that are read back when they are asked for, one at a time.
 *
 * @param tree The tree; must not be freed before the arrays are used.
 * @returns Name → array; each use of `data` copies the tensor anew.
 */
export function lazyTreeArrays(tree: Tree): ReadonlyMap<string, NamedArray> {
  return new Map(
    namedLeaves(tree).map(([name, leaf]): [string, NamedArray] => [name, {
      dtype: leaf.dtype === "int32" ? "I32" : "F32",
      shape: leaf.shape,
      get data() {
        return leaf.dataSync() as Float32Array | Int32Array;
      },
    }]),
  );
}

/**
 * Writes a tree to the bytes of a safetensors file.
 *
 * @param options.metadata Free text for the header.
 * @param options.dtype How floats are written; default F32.
 */
export function encodeTree(
  tree: Tree,
  options: { readonly metadata?: Metadata; readonly dtype?: "F32" | "F16" } = {},
): Uint8Array {
  return encodeSafetensors(treeArrays(tree, options), options.metadata ?? {});
}

/**
 * Writes a tree to a safetensors file leaf by leaf: no more than one leaf is copied at a time.
 *
 * @param path The file; it appears when it is complete.
 * @param tree The tree; stays the caller's.
 * @param options.metadata Free text for the header.
 * @param options.dtype How floats are written; default F32.
 * @returns Bytes of the file; they are those of {@link encodeTree}. Left with what the disk answered.
 */
export function writeTree(
  path: string,
  tree: Tree,
  options: { readonly metadata?: Metadata; readonly dtype?: "F32" | "F16" } = {},
): Stage<HasBlobs, number> {
  const arrays = new Map(
    [...lazyTreeArrays(tree)].map(([name, array]) =>
      [name, array.dtype === "I32" ? array : withDtype(array, options.dtype)] as const
    ),
  );
  const pieces = safetensorsPieces(arrays, options.metadata ?? {});
  return ({ blobs }) => pipe(blobs.create(path), TE.flatMapEither((writer) => writePieces(writer, pieces)));
}

const withDtype = (array: NamedArray, dtype: "F32" | "F16" = "F32"): NamedArray => ({
  dtype,
  shape: array.shape,
  get data() {
    return array.data;
  },
});

/**
 * Makes tensors from arrays by name.
 *
 * @param arrays Name → array; F16 and wider floats become float32, integers int32.
 * @returns A tree of fresh tensors.
 */
export function treeOf(arrays: Iterable<readonly [string, NamedArray]>): Tree {
  return nest([...arrays].map(([name, { shape, data, dtype }]) => {
    const integer = dtype.startsWith("I") || dtype.startsWith("U");
    const values = integer ? Int32Array.from(data as Int32Array) : new Float32Array(data as Float32Array);
    return [name, tf.tensor(values, [...shape], integer ? "int32" : "float32")] as const;
  }));
}

/**
 * Reads a tree from the bytes of a safetensors file.
 *
 * @param path Its name, for errors.
 * @returns A tree of fresh tensors and the header's texts; Left `CheckpointCorrupt` or `InputInvalid` from the parser.
 */
export function decodeTree(
  bytes: Uint8Array,
  path: string,
): Checked<{ readonly tree: Tree; readonly metadata: Metadata }> {
  return pipe(
    decodeSafetensors(bytes, path),
    E.map(({ tensors, metadata }) => ({ tree: treeOf(tensors), metadata })),
  );
}
