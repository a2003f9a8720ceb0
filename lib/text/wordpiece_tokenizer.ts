/**
 * WordPiece, the tokenizer of ERNIE and of BLIP-2's Q-Former.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import type { Checked } from "../core/stage.ts";
import { bertWords } from "./bert_words.ts";
import { splitSpecialTokens } from "./special_tokens.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** Token to id. */
export type Vocabulary = ReadonlyMap<string, number>;

/** How long sequences may get. */
export interface WordPieceOptions {
  /** Most ids of one text, `[CLS]` and `[SEP]` included; default 512. */
  readonly maxLength?: number;
}

const SPECIAL_TOKENS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] as const;
const REQUIRED_TOKENS = ["[UNK]", "[CLS]", "[SEP]"] as const;
const LONGEST_WORD = 100;

/**
 * Reads a `vocab.txt`: one token a line, the id is the number of the line from zero.
 *
 * @param text The file. Only line feeds (with or without a carriage return) end a line; of equal lines the last counts.
 * @param path For messages.
 * @returns The vocabulary. Left `InputInvalid` without `[UNK]`, `[CLS]` and `[SEP]`.
 */
export function parseVocabulary(text: string, path: string): Checked<Vocabulary> {
  const lines = text.split(/\r?\n/);
  const vocabulary = new Map(
    lines.map((token, id) => [token, id] as const).filter(([token]) => token !== ""),
  );
  const missing = REQUIRED_TOKENS.filter((token) => !vocabulary.has(token));
  if (missing.length === 0) return E.right(vocabulary);
  const problem = `the vocabulary lacks ${missing.join(", ")}`;
  return E.left({ _tag: "InputInvalid", where: path, problem, remedy: "use the vocab.txt of the model" });
}

/**
 * Makes a WordPiece tokenizer for lower-cased text.
 *
 * `encode` gives `[CLS] … [SEP]`, cut so that `[SEP]` stays last. Each word is covered by the longest pieces from the
 * left; a word that cannot be covered, or has more than 100 code points, becomes one `[UNK]`.
 *
 * @param vocabulary What {@link parseVocabulary} returned.
 * @param options How long sequences may get.
 *
 * Source: Devlin et al. 2019, as in the published uncased tokenizers.
 */
export function wordPieceTokenizer(vocabulary: Vocabulary, options: WordPieceOptions = {}): Tokenizer {
  const maxLength = options.maxLength ?? 512;
  const tokens: string[] = [];
  for (const [token, id] of vocabulary) tokens[id] = token;
  const idOf = (token: string): number | undefined => vocabulary.get(token);
  const [unknown, start, end] = REQUIRED_TOKENS.map((token) => idOf(token) as number) as [
    number,
    number,
    number,
  ];
  const specials = SPECIAL_TOKENS.filter((token) => vocabulary.has(token));
  const idsOf = (text: string): readonly number[] =>
    splitSpecialTokens(text, specials).flatMap((section) =>
      section.isSpecial
        ? [idOf(section.text) as number]
        : bertWords(section.text).flatMap((word) => wordPieces(word, vocabulary) ?? [unknown])
    );
  return {
    encode: (text) => [start, ...idsOf(text).slice(0, maxLength - 2), end],
    decode: (ids, { skipSpecial = false } = {}) => {
      const known = ids.map((id) => tokens[id]).filter((token) => token !== undefined);
      const kept = known.filter((token) => !(skipSpecial && (specials as readonly string[]).includes(token)));
      return kept.join(" ").replaceAll(" ##", "");
    },
    vocabularySize: tokens.length,
    idOf,
  };
}

/**
 * Covers a word with the longest pieces from the left.
 *
 * @param word A word; every piece after the first is looked up with `##` in front.
 * @returns Their ids; `null` if the word cannot be covered or is too long.
 */
export function wordPieces(word: string, vocabulary: Vocabulary): readonly number[] | null {
  const characters = Array.from(word);
  if (characters.length > LONGEST_WORD) return null;
  const ids: number[] = [];
  for (let start = 0; start < characters.length;) {
    let end = characters.length;
    let id: number | undefined;
    for (; end > start && id === undefined; end--) {
      id = vocabulary.get((start > 0 ? "##" : "") + characters.slice(start, end).join(""));
    }
    if (id === undefined) return null;
    ids.push(id);
    start = end + 1;
  }
  return ids;
}
