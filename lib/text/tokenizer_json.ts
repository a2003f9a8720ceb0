/**
 * The parts of a `tokenizer.json` that are read and written here.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import * as t from "io-ts";
import { attempt, type Checked } from "../core/stage.ts";

const AddedToken = t.intersection([
  t.type({ id: t.number, content: t.string }),
  t.partial({
    single_word: t.boolean,
    lstrip: t.boolean,
    rstrip: t.boolean,
    normalized: t.boolean,
    special: t.boolean,
  }),
]);

const TokenizerJsonCodec = t.intersection([
  t.type({
    added_tokens: t.array(AddedToken),
    model: t.intersection([
      t.type({
        type: t.literal("BPE"),
        vocab: t.record(t.string, t.number),
        merges: t.array(t.union([t.string, t.tuple([t.string, t.string])])),
      }),
      t.UnknownRecord,
    ]),
    normalizer: t.union([t.UnknownRecord, t.null]),
    pre_tokenizer: t.union([t.UnknownRecord, t.null]),
    post_processor: t.union([t.UnknownRecord, t.null]),
    decoder: t.union([t.UnknownRecord, t.null]),
  }),
  t.UnknownRecord,
]);

/** A token beside the model's own vocabulary, matched in the raw text. */
export type AddedToken = t.TypeOf<typeof AddedToken>;

/** A BPE tokenizer as Hugging Face stores it. */
export type TokenizerJson = t.TypeOf<typeof TokenizerJsonCodec>;

/**
 * Reads a `tokenizer.json`.
 *
 * @param path For messages.
 * @returns Its content. Left `InputInvalid` if it is damaged or no BPE tokenizer.
 */
export function parseTokenizerJson(text: string, path: string): Checked<TokenizerJson> {
  return attempt(
    (problem) => ({
      _tag: "InputInvalid",
      where: path,
      problem,
      remedy: "use the tokenizer.json of the model",
    }),
    () => {
      const decoded = TokenizerJsonCodec.decode({
        added_tokens: [],
        normalizer: null,
        pre_tokenizer: null,
        post_processor: null,
        decoder: null,
        ...JSON.parse(text),
      });
      if (E.isLeft(decoded)) throw new Error("it is no BPE tokenizer with vocab, merges and added_tokens");
      return decoded.right;
    },
  );
}

/**
 * Describes a byte-level BPE tokenizer in the form of GPT-2: no prefix space, no automatic special tokens.
 *
 * @param vocab The id of every token.
 * @param merges Pairs, the first merged first.
 * @param specialTokens Special tokens with their ids.
 * @returns The content of a `tokenizer.json`.
 */
export function byteLevelTokenizerJson(
  vocab: Readonly<Record<string, number>>,
  merges: readonly (readonly [string, string])[],
  specialTokens: Readonly<Record<string, number>>,
): TokenizerJson {
  const byteLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true };
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: Object.entries(specialTokens).map(([content, id]) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: byteLevel,
    decoder: byteLevel,
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: "",
      end_of_word_suffix: "",
      fuse_unk: false,
      byte_fallback: false,
      vocab: { ...vocab, ...specialTokens },
      merges: merges.map(([left, right]): [string, string] => [left, right]),
    },
  };
}
