/**
 * The words that BERT's uncased tokenizers see.
 *
 * @module
 */
import { lowerCase } from "./special_tokens.ts";

/** U+0000, U+FFFD and everything of category C but tab and line ends. */
const DROPPED = /(?![\t\n\r])[\p{C}\uFFFD]/gu;
const SPACE = /[\t\n\r\p{Z}]/gu;
/** Ideographs; the block 2B820–2B91F is left out, as in the published tokenizers. */
const IDEOGRAPH =
  /[\u4E00-\u9FFF\u3400-\u4DBF\u{20000}-\u{2A6DF}\u{2A700}-\u{2B73F}\u{2B740}-\u{2B81F}\u{2B920}-\u{2CEAF}\uF900-\uFAFF\u{2F800}-\u{2FA1F}]/gu;
/** Words without punctuation, or one sign of punctuation; ASCII signs such as `$` and `+` count as punctuation. */
const WORD = /[^ \p{P}$+<=>^`|~]+|[\p{P}$+<=>^`|~]/gu;

/**
 * Cleans, lower-cases and splits a text.
 *
 * Control characters vanish, ideographs stand alone, accents are dropped, every sign of punctuation is a word.
 *
 * @param text Raw text without special tokens.
 *
 * @example
 * ```ts
 * import { bertWords } from "./bert_words.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(bertWords("Café, 你好!"), ["cafe", ",", "你", "好", "!"]);
 * ```
 */
export function bertWords(text: string): readonly string[] {
  const spaced = text.replace(DROPPED, "").replace(SPACE, " ").replace(IDEOGRAPH, " $& ");
  const bare = lowerCase(spaced.normalize("NFD").replace(/\p{Mn}/gu, ""));
  return bare.match(WORD) ?? [];
}
