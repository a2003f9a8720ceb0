/**
 * Imports go downwards only, and never in a circle.
 *
 * @module
 */
import { dirname, join } from "node:path";
import type { SourceTree } from "./source_tree.ts";

/** Rooms from the bottom to the top; rooms of one level do not import each other. */
export const LEVELS: readonly (readonly string[])[] = [
  ["lib/core"],
  ["lib/config"],
  ["lib/tensor", "lib/text", "lib/image"],
  ["lib/concept", "lib/world"],
  ["lib/showo", "lib/experts"],
  ["lib/rl"],
  ["lib/rewards", "lib/metrics"],
  ["lib/run"],
  ["lib/method"],
  ["lib/cold_start", "lib/trained", "lib/remote"],
  ["lib/baselines"],
  ["lib/evaluation"],
  ["lib/training"],
  ["lab", "studio"],
  ["pipelines"],
];

/** What the experts share; no expert imports another. */
const EXPERTS = "lib/experts";
const SHARED_BY_EXPERTS = `${EXPERTS}/shared`;

const roomOf = (path: string): string => path.split("/").slice(0, path.startsWith("lib/") ? 2 : 1).join("/");
const levelOf = (path: string): number => LEVELS.findIndex((rooms) => rooms.includes(roomOf(path)));

/**
 * Lists what a module imports from the project.
 *
 * @returns Paths from the project's root, types included.
 */
export function importsOf(path: string, text: string): readonly string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, "");
  const specifiers = [...code.matchAll(/(?:\bfrom\s+|\bimport\s*\(?\s*)"(\.{1,2}\/[^"]+)"/g)];
  return specifiers.map((match) => join(dirname(path), match[1] as string));
}

const moduleImports = (tree: SourceTree): ReadonlyMap<string, readonly string[]> =>
  new Map(
    [...tree]
      .filter(([path]) => /^(?:lib|lab|studio|pipelines)\/.*\.[jt]s$/.test(path))
      .map(([path, text]) => [path, importsOf(path, text)]),
  );

function betweenExperts(path: string, target: string): string | undefined {
  const [from, to] = [dirname(path), dirname(target)];
  const foreign = roomOf(path) === EXPERTS && from !== to && to !== SHARED_BY_EXPERTS;
  return foreign ? `${path}: imports ${target}, which belongs to another expert` : undefined;
}

function wrongDirection(path: string, target: string): string | undefined {
  const [from, to] = [levelOf(path), levelOf(target)];
  if (from < 0 || to < 0) return undefined;
  if (roomOf(path) === roomOf(target)) return betweenExperts(path, target);
  if (to > from) return `${path}: imports ${target}, which lies above`;
  return to === from ? `${path}: imports ${target}, a room of the same level` : undefined;
}

/**
 * Finds circles among modules.
 *
 * @param imports Module → what it imports.
 * @returns One line per circle found.
 */
export function findCircles(imports: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const finished = new Set<string>();
  const circles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) circles.push(`circle: ${[...trail.slice(start), path].join(" → ")}`);
    if (start >= 0 || finished.has(path)) return;
    for (const target of imports.get(path) ?? []) visit(target, [...trail, path]);
    finished.add(path);
  };
  for (const path of imports.keys()) visit(path, []);
  return circles;
}

/**
 * Checks the direction of every import.
 *
 * @returns One line per problem.
 */
export function checkLayers(tree: SourceTree): readonly string[] {
  const imports = moduleImports(tree);
  const wrong = [...imports].flatMap(([path, targets]) => [
    ...(levelOf(path) < 0 ? [`${path}: the room ${roomOf(path)} is not in the list of rooms`] : []),
    ...targets.flatMap((target) => wrongDirection(path, target) ?? []),
  ]);
  return [...new Set(wrong), ...findCircles(imports)];
}
