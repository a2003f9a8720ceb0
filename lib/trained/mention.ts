/**
 * What a person writes to the model of a run: the concept by its token.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { HasLog } from "../core/capability.ts";
import type { Checked, Stage } from "../core/stage.ts";

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

/** Words before a noun: where one stands before the name, the thing may be meant and not the concept. */
const BEFORE_NOUN = String.raw`(?<=\b(?:an?|the|some|any|no|each|every|this|that|my|your|two|three)\s+)`;
const NO_LETTER_BEFORE = String.raw`(?<![\p{L}\p{N}_])`;
const NO_LETTER_AFTER = String.raw`(?![\p{L}\p{N}_])`;

/** A text, and what to tell the person who wrote it. */
export interface Addressed {
  readonly text: string;
  readonly note: string | null;
}

/**
 * Takes the concept's plain name for its token, as in "a photo of mip", where nothing else can be meant.
 *
 * @param text From {@link withMentions}.
 * @param token The concept token of the run, `<mip>`.
 * @returns The text, with a note if a name was taken for the token, might have been meant, or does not occur.
 *
 * @example
 * ```ts
 * import { addressed } from "./mention.ts";
 * import assert from "node:assert/strict";
 * assert.equal(addressed("a photo of mip", "<mip>").text, "a photo of <mip>");
 * assert.match(addressed("a photo of a dog", "<mip>").note ?? "", /does not name <mip>/);
 * ```
 */
export function addressed(text: string, token: string): Addressed {
  if (text.includes(token)) return { text, note: null };
  const name = RegExp.escape(token.slice(1, -1));
  const word = `${NO_LETTER_BEFORE}<?${name}>?${NO_LETTER_AFTER}`;
  if (!new RegExp(word, "iu").test(text)) {
    return { text, note: `the text does not name ${token}; write ${token} where the concept is meant` };
  }
  if (new RegExp(`${BEFORE_NOUN}${word}`, "iu").test(text)) {
    return {
      text,
      note: `write ${token} if ${token.slice(1, -1)} means the concept; as it stands it is a plain word`,
    };
  }
  return {
    text: text.replace(new RegExp(word, "giu"), () => token),
    note: `${token.slice(1, -1)} is taken for ${token}; write ${token} to be sure`,
  };
}

/**
 * Reads what a person wrote about the run's concept, and says how the concept is written where that is not clear.
 *
 * @returns The text with the token; Left as {@link withMentions}.
 */
export function readMentions(text: string, token: string): Stage<HasLog, string> {
  return pipe(
    RTE.fromEither(withMentions(text, token)),
    RTE.flatMapReader((named) => ({ log }: HasLog): string => {
      const { text: meant, note } = addressed(named, token);
      if (note !== null) log.warn(note);
      return meant;
    }),
  );
}
