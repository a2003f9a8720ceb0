/**
 * A dense prompt as the list of clauses that a judge checks one by one.
 *
 * @module
 */

/**
 * Cuts a prompt into clauses: token replaced by "the <class>", split on runs of `, . ! ? ; :`, trimmed, empties dropped.
 *
 * Hyphens, slashes and quotes stay, so "T-shirt" is one word of one clause.
 *
 * @param concept Its token and class noun.
 * @returns The clauses, in order.
 *
 * @example
 * ```ts
 * import { splitSegments } from "./segments.ts";
 * import assert from "node:assert/strict";
 * const found = splitSegments("A photo of <m> by the sea, at noon. Rocks lie near.", { token: "<m>", className: "dog" });
 * assert.deepEqual(found, ["A photo of the dog by the sea", "at noon", "Rocks lie near"]);
 * ```
 */
export function splitSegments(
  prompt: string,
  concept: { readonly token: string; readonly className: string },
): readonly string[] {
  return prompt
    .replaceAll(concept.token, `the ${concept.className}`)
    .split(/[,.!?;:]+/)
    .map((segment) => segment.trim())
    .filter((segment) => segment !== "");
}
