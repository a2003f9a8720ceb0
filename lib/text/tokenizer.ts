/**
 * What every tokenizer here offers.
 *
 * @module
 */

/** How ids become text. */
export interface DecodeOptions {
  /** Whether special tokens (padding, end of text) are left out; other added tokens always stay. */
  readonly skipSpecial?: boolean;
}

/** Text to token ids and back. */
export interface Tokenizer {
  /** Token ids of a text; special tokens written out in the text count as such. */
  readonly encode: (text: string) => number[];
  /** Text of token ids; ids outside the vocabulary are left out. */
  readonly decode: (ids: readonly number[], options?: DecodeOptions) => string;
  /** One more than the largest id. */
  readonly vocabularySize: number;
  /** The id of a token; `undefined` if there is no such token. */
  readonly idOf: (token: string) => number | undefined;
}
