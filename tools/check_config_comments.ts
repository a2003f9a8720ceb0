/**
 * Every key of every file in `configs/` has a comment.
 *
 * @module
 */
import type { SourceTree } from "./source_tree.ts";

/**
 * Finds keys without a comment above them or behind them.
 *
 * @returns One line per key.
 */
export function uncommentedKeys(path: string, text: string): readonly string[] {
  const lines = text.split("\n");
  return lines.flatMap((line, index) => {
    const key = /^\s*(?:- )?([\w<>-]+):(?:\s|$)/.exec(line)?.[1];
    if (key === undefined || /\s#\s/.test(line)) return [];
    const above = lines[index - 1]?.trim() ?? "";
    return above.startsWith("#") ? [] : [`${path}:${index + 1}: \`${key}\` has no comment`];
  });
}

/**
 * Checks all configs.
 *
 * @returns One line per problem.
 */
export function checkConfigComments(tree: SourceTree): readonly string[] {
  return [...tree].flatMap(([path, text]) =>
    /^configs\/.*\.yaml$/.test(path) ? uncommentedKeys(path, text) : []
  );
}
