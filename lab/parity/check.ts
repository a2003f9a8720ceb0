/**
 * One comparison with a reference, and a table of many.
 *
 * @module
 */

/** What was compared, how far it is off and how far it may be. */
export interface Check {
  /** The case of the fixture, `ernie text00`. */
  readonly name: string;
  /** What was compared, `pooler`. */
  readonly quantity: string;
  /** Largest absolute difference; for exact quantities the number of values that differ. */
  readonly difference: number;
  readonly tolerance: number;
}

/** What a comparison is called and how far it may be off. */
export type CheckOptions = Omit<Check, "difference">;

/**
 * Compares numbers.
 *
 * @param found What this code computed.
 * @param expected What the reference computed.
 * @param options Name and tolerance.
 * @returns The comparison; the difference is infinite if the lengths differ or a number is not finite.
 *
 * @example
 * ```ts
 * import { compare, passed } from "./check.ts";
 * import assert from "node:assert/strict";
 * const check = compare([1, 2], [1, 2.5], { name: "sum", quantity: "value", tolerance: 0.1 });
 * assert.equal(check.difference, 0.5);
 * assert.equal(passed(check), false);
 * ```
 */
export function compare(
  found: ArrayLike<number>,
  expected: ArrayLike<number>,
  options: CheckOptions,
): Check {
  let difference = found.length === expected.length ? 0 : Infinity;
  for (let index = 0; index < Math.min(found.length, expected.length); index++) {
    const off = Math.abs((found[index] as number) - (expected[index] as number));
    difference = Math.max(difference, Number.isFinite(off) ? off : Infinity);
  }
  return { ...options, difference };
}

/**
 * Compares values that must be the same: ids, counts, texts.
 *
 * @param found What this code computed.
 * @param expected What the reference computed.
 * @param options Name.
 * @returns The comparison; the difference counts the entries that differ.
 */
export function compareExactly(
  found: ArrayLike<unknown>,
  expected: ArrayLike<unknown>,
  options: Omit<CheckOptions, "tolerance">,
): Check {
  let difference = Math.abs(found.length - expected.length);
  for (let index = 0; index < Math.min(found.length, expected.length); index++) {
    if (!Object.is(found[index], expected[index])) difference++;
  }
  return { ...options, difference, tolerance: 0 };
}

/**
 * Says whether a comparison is within its tolerance.
 *
 * @returns Yes or no.
 */
export function passed(check: Check): boolean {
  return check.difference <= check.tolerance;
}

const short = (value: number): string => value === 0 ? "0" : value.toExponential(1);

/**
 * Writes comparisons as a table, and a last line that counts.
 *
 * @param checks The comparisons to list.
 * @param total How many there were, if not all are listed.
 * @returns Lines: case, quantity, largest difference, tolerance, verdict.
 */
export function parityTable(checks: readonly Check[], total: number = checks.length): readonly string[] {
  const rows = [
    ["case", "quantity", "difference", "tolerance", "verdict"],
    ...checks.map((check) => [
      check.name,
      check.quantity,
      short(check.difference),
      short(check.tolerance),
      passed(check) ? "ok" : "FAILED",
    ]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  const lines = rows.map((row) =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd()
  );
  const failed = checks.filter((check) => !passed(check)).length;
  const verdict = failed === 0 ? "all within tolerance" : `${failed} outside tolerance`;
  return [...checks.length === 0 ? [] : lines, `${total} comparisons, ${verdict}`];
}
