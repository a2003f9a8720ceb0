/**
 * What a character itself looks like, one attribute at a time.
 *
 * @module
 */
import { garmentOf } from "./lexicon.ts";
import { isKind } from "./scene.ts";
import { constraintsOf } from "./scene_truth.ts";

/**
 * Takes the description of a character apart into clauses, each of which can be judged alone.
 *
 * @param description A concept's `info`: `<mip> is a spotted blue dog .`
 * @returns Kind, colour and pattern of a creature; kind, colour, hair and skin of a person; empty for a description that does not
 * say all of them, such as that of a photographed dog.
 *
 * @example
 * ```ts
 * import { identityClauses } from "./identity.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(identityClauses("<mip> is a spotted blue dog ."), ["a dog", "blue", "spotted"]);
 * assert.deepEqual(identityClauses("<bo> is a very old friend of mine."), []);
 * ```
 */
export function identityClauses(description: string): readonly string[] {
  const { kind, colour, pattern, hair, skin } = constraintsOf(description);
  if (kind === undefined || !isKind(kind) || colour === undefined) return [];
  const garment = garmentOf(kind);
  if (garment === null) return pattern === undefined ? [] : [`a ${kind}`, colour, pattern];
  return hair === undefined || skin === undefined
    ? []
    : [`a ${kind}`, `a ${colour} ${garment}`, `${hair} hair`, `${skin} skin`];
}
