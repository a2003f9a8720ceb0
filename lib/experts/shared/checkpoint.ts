/**
 * Reading a model's weights from any published file: names made uniform, everything checked before a number is read.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import type { Checked } from "../../core/stage.ts";
import { elementCount } from "../../tensor/containers/dtype.ts";
import { tf } from "../../tensor/tf.ts";
import { disposeTree, type Tree } from "../../tensor/tree.ts";
import { checkWeights } from "../../tensor/weight_names.ts";
import type { FloatTensor, WeightSource } from "../../tensor/weight_source.ts";
import { listParameters, mapParameters, type TensorsOf } from "./parameters.ts";

/**
 * Offers several tensors as one: their rows in order.
 *
 * @param joined For a new name, the names whose rows make it up.
 * @returns The weights with the new names in the place of their parts.
 */
export function joinRows(source: WeightSource, joined: ReadonlyMap<string, readonly string[]>): WeightSource {
  const parts = new Set([...joined.values()].flat());
  return {
    ...source,
    names: [...source.names.filter((name) => !parts.has(name)), ...joined.keys()],
    info: (name) => {
      const infos = joined.get(name)?.map(source.info);
      const first = infos?.[0];
      if (infos === undefined || first === undefined) return source.info(name);
      const rows = infos.reduce((sum, info) => sum + (info?.shape[0] ?? 0), 0);
      return { ...first, shape: [rows, ...first.shape.slice(1)] };
    },
    readFloat32: (name) => {
      const names = joined.get(name);
      if (names === undefined) return source.readFloat32(name);
      return pipe(names, E.traverseArray(source.readFloat32), E.map(concatRows));
    },
    fillFloat32: undefined,
  };
}

function concatRows(arrays: readonly FloatTensor[]): FloatTensor {
  const shape = [
    arrays.reduce((sum, array) => sum + (array.shape[0] ?? 0), 0),
    ...(arrays[0]?.shape.slice(1) ?? []),
  ];
  const data = new Float32Array(elementCount(shape));
  let offset = 0;
  for (const array of arrays) {
    data.set(array.data, offset);
    offset += array.data.length;
  }
  return { shape, data };
}

/**
 * Counts numbered parts such as layers.
 *
 * @param prefix What stands before the number, `encoder.layer.`.
 * @returns The highest number + 1; 0 if there is none.
 */
export function countParts(source: WeightSource, prefix: string): number {
  return source.names
    .filter((name) => name.startsWith(prefix))
    .map((name) => Number.parseInt(name.slice(prefix.length), 10))
    .reduce((highest, number) => Math.max(highest, number + 1), 0);
}

/**
 * Asks for the shape of a tensor that a model can't do without.
 *
 * @param rank Number of axes it must have.
 * @returns The shape. Left `InputInvalid` if it is missing, `ShapeMismatch` if it has another number of axes.
 */
export function shapeOf(source: WeightSource, name: string, rank: number): Checked<readonly number[]> {
  const found = source.info(name)?.shape;
  if (found?.length === rank) return E.right(found);
  if (found !== undefined) {
    const what = `${source.path}: ${name}`;
    return E.left({ _tag: "ShapeMismatch", what, expected: `${rank} axes`, found });
  }
  return E.left({
    _tag: "InputInvalid",
    where: source.path,
    problem: `there is no tensor ${name}`,
    remedy: "check that these weights belong to this model",
  });
}

/**
 * Reads the weights of a model.
 *
 * @param source The weights under the names of the model.
 * @param schema The description of the model.
 * @param options.ignore Tensors that may be there without being used.
 * @returns Weights that the caller owns; nothing is kept if a tensor can't be read. Left `InputInvalid` with the tensors
 * that are missing, misshapen or unknown, or what the file answered.
 */
export function readWeights<S>(
  source: WeightSource,
  schema: S,
  options: { readonly ignore?: readonly RegExp[] } = {},
): Checked<TensorsOf<S>> {
  const expected = new Map(listParameters(schema).map(({ name, shape }) => [name, shape]));
  return pipe(checkWeights(source, expected, options), E.flatMap(() => readPart(source, schema)));
}

/**
 * Reads some weights of a model whose names and shapes were checked before.
 *
 * @param source The weights under the names of the model.
 * @param schema The description of the part.
 * @returns Weights that the caller owns; nothing is kept if a tensor can't be read.
 */
export function readPart<S>(source: WeightSource, schema: S): Checked<TensorsOf<S>> {
  const tensors = new Map<string, tf.Tensor>();
  for (const { name } of listParameters(schema)) {
    const array = source.readFloat32(name);
    if (E.isLeft(array)) {
      disposeTree(Object.fromEntries(tensors) as Tree);
      return array;
    }
    tensors.set(name, tf.tensor(array.right.data, [...array.right.shape], "float32"));
  }
  return E.right(mapParameters(schema, ({ name }) => tensors.get(name) as tf.Tensor));
}
