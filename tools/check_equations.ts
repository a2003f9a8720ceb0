/**
 * Every equation of the paper is cited at exactly one place in the library, and stands in docs/method.md and docs/paper-index.md.
 *
 * @module
 */
import type { SourceTree } from "./source_tree.ts";

/** The paper's equations: 1 to 21. */
export const EQUATIONS: readonly number[] = Array.from({ length: 21 }, (_, index) => index + 1);

const CITATION = /UniCTokens-R1, eq (\d+)(?:–(\d+))?/g;
const ROW = /^\| eq (\d+)(?:–(\d+))? \|/gm;

/** "9–11" → 9, 10, 11. */
const numbersOf = (match: RegExpMatchArray): readonly number[] => {
  const [first, last] = [Number(match[1]), Number(match[2] ?? match[1])];
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
};

const lineOf = (text: string, index: number): number => text.slice(0, index).split("\n").length;

/**
 * Finds where the library cites an equation.
 *
 * @returns Number → places as `path:line`.
 */
export function citations(tree: SourceTree): ReadonlyMap<number, readonly string[]> {
  const found = [...tree].filter(([path]) => /^lib\/.*\.ts$/.test(path)).flatMap(([path, text]) =>
    [...text.matchAll(CITATION)].flatMap((match) =>
      numbersOf(match).map((number) => ({ number, place: `${path}:${lineOf(text, match.index)}` }))
    )
  );
  return new Map(
    EQUATIONS.map((
      number,
    ) => [number, found.filter((each) => each.number === number).map(({ place }) => place)]),
  );
}

/** Sections of docs/method.md that the library names but the page lacks; pages that are not in the repository. */
function foreignPages(tree: SourceTree): readonly string[] {
  const page = tree.get("docs/method.md") ?? "";
  return [...tree].filter(([path]) => /^(?:lib|lab|configs)\//.test(path)).flatMap(([path, text]) => [
    ...[...text.matchAll(/\b(?:model|experts|benchmarks|backend)\.md §/g)].map((match) =>
      `${path}:${lineOf(text, match.index)}: cites ${match[0]}, which no reader has`
    ),
    ...[...text.matchAll(/\bmethod (§\d+(?:\.\d+)?)/g)]
      .filter((match) => !page.includes(`(${match[1]})`) && !page.includes(`## ${match[1]}`))
      .map((match) => `${path}:${lineOf(text, match.index)}: docs/method.md has no ${match[1]}`),
  ]);
}

/**
 * Checks citations, the annotated method and the index.
 *
 * @returns One line per equation that is not at one place, or missing on a page; one per citation of an absent page.
 */
export function checkEquations(tree: SourceTree): readonly string[] {
  const rows = new Set(
    [...(tree.get("docs/paper-index.md") ?? "").matchAll(ROW)].flatMap((match) => numbersOf(match)),
  );
  const places = citations(tree);
  const numbers = EQUATIONS.flatMap((number) => {
    const at = places.get(number) ?? [];
    return [
      ...(at.length === 1 ? [] : [`eq ${number}: cited at ${at.length} places of lib: ${at.join(", ")}`]),
      ...(rows.has(number) ? [] : [`eq ${number}: no row in docs/paper-index.md`]),
    ];
  });
  return [...numbers, ...foreignPages(tree)];
}
