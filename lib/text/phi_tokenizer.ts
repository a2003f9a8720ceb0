/**
 * The tokenizer of Phi-1.5 with Show-o's markers and a user's concept tokens.
 *
 * @module
 */
import { Tokenizer as BpeTokenizer } from "@huggingface/tokenizers";
import { exactByteLevel } from "./byte_level.ts";
import { MARKERS, PAD_TOKEN } from "./markers.ts";
import type { DecodeOptions, Tokenizer } from "./tokenizer.ts";
import type { AddedToken, TokenizerJson } from "./tokenizer_json.ts";

/** Beginning and end of text. */
export const END_OF_TEXT = "<|endoftext|>";

/** What is configurable. */
export interface PhiTokenizerConfig {
  /** Whether decoding removes the space before punctuation, as the reference does; default true. */
  readonly cleanUpSpaces?: boolean;
}

/** A tokenizer to which tokens can be appended. */
export interface PhiTokenizer extends Tokenizer {
  /**
   * Appends tokens, `["<bo>", "<token_0>", …]`; each new one takes the next id, and image ids follow behind them.
   * Tokens that exist already keep their ids. The tokenizer itself stays as it is.
   */
  readonly withConceptTokens: (tokens: readonly string[]) => PhiTokenizer;
  /** The tokenizer as a `tokenizer.json`, markers and concept tokens included. */
  readonly json: TokenizerJson;
}

/**
 * Makes the tokenizer of the unified model: byte-level BPE, then `[PAD]`, then the nine markers.
 *
 * `vocabularySize` is the first image id (50305 with the published vocabulary). Added tokens are found in the raw text,
 * leftmost and longest first; the text on either side is split on its own, so a word right behind an added token has
 * no leading space unless one is written.
 *
 * @param json The base vocabulary: the published `tokenizer.json`, or one from `trainBpe`.
 * @param config What is configurable.
 *
 * Source: Show-o, `prompting_utils.py`: padding is added first, as a special token, the markers as ordinary ones.
 */
export function phiTokenizer(json: TokenizerJson, config: PhiTokenizerConfig = {}): PhiTokenizer {
  const padded = append(json, [PAD_TOKEN], true);
  return make(append(padded, MARKERS, false), config);
}

function append(json: TokenizerJson, tokens: readonly string[], special: boolean): TokenizerJson {
  const known = new Set([
    ...Object.keys(json.model.vocab),
    ...json.added_tokens.map(({ content }) => content),
  ]);
  const fresh = [...new Set(tokens)].filter((token) => !known.has(token));
  const first = sizeOf(json);
  const added = fresh.map((content, index): AddedToken => ({
    id: first + index,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: !special,
    special,
  }));
  return { ...json, added_tokens: [...json.added_tokens, ...added] };
}

const sizeOf = ({ model, added_tokens }: TokenizerJson): number =>
  [...Object.values(model.vocab), ...added_tokens.map(({ id }) => id)].reduce(
    (most, id) => Math.max(most, id),
    -1,
  ) + 1;

function make(json: TokenizerJson, config: PhiTokenizerConfig): PhiTokenizer {
  const splitting = json.pre_tokenizer === null ? null : exactByteLevel(json.pre_tokenizer);
  const bpe = new BpeTokenizer({ ...json, pre_tokenizer: splitting }, {
    clean_up_tokenization_spaces: config.cleanUpSpaces ?? true,
  });
  const vocabularySize = sizeOf(json);
  return {
    encode: (text) => bpe.encode(text, { add_special_tokens: false }).ids,
    decode: (ids, options: DecodeOptions = {}) => {
      const known = ids.filter((id) => bpe.id_to_token(id) !== undefined);
      return known.length === 0
        ? ""
        : bpe.decode(known, { skip_special_tokens: options.skipSpecial ?? false });
    },
    vocabularySize,
    idOf: (token) => bpe.token_to_id(token),
    json,
    withConceptTokens: (tokens) => make(append(json, tokens, false), config),
  };
}
