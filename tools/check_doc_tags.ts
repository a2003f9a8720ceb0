/**
 * A doc tag that only repeats a name tells a reader nothing: "@param key The key."
 *
 * @module
 */
import type { SourceTree } from "./source_tree.ts";

const TAG = /^\s*\* @(?:param (\S+)|(returns|throws))\s+(.*)$/;
const CONTINUES = /^\s*\* {1,}[^@\s]/;
/** "The key.", "Its photos.": an article and one noun, which the type next to it says as well. */
const ONE_NOUN = /^(?:The|A|An|Its|Their|All) [a-z]+s?\.?$/i;
/** Words that add nothing to a name. */
const FILLERS = new Set(["the", "a", "an", "its", "their", "all", "this", "of", "to"]);

/** "numGenerations" → "num", "generation": singular and in lower case, so that "tokens" repeats "token". */
const wordsOf = (text: string): readonly string[] =>
  text.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase().split(/[^\p{L}0-9]+/u)
    .filter((word) => word !== "" && !FILLERS.has(word)).map((word) => word.replace(/s$/, ""));

/**
 * Finds tags that say no more than the name and the type do.
 *
 * @param text A source file.
 * @returns Line numbers from 0.
 *
 * @example
 * ```ts
 * import { emptyTags } from "./check_doc_tags.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(emptyTags(" * @param key The key.\n * @param key Seeds the draw."), [0]);
 * ```
 */
export function emptyTags(text: string): readonly number[] {
  const lines = text.split("\n");
  return lines.flatMap((line, index) => {
    const match = TAG.exec(line);
    if (match === null || CONTINUES.test(lines[index + 1] ?? "")) return [];
    const [name, sentence] = [match[1] ?? match[2] ?? "", match[3] ?? ""];
    const known = new Set(wordsOf(name));
    const repeats = ONE_NOUN.test(sentence) || wordsOf(sentence).every((word) => known.has(word));
    return repeats ? [index] : [];
  });
}

/**
 * Checks the doc comments of library, laboratory, commands and tools.
 *
 * @returns One line per tag to delete, or to fill with what the name does not say.
 */
export function checkDocTags(tree: SourceTree): readonly string[] {
  return [...tree].filter(([path]) => path.endsWith(".ts")).flatMap(([path, text]) =>
    emptyTags(text).map((index) =>
      `${path}:${index + 1}: this tag only repeats the name: ${
        text.split("\n")[index]?.replace(/^\s*\*/, "").trim()
      }`
    )
  );
}
