/**
 * Words that have no place in a finished project: open ends, and paths of somebody's computer.
 *
 * @module
 */
import type { SourceTree } from "./source_tree.ts";

const OPEN_ENDS = new RegExp(`\\b(?:${["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"].join("|")})\\b`);
/** Folders of a computer. "me", "x" and their like are examples, as in tests of foreign paths. */
const FOLDERS = ["home/(?!me/|x/|somebody/|user/)", "root/", "work/", "tmp/", "Users/", "mnt/"].join("|");
const ABSOLUTE_PATH = new RegExp(
  `(?:^|[\\s"'\`(=:,])(?:file://)?/(?:${FOLDERS})[\\w.]|\\b[A-Z]:\\\\\\\\?Users\\b`,
);

/**
 * Checks every text of the project.
 *
 * @returns One line per place.
 */
export function checkWords(tree: SourceTree): readonly string[] {
  return [...tree].flatMap(([path, text]) =>
    text.split("\n").flatMap((line, index) => {
      const place = `${path}:${index + 1}`;
      return [
        ...(OPEN_ENDS.test(line) ? [`${place}: an open end: ${line.trim().slice(0, 80)}`] : []),
        ...(ABSOLUTE_PATH.test(line) ? [`${place}: an absolute path: ${line.trim().slice(0, 80)}`] : []),
      ];
    })
  );
}
