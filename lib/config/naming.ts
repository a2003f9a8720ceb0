/**
 * The one place where YAML's snake_case meets TypeScript's camelCase, and the search for the name that was meant.
 *
 * @module
 */

/**
 * Turns a TypeScript name into its YAML key.
 *
 * @param name camelCase; digits stay with the word before them.
 * @returns snake_case.
 *
 * @example
 * ```ts
 * import { camelCase, snakeCase } from "./naming.ts";
 * import assert from "node:assert/strict";
 * assert.equal(snakeCase("learningRate"), "learning_rate");
 * assert.equal(camelCase("learning_rate"), "learningRate");
 * ```
 */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/**
 * Turns a YAML key into its TypeScript name: the inverse of {@link snakeCase} for keys without double underscores.
 *
 * @param key snake_case.
 * @returns camelCase.
 */
export function camelCase(key: string): string {
  return key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/**
 * Turns a TypeScript option name into its command-line flag.
 *
 * @param name camelCase.
 * @returns kebab-case without dashes in front.
 */
export function flagName(name: string): string {
  return snakeCase(name).replaceAll("_", "-");
}

/** Edit distance with insertion, deletion, substitution and transposition of neighbours, each costing 1. */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (rows[i - 1]?.[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let best = Math.min((rows[i - 1]?.[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, substitution);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) best = Math.min(best, (rows[i - 2]?.[j - 2] ?? 0) + 1);
      row.push(best);
    }
    rows.push(row);
  }
  return rows[a.length]?.[b.length] ?? 0;
}

/**
 * Finds the known name that a misspelt one most likely meant.
 *
 * @param name What was written.
 * @param known The names that exist.
 * @returns The nearest within a third of its length (at least 2 edits allowed), or `undefined`.
 */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const written = snakeCase(name).replaceAll("-", "_");
  const ranked = known
    .map((candidate) => ({ candidate, distance: editDistance(written, candidate) }))
    .filter(({ candidate, distance }) => distance <= Math.max(2, Math.floor(candidate.length / 3)))
    .sort((a, b) => a.distance - b.distance);
  return ranked[0]?.candidate;
}
