/**
 * Show-o's special tokens in words.
 *
 * @module
 */

/** Padding, the one marker that decoding drops. */
export const PAD_TOKEN = "[PAD]";

/** Show-o's markers in the order of their ids. */
export const MARKERS = [
  "<|soi|>",
  "<|eoi|>",
  "<|sov|>",
  "<|eov|>",
  "<|t2i|>",
  "<|mmu|>",
  "<|t2v|>",
  "<|v2v|>",
  "<|lvg|>",
] as const;
