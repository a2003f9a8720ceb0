/**
 * Trees: tensors in nested records and arrays, so that weights and batches are plain typed data.
 *
 * Declare the types of trees with `type`, not `interface`: only a type alias is assignable to {@link Tree}. An
 * `interface` field such as `Affine` of ops.ts has to become a type as well.
 *
 * @module
 */
import type { tf } from "./tf.ts";

/** A tensor, or an array or record of trees. `undefined` fields are left out. */
export type Tree = tf.Tensor | readonly Tree[] | { readonly [name: string]: Tree | undefined };

/** A tree without its tensors. */
export type Structure = "*" | readonly Structure[] | { readonly [name: string]: Structure };

const isTensor = (value: unknown): value is tf.Tensor =>
  typeof value === "object" && value !== null && "dataId" in value && "rank" in value;

/**
 * Lists the tensors of a tree: arrays in order, records in the order of their sorted names.
 *
 * @returns Its tensors and the shape of the tree around them.
 */
export function flatten(tree: Tree): { readonly leaves: tf.Tensor[]; readonly structure: Structure } {
  const leaves: tf.Tensor[] = [];
  const visit = (node: Tree): Structure => {
    if (isTensor(node)) {
      leaves.push(node);
      return "*";
    }
    if (Array.isArray(node)) return node.map(visit);
    const record = node as { readonly [name: string]: Tree | undefined };
    const names = Object.keys(record).filter((name) => record[name] !== undefined).sort();
    return Object.fromEntries(names.map((name) => [name, visit(record[name] as Tree)]));
  };
  const structure = visit(tree);
  return { leaves, structure };
}

/**
 * Puts tensors back into a structure: the inverse of {@link flatten}.
 *
 * @param structure What `flatten` returned.
 * @param leaves As many tensors as the structure has places.
 */
export function unflatten(structure: Structure, leaves: readonly tf.Tensor[]): Tree {
  let next = 0;
  const visit = (node: Structure): Tree => {
    if (node === "*") return leaves[next++] as tf.Tensor;
    if (Array.isArray(node)) return node.map(visit);
    return Object.fromEntries(Object.entries(node).map(([name, child]) => [name, visit(child)]));
  };
  return visit(structure);
}

/**
 * Lists the tensors of a tree with their paths, `layers.0.norm.weight`.
 *
 * @returns Pairs in the order of {@link flatten}.
 */
export function namedLeaves(tree: Tree): readonly (readonly [string, tf.Tensor])[] {
  const visit = (node: Tree, path: readonly string[]): (readonly [string, tf.Tensor])[] => {
    if (isTensor(node)) return [[path.join("."), node]];
    if (Array.isArray(node)) return node.flatMap((child, index) => visit(child, [...path, String(index)]));
    const record = node as { readonly [name: string]: Tree | undefined };
    return Object.keys(record).sort().flatMap((name) => {
      const child = record[name];
      return child === undefined ? [] : visit(child, [...path, name]);
    });
  };
  return visit(tree, []);
}

/**
 * Applies a function to each tensor.
 *
 * @param change Returns the new tensor.
 * @returns A tree of the same structure.
 */
export function mapTree<T extends Tree>(tree: T, change: (leaf: tf.Tensor, index: number) => tf.Tensor): T {
  const { leaves, structure } = flatten(tree);
  return unflatten(structure, leaves.map(change)) as T;
}

/**
 * Copies a tree.
 *
 * @returns The same structure with tensors that the caller owns.
 */
export function copyTree<T extends Tree>(tree: T): T {
  return mapTree(tree, (leaf) => leaf.clone());
}

/**
 * Frees every tensor of a tree. Only owners call this.
 *
 * @param tree The tree; tensors already freed are skipped.
 */
export function disposeTree(tree: Tree): void {
  for (const leaf of flatten(tree).leaves) if (!leaf.isDisposed) leaf.dispose();
}
