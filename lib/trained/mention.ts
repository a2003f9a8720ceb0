/**
 * What a person writes to the model of a run: the concept by its token.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import type { Checked } from "../core/stage.ts";

const TOKEN = /<[A-Za-z][A-Za-z0-9_]*>/g;

/**
 * Checks that a text names no other concept than the run's; `<sks>` stands for it, too.
 *
 * @param text A prompt or a question.
 * @param token The concept token of the run, `<mip>`.
 * @returns The text with the token; Left `InputInvalid` if it is empty or names a concept that the run doesn't know.
 *
 * @example
 * ```ts
 * import { withMentions } from "./mention.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(withMentions("a photo of <sks> .", "<mip>"), { _tag: "Right", right: "a photo of <mip> ." });
 * assert.equal(withMentions("a photo of <mop> .", "<mip>")._tag, "Left");
 * ```
 */
export function withMentions(text: string, token: string): Checked<string> {
  const refuse = (problem: string, remedy: string): Checked<never> =>
    E.left({ _tag: "InputInvalid", where: JSON.stringify(text), problem, remedy });
  if (text.trim() === "") return refuse("is empty", "write what you want to know or see");
  const named = text.replaceAll("<sks>", token);
  const other = (named.match(TOKEN) ?? []).find((found) => found !== token);
  return other === undefined
    ? E.right(named)
    : refuse(`names ${other}, but the run knows ${token}`, `write ${token}, or name another run`);
}
