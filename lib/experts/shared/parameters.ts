/**
 * One description per model from which its weights are read, started at random, and exported.
 *
 * A model's weights have a shape as a type, `Dinov2Of<P>`: with `P = Parameter` it says which published tensor goes
 * where, with `P = tf.Tensor` it holds the weights. Everything here turns the first into the second or back.
 *
 * @module
 */
import { fold, type Key, normals } from "../../core/key.ts";
import { elementCount } from "../../tensor/containers/dtype.ts";
import type { Initial } from "../../tensor/nest.ts";
import { tf } from "../../tensor/tf.ts";
import { flatten, type Tree } from "../../tensor/tree.ts";

/** A place for one tensor. */
export interface Parameter extends Initial {
  /** Published name, `encoder.layer.0.norm1.weight`. */
  readonly name: string;
}

/** 32-bit floats with a shape, row-major; can be written to a safetensors file as it is. */
export interface FloatArray {
  readonly dtype: "F32";
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Tensors by published name, as plain data. */
export type FloatArrays = ReadonlyMap<string, FloatArray>;

/** The same structure with a tensor in the place of each {@link Parameter}. */
export type TensorsOf<S> = S extends Parameter ? tf.Tensor : { [K in keyof S]: TensorsOf<S[K]> };

/** Weights of a linear or convolution layer; also scale and shift of a norm. */
export type AffineOf<P> = { readonly weight: P; readonly bias?: P };

/**
 * Describes one tensor.
 *
 * @param name Published name.
 * @param fill Its random start; normal numbers of deviation 0.02 by default.
 */
export function parameter(
  name: string,
  shape: readonly number[],
  fill: Initial["fill"] = { normal: 0.02 },
): Parameter {
  return { name, shape, fill };
}

/**
 * Describes a linear or convolution layer whose start keeps the variance of its input.
 *
 * @param prefix Published name without `.weight`.
 * @param shape `[out, in]` or `[out, in, height, width]`.
 * @param options.bias Whether there is one; default yes.
 * @param options.gain Variance of the output relative to the input; default 1, 2 before a ReLU.
 * @returns Weight and bias `[out]`.
 */
export function layerParameters(
  prefix: string,
  shape: readonly number[],
  options: { readonly bias?: boolean; readonly gain?: number } = {},
): AffineOf<Parameter> {
  const [out = 0, ...inputs] = shape;
  const normal = Math.sqrt((options.gain ?? 1) / elementCount(inputs));
  const weight = parameter(`${prefix}.weight`, shape, { normal });
  return options.bias === false
    ? { weight }
    : { weight, bias: parameter(`${prefix}.bias`, [out], { constant: 0 }) };
}

/**
 * Describes a layer norm that starts as the identity.
 *
 * @param prefix Published name without `.weight`.
 * @returns γ and β.
 */
export function normParameters(prefix: string, width: number): AffineOf<Parameter> {
  return {
    weight: parameter(`${prefix}.weight`, [width], { constant: 1 }),
    bias: parameter(`${prefix}.bias`, [width], { constant: 0 }),
  };
}

const isParameter = (node: unknown): node is Parameter =>
  typeof node === "object" && node !== null && "fill" in node && "shape" in node && "name" in node;

/**
 * Replaces each parameter by a tensor.
 *
 * @param schema The description of a model.
 * @param make Returns the tensor of one parameter.
 */
export function mapParameters<S>(schema: S, make: (parameter: Parameter) => tf.Tensor): TensorsOf<S> {
  const visit = (node: unknown): unknown => {
    if (isParameter(node)) return make(node);
    if (Array.isArray(node)) return node.map(visit);
    const entries = Object.entries(node as Record<string, unknown>).filter(([, child]) =>
      child !== undefined
    );
    return Object.fromEntries(entries.map(([name, child]) => [name, visit(child)]));
  };
  return visit(schema) as TensorsOf<S>;
}

/**
 * Lists the parameters in the order in which `flatten` lists the tensors of the weights.
 *
 * @param schema The description of a model.
 */
export function listParameters(schema: unknown): readonly Parameter[] {
  if (isParameter(schema)) return [schema];
  if (Array.isArray(schema)) return schema.flatMap(listParameters);
  const record = schema as Readonly<Record<string, unknown>>;
  return Object.keys(record).sort().flatMap((name) =>
    record[name] === undefined ? [] : listParameters(record[name])
  );
}

/**
 * Starts a model at random: the same key gives the same numbers on every backend.
 *
 * @param key The key; each tensor draws from a child named after it.
 * @param schema The description of a model.
 * @returns The numbers by published name.
 */
export function initialArrays(key: Key, schema: unknown): FloatArrays {
  return new Map(
    listParameters(schema).map(({ name, shape, fill }) => {
      const size = elementCount(shape);
      const data = "constant" in fill
        ? new Float32Array(size).fill(fill.constant)
        : normals(fold(key, name), size).map((draw) => draw * fill.normal);
      return [name, { dtype: "F32", shape, data }] as const;
    }),
  );
}

/**
 * Turns named numbers into the weights of a model.
 *
 * @param schema The description of a model.
 * @param arrays The numbers; must be complete, extra names are ignored.
 * @returns Weights that the caller owns.
 */
export function weightsFrom<S>(schema: S, arrays: FloatArrays): TensorsOf<S> {
  return mapParameters(schema, ({ name, shape }) => {
    const array = arrays.get(name);
    if (array === undefined) throw new Error(`tensor ${name} is missing`);
    return tf.tensor(array.data, [...shape], "float32");
  });
}

/**
 * Reads the weights of a model back into plain data under their published names.
 *
 * @param schema The description of the model.
 * @param weights Its weights, of the same structure.
 * @returns The numbers by published name.
 */
export function exportArrays(schema: unknown, weights: Tree): FloatArrays {
  const { leaves } = flatten(weights);
  return new Map(
    listParameters(schema).map(({ name }, index) => {
      const leaf = leaves[index] as tf.Tensor;
      return [name, { dtype: "F32", shape: leaf.shape, data: Float32Array.from(leaf.dataSync()) }] as const;
    }),
  );
}
