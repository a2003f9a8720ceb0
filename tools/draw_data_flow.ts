/**
 * Draws the data-flow figure of docs/architecture.md from the signatures of the stages: what each takes and what it makes.
 *
 * ```text
 * deno run -A tools/draw_data_flow.ts      writes the figure into the page; a test compares both
 * ```
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { readSourceTree, type SourceTree } from "./source_tree.ts";

/** What flows; other types of a signature are settings, models and keys. */
const NOUNS: readonly string[] = [
  ...["Concept", "Task", "AskedTask", "Reasoned", "Prompted", "Previewed", "Group", "Trajectory"],
  ...["RewardScores", "ScoredGroup", "WeightedGroup", "ModeThresholds", "PolicyState", "Updated"],
];

/** The stages of an update by name, in the order in which they run, and the files that define them. */
const STAGES: readonly (readonly [name: string, file: string])[] = [
  ["sampleTask", "lib/method/task.ts"],
  ["askTask", "lib/method/rollout.ts"],
  ["reason", "lib/method/rollout.ts"],
  ["wordPrompt", "lib/method/rollout.ts"],
  ["preview", "lib/method/rollout.ts"],
  ["complete", "lib/method/rollout.ts"],
  ["fillGroup", "lib/method/screening.ts"],
  ["nextThresholds", "lib/method/thresholds.ts"],
  ["rewarding", "lib/method/one_group.ts"],
  ["scoredGroup", "lib/method/one_group.ts"],
  ["weighting", "lib/method/one_update.ts"],
  ["updating", "lib/method/one_update.ts"],
];

/** A stage with the nouns of its signature. */
export interface Arrow {
  readonly stage: string;
  readonly takes: readonly string[];
  readonly makes: readonly string[];
}

const nounsIn = (text: string): readonly string[] =>
  NOUNS.filter((noun) => new RegExp(`\\b${noun}\\b`).test(text));

/** Where the bracket that opens at a place of a text closes. */
function closing(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if (text[at] === "(") depth++;
    if (text[at] === ")" && --depth === 0) return at;
  }
  return text.length;
}

/**
 * Reads the signature of a function, or of a type of functions.
 *
 * @returns Which nouns it takes and makes; a function that returns a function takes what that one takes, too.
 *
 * @throws RangeError if the file does not define it.
 */
export function arrowOf(source: string, name: string): Arrow {
  const found = new RegExp(`(?:function|const|type) ${name}\\b[^(]*\\(`).exec(source);
  if (found === null) throw new RangeError(`no function ${name}`);
  const open = found.index + found[0].length - 1;
  const close = closing(source, open);
  const rest = source.slice(close + 1);
  const result = rest.slice(0, rest.search(/ \{\n|;\n| =>\n/));
  const inner = /^(: | => )\(/.test(result) ? closing(result, result.indexOf("(")) : 0;
  const [takes, makes] = [source.slice(open, close) + result.slice(0, inner), result.slice(inner)];
  return { stage: name, takes: nounsIn(takes), makes: nounsIn(makes) };
}

/**
 * Writes arrows as a Mermaid figure.
 *
 * @param arrows The stages, in order.
 * @returns The figure; stages are boxes with corners, data is round.
 */
export function dataFlowFigure(arrows: readonly Arrow[]): string {
  const lines = arrows.flatMap(({ stage, takes, makes }) => [
    `  ${stage}[["${stage}"]]`,
    ...takes.map((noun) => `  ${noun}(${noun}) --> ${stage}`),
    ...makes.map((noun) => `  ${stage} --> ${noun}(${noun})`),
  ]);
  return ["```mermaid", "flowchart TD", ...lines, "```"].join("\n");
}

/**
 * Draws the figure of the project.
 *
 * @returns The figure of one update.
 */
export function projectFigure(tree: SourceTree): string {
  return dataFlowFigure(STAGES.map(([name, file]) => arrowOf(tree.get(file) ?? "", name)));
}

/**
 * Puts a figure between its marks in a page.
 *
 * @returns The page with this figure.
 */
export function withFigure(page: string, figure: string): string {
  return page.replace(/(<!-- data flow[^>]*-->\n)[^]*?(<!-- end -->)/, `$1${figure}\n$2`);
}

if (import.meta.main) {
  const root = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
  const path = `${root}/docs/architecture.md`;
  const page = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, withFigure(page, projectFigure(await readSourceTree(root))));
}
