/**
 * Reading a model's weights from any published file: names made uniform, everything checked before a byte is read.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import type { PipelineError } from "../core/error.ts";
import type { Checked } from "../core/stage.ts";
import { tf } from "../tensor/tf.ts";
import { disposeTree, type Tree } from "../tensor/tree.ts";
import { listParameters, mapParameters, type Parameter, type TensorsOf } from "./parameters.ts";

/** A tensor as it was read. */
export interface FloatData {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Where tensors come from, as far as the experts need it. */
export interface WeightSource {
  readonly names: readonly string[];
  readonly info: (name: string) => { readonly shape: readonly number[] } | undefined;
  readonly readFloat32: (name: string) => Checked<FloatData>;
}

/** Tensors under the names that a model expects. */
export interface Checkpoint {
  /** File or folder, for messages. */
  readonly where: string;
  readonly names: readonly string[];
  readonly shape: (name: string) => readonly number[] | undefined;
  readonly read: (name: string) => Checked<FloatData>;
}

/**
 * Sees a source under the names that a model expects.
 *
 * @param source The file.
 * @param options.where File or folder, for messages.
 * @param options.rename The expected name of a published one, or `null` for a tensor that the model does without.
 * @returns The renamed source.
 */
export function checkpointOf(
  source: WeightSource,
  options: { readonly where: string; readonly rename: (name: string) => string | null },
): Checkpoint {
  const published = new Map<string, string>();
  for (const name of source.names) {
    const expected = options.rename(name);
    if (expected !== null) published.set(expected, name);
  }
  return {
    where: options.where,
    names: [...published.keys()],
    shape: (name) => {
      const stored = published.get(name);
      return stored === undefined ? undefined : source.info(stored)?.shape;
    },
    read: (name) => {
      const stored = published.get(name);
      return stored === undefined ? E.left(missing(options.where, [name])) : source.readFloat32(stored);
    },
  };
}

/**
 * Sees several tensors as one: their rows in order.
 *
 * @param checkpoint The checkpoint.
 * @param joined For an expected name, the names whose rows make it up.
 * @returns The checkpoint with the joined names in the place of their parts.
 */
export function joinRows(checkpoint: Checkpoint, joined: ReadonlyMap<string, readonly string[]>): Checkpoint {
  const parts = new Set([...joined.values()].flat());
  const shape = (name: string): readonly number[] | undefined => {
    const names = joined.get(name);
    if (names === undefined) return checkpoint.shape(name);
    const shapes = names.map(checkpoint.shape);
    const rows = shapes.reduce((sum, one) => sum + (one?.[0] ?? 0), 0);
    return shapes[0] === undefined ? undefined : [rows, ...shapes[0].slice(1)];
  };
  return {
    where: checkpoint.where,
    names: [...checkpoint.names.filter((name) => !parts.has(name)), ...joined.keys()],
    shape,
    read: (name) => {
      const names = joined.get(name);
      if (names === undefined) return checkpoint.read(name);
      return pipe(E.traverseArray(checkpoint.read)(names), E.map((arrays) => concatRows(arrays)));
    },
  };
}

const concatRows = (arrays: readonly FloatData[]): FloatData => {
  const rows = arrays.reduce((sum, array) => sum + (array.shape[0] ?? 0), 0);
  const data = new Float32Array(arrays.reduce((sum, array) => sum + array.data.length, 0));
  let offset = 0;
  for (const array of arrays) {
    data.set(array.data, offset);
    offset += array.data.length;
  }
  return { shape: [rows, ...(arrays[0]?.shape.slice(1) ?? [])], data };
};

/**
 * Counts numbered parts such as layers.
 *
 * @param checkpoint The checkpoint.
 * @param prefix What stands before the number, `encoder.layer.`.
 * @returns The highest number + 1; 0 if there is none.
 */
export function countParts(checkpoint: Checkpoint, prefix: string): number {
  const numbers = checkpoint.names.filter((name) => name.startsWith(prefix)).map((name) =>
    Number.parseInt(name.slice(prefix.length), 10)
  );
  return numbers.reduce((highest, number) => Math.max(highest, number + 1), 0);
}

/**
 * Asks for the shape of a tensor that a model can't do without.
 *
 * @param checkpoint The checkpoint.
 * @param name Expected name.
 * @param rank Number of axes it must have.
 * @returns The shape, or what is wrong.
 */
export function shapeOf(checkpoint: Checkpoint, name: string, rank: number): Checked<readonly number[]> {
  const shape = checkpoint.shape(name);
  if (shape === undefined) return E.left(missing(checkpoint.where, [name]));
  if (shape.length === rank) return E.right(shape);
  return E.left({
    _tag: "ShapeMismatch",
    what: `${checkpoint.where}: ${name}`,
    expected: `${rank} axes`,
    found: shape,
  });
}

const missing = (where: string, names: readonly string[]): PipelineError => ({
  _tag: "InputInvalid",
  where,
  problem: `${names.length} tensor${names.length === 1 ? " is" : "s are"} missing, the first is ${names[0]}`,
  remedy: "this is no complete checkpoint of the model; download it again",
});

const unexpected = (where: string, names: readonly string[]): PipelineError => ({
  _tag: "InputInvalid",
  where,
  problem: `${names.length} unknown tensor${names.length === 1 ? "" : "s"}, the first is ${names[0]}`,
  remedy: "these are the weights of another model; check the folder",
});

const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((length, axis) => length === b[axis]);

/**
 * Checks names and shapes without reading a tensor.
 *
 * @param checkpoint The checkpoint.
 * @param places What the model expects.
 * @returns Nothing, or the first problem: missing tensors, unknown tensors, a wrong shape.
 */
export function checkNames(checkpoint: Checkpoint, places: readonly Parameter[]): Checked<void> {
  const expected = new Set(places.map((place) => place.name));
  const absent = places.filter((place) => checkpoint.shape(place.name) === undefined);
  if (absent.length > 0) return E.left(missing(checkpoint.where, absent.map((place) => place.name)));
  const extra = checkpoint.names.filter((name) => !expected.has(name));
  if (extra.length > 0) return E.left(unexpected(checkpoint.where, extra));
  for (const { name, shape } of places) {
    const found = checkpoint.shape(name) ?? [];
    if (!sameShape(found, shape)) {
      return E.left({
        _tag: "ShapeMismatch",
        what: `${checkpoint.where}: ${name}`,
        expected: shape,
        found,
      });
    }
  }
  return E.right(undefined);
}

/**
 * Reads the weights of a model.
 *
 * @param checkpoint The checkpoint.
 * @param schema The description of the model.
 * @returns Weights that the caller owns; nothing is kept if a tensor can't be read.
 */
export function readWeights<S>(checkpoint: Checkpoint, schema: S): Checked<TensorsOf<S>> {
  const places = listParameters(schema);
  return pipe(
    checkNames(checkpoint, places),
    E.flatMap(() => readTensors(checkpoint, places)),
    E.map((tensors) => mapParameters(schema, ({ name }) => tensors.get(name) as tf.Tensor)),
  );
}

const readTensors = (
  checkpoint: Checkpoint,
  places: readonly Parameter[],
): Checked<Map<string, tf.Tensor>> => {
  const tensors = new Map<string, tf.Tensor>();
  for (const { name } of places) {
    const array = checkpoint.read(name);
    if (E.isLeft(array)) {
      disposeTree(Object.fromEntries(tensors) as Tree);
      return array;
    }
    tensors.set(name, tf.tensor(array.right.data, [...array.right.shape], "float32"));
  }
  return E.right(tensors);
};
