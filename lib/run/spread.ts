/**
 * A few of many.
 *
 * @module
 */

/**
 * Picks items evenly, the first and the last among them.
 *
 * @param items In order.
 * @param count How many at most, ≥ 2.
 * @returns All of few, `count` of many.
 */
export function spread<A>(items: readonly A[], count: number): readonly A[] {
  if (items.length <= count) return items;
  return Array.from(
    { length: count },
    (_, index) => items[Math.round(index * (items.length - 1) / (count - 1))] as A,
  );
}
