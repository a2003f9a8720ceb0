/**
 * CLIP's tokenizer: lower-cased byte-level BPE with end-of-word marks.
 *
 * @module
 */
import { Tokenizer as BpeTokenizer } from "@huggingface/tokenizers";
import * as E from "fp-ts/lib/Either.js";
import * as t from "io-ts";
import { attempt, type Checked } from "../core/stage.ts";
import { exactByteLevel } from "./byte_level.ts";
import { lowerCase, splitSpecialTokens } from "./special_tokens.ts";
import type { Tokenizer } from "./tokenizer.ts";
import type { TokenizerJson } from "./tokenizer_json.ts";

/** Tokens and merges. */
export interface ClipVocabulary {
  readonly vocab: Readonly<Record<string, number>>;
  /** The first is merged first. */
  readonly merges: readonly (readonly [string, string])[];
}

/** How long sequences may get. */
export interface ClipTokenizerOptions {
  /** Most ids of one text, start and end included; default 77. */
  readonly maxLength?: number;
}

const START = "<|startoftext|>";
const END = "<|endoftext|>";
const PIECES =
  "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";

/**
 * Reads a vocabulary from `vocab.json` and `merges.txt`.
 *
 * @param vocabText Token to id.
 * @param mergesText A line `#version…`, then one pair a line.
 * @param path For messages.
 * @returns The vocabulary. Left `InputInvalid` if a file is damaged or lacks the start and end tokens.
 */
export function parseClipVocabulary(
  vocabText: string,
  mergesText: string,
  path: string,
): Checked<ClipVocabulary> {
  return checked(path, () => {
    const vocab = t.record(t.string, t.number).decode(JSON.parse(vocabText));
    if (E.isLeft(vocab)) throw new Error("vocab.json does not map tokens to ids");
    const lines = mergesText.split(/\r?\n/).filter((line, index) =>
      line !== "" && !(index === 0 && line[0] === "#")
    );
    return { vocab: vocab.right, merges: lines.map(pairOf) };
  });
}

/**
 * Takes a vocabulary from a `tokenizer.json`.
 *
 * @param json The file's content.
 * @param path For messages.
 * @returns The vocabulary. Left `InputInvalid` if it lacks the start and end tokens.
 */
export function clipVocabularyOf(json: TokenizerJson, path: string): Checked<ClipVocabulary> {
  return checked(path, () => ({
    vocab: {
      ...json.model.vocab,
      ...Object.fromEntries(json.added_tokens.map(({ content, id }) => [content, id])),
    },
    merges: json.model.merges.map((merge) => typeof merge === "string" ? pairOf(merge) : merge),
  }));
}

const pairOf = (line: string): [string, string] => {
  const [left, right, ...rest] = line.split(" ");
  if (!left || !right || rest.length > 0) throw new Error(`the merge ${JSON.stringify(line)} is no pair`);
  return [left, right];
};

const checked = (path: string, body: () => ClipVocabulary): Checked<ClipVocabulary> =>
  attempt(
    (problem) => ({
      _tag: "InputInvalid",
      where: path,
      problem,
      remedy: "use the tokenizer files of the model",
    }),
    () => {
      const vocabulary = body();
      const missing = [START, END].filter((token) => vocabulary.vocab[token] === undefined);
      if (missing.length > 0) throw new Error(`the vocabulary lacks ${missing.join(", ")}`);
      return vocabulary;
    },
  );

/** The pieces of CLIP as a `tokenizer.json` without special tokens; those are found before the text is lower-cased. */
const describePieces = ({ vocab, merges }: ClipVocabulary): TokenizerJson => ({
  added_tokens: [],
  normalizer: {
    type: "Sequence",
    normalizers: [{ type: "NFC" }, { type: "Replace", pattern: { Regex: "\\s+" }, content: " " }],
  },
  pre_tokenizer: exactByteLevel({
    type: "Sequence",
    pretokenizers: [
      { type: "Split", pattern: { Regex: PIECES }, behavior: "Removed", invert: true },
      { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
    ],
  }),
  post_processor: null,
  decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
  model: {
    type: "BPE",
    dropout: null,
    unk_token: END,
    continuing_subword_prefix: "",
    end_of_word_suffix: "</w>",
    fuse_unk: false,
    byte_fallback: false,
    vocab,
    merges: merges.map(([left, right]): [string, string] => [left, right]),
  },
});

/**
 * Makes CLIP's tokenizer.
 *
 * `encode` gives start, body, end, cut so that the end token stays last; nothing is padded.
 *
 * @param vocabulary Tokens and merges.
 * @param options How long sequences may get.
 *
 * Source: Radford et al. 2021, as in the Hugging Face port: no repair of broken encodings, no HTML entities.
 */
export function clipTokenizer(vocabulary: ClipVocabulary, options: ClipTokenizerOptions = {}): Tokenizer {
  const maxLength = options.maxLength ?? 77;
  const bpe = new BpeTokenizer(describePieces(vocabulary), { clean_up_tokenization_spaces: false });
  const specials = new Map([START, END].map((token) => [token, vocabulary.vocab[token] as number] as const));
  const specialIds = new Set(specials.values());
  const [start, end] = [...specials.values()] as [number, number];
  const idsOf = (text: string): readonly number[] =>
    splitSpecialTokens(text, [...specials.keys()]).flatMap((section) =>
      section.isSpecial ? [specials.get(section.text) as number] : bpe.encode(normal(section.text)).ids
    );
  return {
    encode: (text) => [start, ...idsOf(text).slice(0, maxLength - 2), end],
    decode: (ids, { skipSpecial = false } = {}) => {
      const kept = ids.filter((id) =>
        bpe.id_to_token(id) !== undefined && !(skipSpecial && specialIds.has(id))
      );
      return kept.length === 0 ? "" : bpe.decode(kept).trim();
    },
    vocabularySize: Object.values(vocabulary.vocab).reduce((most, id) => Math.max(most, id), -1) + 1,
    idOf: (token) => vocabulary.vocab[token],
  };
}

const normal = (text: string): string => lowerCase(text.normalize("NFC"));
