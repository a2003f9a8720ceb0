/**
 * Measures how the house is built: sizes, rooms, arrows, journeys. The numbers stand in docs/architecture.md.
 *
 * `deno run -A tools/measure_house.ts [--write] [root]` prints the table, and writes it into the page.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { emptyTags } from "./check_doc_tags.ts";
import { importsOf } from "./check_layers.ts";
import { readSourceTree, type SourceTree } from "./source_tree.ts";

/** Modules by their path from the root. */
type Modules = ReadonlyMap<string, string>;

const within = (tree: SourceTree, pattern: RegExp): Modules =>
  new Map([...tree].filter(([path]) => pattern.test(path)));

const library = (tree: SourceTree): Modules => within(tree, /^lib\/.*\.ts$/);
const lineCount = (text: string): number => text.replace(/\n+$/, "").split("\n").length;
const linesOf = (modules: Modules): number =>
  [...modules.values()].reduce((sum, text) => sum + lineCount(text), 0);
const occurrences = (modules: Modules, pattern: RegExp): number =>
  [...modules.values()].reduce((sum, text) => sum + (text.match(pattern)?.length ?? 0), 0);

/** `lib/rl/advantages.ts` → `lib/rl`, `lib/experts/clip/clip.ts` → `lib/experts/clip`, `lab/dsog/a.ts` → `lab/dsog`. */
const roomOf = (path: string): string =>
  dirname(path).split("/").slice(0, path.startsWith("lib/experts/") ? 3 : 2).join("/");

/** A room: what it holds and what of it other modules can name. */
export interface Room {
  readonly name: string;
  readonly files: number;
  readonly lines: number;
  /** Exported declarations of all its files. */
  readonly exported: number;
  /** Names behind its door, `mod.ts`; 0 without one. */
  readonly door: number;
}

const DECLARATION = /^export (?:declare )?(?:async )?(?:function\*?|const|interface|type|class|let) \w/gm;

/**
 * Counts the names that a module hands on from others.
 *
 * @param text A module of `export … from …` statements.
 * @returns How many names it exports.
 */
export function handedOn(text: string): number {
  return [...text.matchAll(/^export (?:type )?\{([^}]*)\} from/gm)]
    .flatMap((match) => (match[1] ?? "").split(",").filter((name) => name.trim() !== "")).length;
}

/**
 * Describes every room of the library and the laboratory.
 *
 * @returns Rooms by name.
 */
export function roomsOf(tree: SourceTree): readonly Room[] {
  const modules = [...within(tree, /^(?:lib|lab)\/.*\.ts$/)];
  const names = [...new Set(modules.map(([path]) => roomOf(path)))].sort();
  return names.map((name) => {
    const inside = new Map(modules.filter(([path]) => roomOf(path) === name));
    return {
      name,
      files: inside.size,
      lines: linesOf(inside),
      exported: occurrences(inside, DECLARATION),
      door: handedOn(tree.get(`${name}/mod.ts`) ?? ""),
    };
  });
}

/**
 * Counts pairs of rooms of which one imports the other.
 *
 * @returns Arrows between rooms of the library.
 */
export function arrowCount(tree: SourceTree): number {
  const arrows = [...library(tree)].flatMap(([path, text]) =>
    importsOf(path, text).filter((target) => target.startsWith("lib/"))
      .map((target) => [roomOf(path), roomOf(target)] as const)
      .filter(([from, to]) => from !== to).map((arrow) => arrow.join(" "))
  );
  return new Set(arrows).size;
}

/**
 * Finds the shortest chain of imports.
 *
 * @param from Where a reader starts.
 * @param to Tells whether a module is where the reader wants to be.
 * @returns The modules on the way, both ends included; empty if there is none.
 */
export function shortestWay(
  tree: SourceTree,
  from: string,
  to: (path: string) => boolean,
): readonly string[] {
  const ways: (readonly string[])[] = [[from]];
  const seen = new Set([from]);
  for (let way = ways.shift(); way !== undefined; way = ways.shift()) {
    const last = way[way.length - 1] ?? from;
    if (to(last)) return way;
    for (const next of importsOf(last, tree.get(last) ?? "")) {
      if (!seen.has(next)) ways.push([...way, next]);
      seen.add(next);
    }
  }
  return [];
}

/** Files that take or hand on the settings of a whole run. */
const settingsFiles = (tree: SourceTree): number =>
  [...library(tree).values()].filter((text) => /\bTrainingSettings\b/.test(text)).length;

const isUpdate = (path: string): boolean => path.endsWith("/one_update.ts");
const isLoss = (path: string): boolean => path.endsWith("/objective_terms.ts");

