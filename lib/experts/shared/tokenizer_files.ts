/**
 * The tokenizers of published folders, from whichever files they hold.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as t from "io-ts";
import type { HasFiles } from "../../core/capability.ts";
import type { Stage } from "../../core/stage.ts";
import { clipTokenizer, clipVocabularyOf, parseClipVocabulary } from "../../text/clip_tokenizer.ts";
import type { Tokenizer } from "../../text/tokenizer.ts";
import { parseTokenizerJson } from "../../text/tokenizer_json.ts";
import { parseVocabulary, wordPieceTokenizer } from "../../text/wordpiece_tokenizer.ts";
import { type ModelFolder, readSettings, readTextOf } from "./model_folder.ts";

const WordPieceJson = t.type({ model: t.type({ vocab: t.record(t.string, t.number) }) });

const has = (model: ModelFolder, file: string): Stage<HasFiles, boolean> =>
  pipe(
    RTE.asks(({ files }: HasFiles) => files),
    RTE.flatMapTaskEither((files) => files.exists(`${model.path}/${file}`)),
  );

/**
 * Reads a WordPiece tokenizer from `vocab.txt`, or from `tokenizer.json` where there is none.
 *
 * @param options.maxLength Most ids of a text, `[CLS]` and `[SEP]` included.
 * @returns The tokenizer. Left `FileMissing` for `vocab.txt` if there is neither.
 */
export function readWordPiece(
  model: ModelFolder,
  options: { readonly maxLength: number },
): Stage<HasFiles, Tokenizer> {
  return pipe(
    RTE.Do,
    RTE.bindW("hasText", () => has(model, "vocab.txt")),
    RTE.bindW("hasJson", () => has(model, "tokenizer.json")),
    RTE.flatMap(({ hasText, hasJson }) =>
      hasJson && !hasText
        ? pipe(
          readSettings(model, "tokenizer.json", WordPieceJson),
          RTE.map((json) => new Map(Object.entries(json.model.vocab))),
        )
        : pipe(
          readTextOf(model, "vocab.txt"),
          RTE.flatMapEither((text) => parseVocabulary(text, `${model.path}/vocab.txt`)),
        )
    ),
    RTE.map((vocabulary) => wordPieceTokenizer(vocabulary, options)),
  );
}

/**
 * Reads CLIP's tokenizer from `vocab.json` and `merges.txt`, or from `tokenizer.json` where there is no `merges.txt`.
 *
 * @param options.maxLength Most ids of a text, start and end included.
 * @returns The tokenizer. Left `FileMissing` for `merges.txt` if there is neither.
 */
export function readClipTokenizer(
  model: ModelFolder,
  options: { readonly maxLength: number },
): Stage<HasFiles, Tokenizer> {
  return pipe(
    RTE.Do,
    RTE.bindW("hasMerges", () => has(model, "merges.txt")),
    RTE.bindW("hasJson", () => has(model, "tokenizer.json")),
    RTE.flatMap(({ hasMerges, hasJson }) => {
      const path = `${model.path}/tokenizer.json`;
      return hasJson && !hasMerges
        ? pipe(
          readTextOf(model, "tokenizer.json"),
          RTE.flatMapEither((text) => parseTokenizerJson(text, path)),
          RTE.flatMapEither((json) => clipVocabularyOf(json, path)),
        )
        : pipe(
          RTE.Do,
          RTE.bindW("merges", () => readTextOf(model, "merges.txt")),
          RTE.bindW("vocab", () => readTextOf(model, "vocab.json")),
          RTE.flatMapEither(({ merges, vocab }) => parseClipVocabulary(vocab, merges, model.path)),
        );
    }),
    RTE.map((vocabulary) => clipTokenizer(vocabulary, options)),
  );
}
