/**
 * Published parameter names as trees: `encoder.down.0.block.1.norm1.weight` is a path of records and arrays.
 *
 * @module
 */
import { fold, type Key, normals } from "../core/key.ts";
import { tf } from "./tf.ts";
import type { Tree } from "./tree.ts";

type Node = tf.Tensor | Map<string, Node>;

/**
 * Builds a tree from tensors by name; digits become array indices. `namedLeaves` is the inverse.
 *
 * An index without tensors, such as a state that is empty, becomes an empty record.
 *
 * @param tensors Name and tensor.
 * @returns The tree, sharing the tensors.
 */
export function nest(tensors: Iterable<readonly [string, tf.Tensor]>): Tree {
  const root: Map<string, Node> = new Map();
  for (const [name, tensor] of tensors) {
    const path = name.split(".");
    let here = root;
    for (const part of path.slice(0, -1)) {
      const next = here.get(part) ?? new Map<string, Node>();
      here.set(part, next);
      here = next as Map<string, Node>;
    }
    here.set(path[path.length - 1] as string, tensor);
  }
  return close(root);
}

const NOTHING: Node = new Map();

function close(node: Node): Tree {
  if (!(node instanceof Map)) return node;
  const names = [...node.keys()];
  if (names.length > 0 && names.every((name) => /^\d+$/.test(name))) {
    const length = Math.max(...names.map(Number)) + 1;
    return Array.from({ length }, (_, index) => close(node.get(String(index)) ?? NOTHING));
  }
  return Object.fromEntries(names.map((name) => [name, close(node.get(name) as Node)]));
}

/** How one parameter starts. */
export interface Initial {
  readonly shape: readonly number[];
  /** A constant, or the standard deviation of a normal distribution. */
  readonly fill: { readonly constant: number } | { readonly normal: number };
}

/**
 * Draws starting values for parameters by name, independent of their order.
 *
 * @param key The random key.
 * @param parameters Name and distribution.
 * @returns A tree of fresh tensors.
 */
export function initialise(key: Key, parameters: ReadonlyMap<string, Initial>): Tree {
  return nest([...parameters].map(([name, { shape, fill }]) => {
    const size = shape.reduce((product, side) => product * side, 1);
    if ("constant" in fill) return [name, tf.fill([...shape], fill.constant)] as const;
    const values = normals(fold(key, name), size).map((x) => x * fill.normal);
    return [name, tf.tensor(values, [...shape])] as const;
  }));
}
