import * as E from "fp-ts/lib/Either.js";
import type { Policy } from "../../lib/showo/model.ts";
import { showoWeightsFrom } from "../../lib/showo/weights.ts";
import type { NamedArray } from "../../lib/tensor/containers/dtype.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { namedLeaves, type Tree } from "../../lib/tensor/tree.ts";
import type { WeightSource } from "../../lib/tensor/weight_source.ts";
import { readArrays } from "../support/fixture.ts";
import { config } from "./fixture_model.ts";

/** Open weights from arrays in memory. */
export function sourceFrom(tensors: ReadonlyMap<string, NamedArray>): WeightSource {
  return {
    path: "model.safetensors",
    names: [...tensors.keys()],
    info: (name) => tensors.get(name),
    readFloat32: (name) => {
      const { shape, data } = tensors.get(name) as NamedArray;
      return E.right({ shape, data: data as Float32Array });
    },
    readRaw: () => E.left({ _tag: "InputInvalid", where: "test", problem: "raw", remedy: "none" }),
    close: () => {},
  };
}

/** The arrays of the tiny reference model under their published names. */
export const stored = readArrays("showo/model.safetensors");

/** Loads the tiny reference model on the active backend. */
export function loadPolicy(): Policy {
  const weights = showoWeightsFrom(sourceFrom(stored), config);
  if (E.isLeft(weights)) throw new Error(JSON.stringify(weights.left));
  return { base: weights.right };
}

/** All numbers of a tensor. */
export function numbers(tensor: tf.Tensor): number[] {
  return [...tensor.dataSync()];
}

/** Every tensor of a tree as numbers, by path. */
export function snapshot(tree: Tree): Record<string, number[]> {
  return Object.fromEntries(namedLeaves(tree).map(([name, leaf]) => [name, numbers(leaf)]));
}

/** Counts tensors that a call leaves behind, after a burn-in call. */
export function leaked(run: () => void): number {
  run();
  const before = tf.memory().numTensors;
  run();
  return tf.memory().numTensors - before;
}
