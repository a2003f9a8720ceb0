/**
 * What a model reads of a prompt, from its sizes and tokenizer alone: no weights, no backend.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import type { HasFiles, HasLog } from "../core/capability.ts";
import { attempt, type Stage } from "../core/stage.ts";
import { parseShowoConfig, type ShowoConfig } from "../showo/config.ts";
import { fitPrompt } from "../showo/prompt.ts";
import { withConceptRows } from "../showo/vocabulary.ts";
import { conceptTokens, expandMentions, type Mentions, type NameBlock } from "../text/name_block.ts";
import { type PhiTokenizer, phiTokenizer } from "../text/phi_tokenizer.ts";
import { parseTokenizerJson } from "../text/tokenizer_json.ts";
import type { Profile } from "./profile.ts";

/** How prompts name the concept. */
export interface Naming extends NameBlock {
  /** The concept token, `<mip>`. */
  readonly token: string;
  readonly mentions: Mentions;
}

/** Turns prompts into ids and back, and knows how many ids fit before an image. */
export interface PromptReader {
  readonly config: Pick<ShowoConfig, "vocabulary" | "textBlock">;
  readonly encodeText: (text: string) => readonly number[];
  readonly decodeText: (ids: readonly number[]) => string;
}

const readText = (path: string): Stage<HasFiles, string> => ({ files }) => files.readText(path);

/**
 * Reads the sizes of a unified model.
 *
 * @returns The sizes, without rows for a concept; Left naming the field of `config.json` that is wrong.
 */
export function loadSizes(folder: string): Stage<HasFiles, ShowoConfig> {
  const path = `${folder}/config.json`;
  return pipe(
    readText(path),
    RTE.flatMapEither((text) =>
      attempt(
        (problem) => ({ _tag: "ConfigInvalid", where: path, problems: [problem] }),
        () => JSON.parse(text),
      )
    ),
    RTE.flatMapEither((json) => parseShowoConfig(json, path)),
  );
}

/**
 * Reads the tokenizer of a unified model.
 *
 * @param folder The model's folder.
 * @returns The tokenizer, without tokens of a concept; Left naming what is wrong in `tokenizer.json`.
 */
export function loadTokenizer(folder: string): Stage<HasFiles, PhiTokenizer> {
  const path = `${folder}/tokenizer.json`;
  return pipe(
    readText(path),
    RTE.flatMapEither((text) => parseTokenizerJson(text, path)),
    RTE.map((json) => phiTokenizer(json, { cleanUpSpaces: false })),
  );
}

/**
 * Makes the functions from text to ids and back of a concept.
 *
 * @param tokenizer The profile's.
 * @returns Mentions of the concept become name blocks; decoding skips special tokens.
 */
export function namedText(
  tokenizer: PhiTokenizer,
  naming: Naming,
): Pick<PromptReader, "encodeText" | "decodeText"> {
  const named = tokenizer.withConceptTokens(conceptTokens(naming.token, naming));
  return {
    encodeText: (text) => named.encode(expandMentions(text, naming.token, naming)),
    decodeText: (ids) => named.decode(ids, { skipSpecial: true }),
  };
}

/**
 * Opens what is needed to see whether prompts fit.
 *
 * @param profile Whose unified model reads them.
 * @returns The reader; Left as {@link loadSizes} and {@link loadTokenizer}.
 */
export function openPromptReader(
  profile: Pick<Profile, "unified">,
  naming: Naming,
): Stage<HasFiles, PromptReader> {
  return pipe(
    RTE.Do,
    RTE.bindW("sizes", () => loadSizes(profile.unified)),
    RTE.bindW("tokenizer", () => loadTokenizer(profile.unified)),
    RTE.map(({ sizes, tokenizer }) => ({
      config: {
        ...sizes,
        vocabulary: withConceptRows(sizes.vocabulary, conceptTokens(naming.token, naming).length),
      },
      ...namedText(tokenizer, naming),
    })),
  );
}

/**
 * Finds the words of a prompt that the model does not read, because it is too long.
 *
 * @param prompt With the concept as its token.
 * @returns The words; empty if all are read.
 */
export function unreadWords(reader: PromptReader, prompt: string): string {
  const { config: { vocabulary, textBlock }, encodeText, decodeText } = reader;
  const { cut } = fitPrompt(vocabulary, encodeText(prompt), textBlock);
  return cut.length === 0 ? "" : decodeText(cut).trim();
}

/**
 * Warns once of each prompt that is too long, with the words that are not read.
 *
 * @param unread Finds those words, as {@link unreadWords} does.
 * @param prompts May repeat.
 * @returns How many different prompts are cut.
 *
 * @example
 * ```ts
 * import { warnUnread } from "./prompt_reader.ts";
 * import assert from "node:assert/strict";
 * const lines: string[] = [];
 * const log = { info: () => {}, progress: () => {}, warn: (line: string) => void lines.push(line) };
 * const threeWords = (prompt: string) => prompt.split(" ").slice(3).join(" ");
 * await warnUnread(threeWords, ["a photo of <mip>", "a photo of <mip>", "a dog"])({ log })();
 * assert.deepEqual(lines, ['prompt "a photo of <mip>" is too long for the model, which does not read "<mip>"']);
 * ```
 */
export function warnUnread(
  unread: (prompt: string) => string,
  prompts: readonly string[],
): Stage<HasLog, number> {
  const cut = [...new Set(prompts)].map((prompt) => ({ prompt, words: unread(prompt) }))
    .filter(({ words }) => words !== "");
  return ({ log }) =>
    TE.fromIO(() => {
      cut.forEach(({ prompt, words }) =>
        log.warn(`prompt "${prompt}" is too long for the model, which does not read "${words}"`)
      );
      return cut.length;
    });
}
