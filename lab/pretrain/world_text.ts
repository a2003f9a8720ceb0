/**
 * The tokenizer of the small models.
 *
 * @module
 */
import { trainBpe } from "../../lib/text/bpe_trainer.ts";
import { END_OF_TEXT, type PhiTokenizer, phiTokenizer } from "../../lib/text/phi_tokenizer.ts";
import { vocabularyWords } from "../../lib/world/lexicon.ts";

/** Words around the world's language: dialogue roles and the instruction before a prompt. */
const FRAME_WORDS = ["USER:", "ASSISTANT:", "prompt", ":", "photo", "name", "info"];

/**
 * Trains the tokenizer: every word of the world is one token, anything else falls back to bytes.
 *
 * @returns The tokenizer with Show-o's markers.
 */
export function worldTokenizer(): PhiTokenizer {
  const words = [...vocabularyWords(), ...FRAME_WORDS];
  const corpus = words.flatMap((word) => [` ${word}`, word]);
  return phiTokenizer(trainBpe(corpus, { merges: 2000, specialTokens: [END_OF_TEXT] }), {
    cleanUpSpaces: false,
  });
}