function journey(tree: SourceTree, way: readonly string[]): string {
  return `${way.length} files, ${way.reduce((sum, path) => sum + lineCount(tree.get(path) ?? ""), 0)} lines`;
}

async function deno(root: string, args: readonly string[]): Promise<string> {
  const command = new Deno.Command(Deno.execPath(), { args: [...args], cwd: root, env: { NO_COLOR: "1" } });
  const { success, stdout, stderr } = await command.output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

/** Modules and packages that a module loads, and the median time of a program that imports only it. */
async function importCost(root: string, door: string): Promise<string> {
  const { modules } = JSON.parse(await deno(root, ["info", "--json", door])) as {
    readonly modules: readonly { readonly local?: string }[];
  };
  const own = modules.filter(({ local }) =>
    local?.startsWith(join(root, "/")) && !/node_modules/.test(local)
  );
  const seconds: number[] = [];
  for (let trial = 0; trial < 5; trial++) {
    const started = performance.now();
    await deno(root, ["run", "--no-check", "-A", door]);
    seconds.push((performance.now() - started) / 1000);
  }
  return `${own.length} modules, ${(seconds.sort((a, b) => a - b)[2] ?? NaN).toFixed(2)} s`;
}

/**
 * Measures a project.
 *
 * @returns What is measured → the number.
 */
export async function measureHouse(
  tree: SourceTree,
  root: string,
): Promise<Readonly<Record<string, string>>> {
  const lib = library(tree);
  const lab = within(tree, /^lab\/.*\.ts$/);
  const shipped = within(tree, /^(?:lib|lab|pipelines)\/.*\.ts$/);
  const entry = "pipelines/train.ts";
  const door = tree.has("lib/rl/mod.ts") ? "lib/rl/mod.ts" : "mod.ts";
  return {
    "lines of `lib`": `${linesOf(lib)} in ${lib.size} files`,
    "lines of `lab`": `${linesOf(lab)} in ${lab.size} files`,
    "rooms of `lib`": `${new Set([...lib.keys()].map(roomOf)).size}`,
    "arrows between rooms of `lib`": `${arrowCount(tree)}`,
    "names in the root, `mod.ts`": `${handedOn(tree.get("mod.ts") ?? "")}`,
    "files that the settings of a run travel through": `${settingsFiles(tree)}`,
    "from `pipelines/train.ts` to one update": journey(tree, shortestWay(tree, entry, isUpdate)),
    "from `pipelines/train.ts` to the loss": journey(tree, shortestWay(tree, entry, isLoss)),
    "import of the RL maths": await importCost(root, door),
    "doc tags that only repeat a name": `${[...lib.values()].flatMap(emptyTags).length}`,
    "casts to `Stage`": `${occurrences(shipped, / as Stage</g)}`,
    "casts through `unknown`": `${occurrences(shipped, / as unknown as /g)}`,
  };
}

const BEFORE = /^\| (.*?) \| (.*?) \|/;

/** The table of a page, with the first column of numbers as it stands there. */
function withNumbers(page: string, now: Readonly<Record<string, string>>, rooms: readonly Room[]): string {
  const before = new Map(
    page.split("\n").flatMap((line) => {
      const match = BEFORE.exec(line);
      return match === null ? [] : [[match[1] ?? "", match[2] ?? ""] as const];
    }),
  );
  const rows = Object.entries(now).map(([what, number]) =>
    `| ${what} | ${before.get(what) ?? "–"} | ${number} |`
  );
  const each = rooms.map(({ name, files, lines, exported, door }) =>
    `| \`${name}\` | ${files} | ${lines} | ${exported} | ${door === 0 ? "–" : door} |`
  );
  const text = [
    ...["| what | before | now |", "|---|---|---|", ...rows, ""],
    ...["| room | files | lines | exported names | behind its door |", "|---|---|---|---|---|", ...each],
  ].join("\n");
  return page.replace(/(<!-- measured[^>]*-->\n)[^]*?(<!-- end -->)/, `$1${text}\n$2`);
}

if (import.meta.main) {
  const given = Deno.args.find((argument) => !argument.startsWith("--"));
  const root = given ?? fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
  const tree = await readSourceTree(root);
  const numbers = await measureHouse(tree, root);
  console.table(numbers);
  const path = `${root}/docs/architecture.md`;
  if (Deno.args.includes("--write")) {
    await Deno.writeTextFile(path, withNumbers(await Deno.readTextFile(path), numbers, roomsOf(tree)));
  }
}
