/**
 * Tables of one update: seconds of its parts, ratios to PyTorch, what was compiled.
 *
 * @module
 */
import type { CompiledSignature } from "../lib/tensor/jit.ts";
import type { ClockName, UpdateSeconds } from "./measure_update.ts";
import type { UpdateSizes } from "./update_sizes.ts";

/** Seconds of PyTorch's parts; it decodes without a pause, and has neither image tokenizer nor experts. */
export interface PeerSeconds {
  readonly reason: number;
  readonly decode: number;
  readonly update: number;
}

/** Everything that was measured. */
export interface Measured {
  /** Without screening. */
  readonly ours: UpdateSeconds;
  /** With screening: 4 G previews, G completions. */
  readonly dsog: UpdateSeconds | null;
  readonly batched: PeerSeconds | null;
  readonly released: PeerSeconds | null;
  /** The first update, compilation included. */
  readonly first: number;
  readonly compiled: readonly CompiledSignature[];
  readonly torch: string | null;
  readonly clock: ClockName;
}

/** PyTorch's seconds over ours; larger is better for us. */
export interface Ratios {
  readonly batched: number;
  readonly released: number;
}

/**
 * The parts that both sides have.
 *
 * @param seconds Parts of either side.
 * @returns Reasoning, decoding and gradient step; without pictures and rewards.
 */
export function comparedSeconds(seconds: PeerSeconds | UpdateSeconds): number {
  const decode = "decode" in seconds ? seconds.decode : seconds.preview + seconds.complete;
  return seconds.reason + decode + seconds.update;
}

/**
 * Compares both sides.
 *
 * @returns The ratios; `null` without PyTorch.
 */
export function ratiosOf({ ours, batched, released }: Measured): Ratios | null {
  if (batched === null || released === null) return null;
  const own = comparedSeconds(ours);
  return { batched: comparedSeconds(batched) / own, released: comparedSeconds(released) / own };
}

/**
 * Writes a Markdown table.
 *
 * @example
 * ```ts
 * import { markdownTable } from "./update_table.ts";
 * import assert from "node:assert/strict";
 * assert.equal(markdownTable(["a", "b"], [["1", "2"]]), "| a | b |\n|---|---|\n| 1 | 2 |");
 * ```
 */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), `|${head.map(() => "---").join("|")}|`, ...rows.map(line)].join("\n");
}

const seconds = (value: number | undefined): string => value === undefined ? "–" : value.toFixed(3);
const ratio = (theirs: number | undefined, own: number): string =>
  theirs === undefined ? "–" : (theirs / own).toFixed(2);

const sizeText = (sizes: UpdateSizes): string => {
  const { width, layers, tokens, block, answer, group, candidates, timesteps, updateSteps, trainable } =
    sizes;
  return `width ${width}, ${layers} layers, ${tokens} image tokens, prompt ${block}, answer ${answer}, G ${group}, ` +
    `${candidates} candidates, T ${timesteps}, ${updateSteps} steps in the gradient, trained: ${trainable}`;
};

function partRows({ ours, batched, released, dsog }: Measured): readonly (readonly string[])[] {
  const row = (
    name: string,
    own: number,
    peer: (side: PeerSeconds) => number,
    screened: number | undefined,
  ) => {
    const [a, b] = [batched, released].map((side) => side === null ? undefined : peer(side));
    return [name, seconds(own), seconds(a), seconds(b), ratio(a, own), ratio(b, own), seconds(screened)];
  };
  const alone = (
    name: "pictures" | "reward",
  ) => [name, seconds(ours[name]), "–", "–", "–", "–", seconds(dsog?.[name])];
  const split = (name: "preview" | "complete") => [
    `… ${name}`,
    seconds(ours[name]),
    "–",
    "–",
    "–",
    "–",
    seconds(dsog?.[name]),
  ];
  const decode = dsog === null ? undefined : dsog.preview + dsog.complete;
  return [
    row("reason", ours.reason, (side) => side.reason, dsog?.reason),
    row("decode", ours.preview + ours.complete, (side) => side.decode, decode),
    split("preview"),
    split("complete"),
    row("update", ours.update, (side) => side.update, dsog?.update),
    row("**sum**", comparedSeconds(ours), comparedSeconds, dsog === null ? undefined : comparedSeconds(dsog)),
    alone("pictures"),
    alone("reward"),
  ];
}

/**
 * Writes what was measured.
 *
 * @param sizes Resolved sizes.
 * @param backend The backend's description.
 * @returns Markdown.
 */
export function updateTable(sizes: UpdateSizes, measured: Measured, backend: string): string {
  const { compiled, first, torch, clock } = measured;
  const head = [
    "seconds",
    "ours",
    "batched",
    "released",
    "batched / ours",
    "released / ours",
    "ours with DSOG",
  ];
  const spent = compiled.reduce((sum, each) => sum + each.seconds, 0);
  const longest = [...compiled].sort((a, b) => b.seconds - a.seconds).slice(0, 4)
    .map(({ name, seconds }) => `${name} ${seconds.toFixed(1)} s`).join(", ");
  return [
    `${sizeText(sizes)}; ${backend}; ${torch === null ? "no PyTorch" : torch}; ${clock} seconds.`,
    markdownTable(head, partRows(measured)),
    `First update ${first.toFixed(1)} s; ${compiled.length} signatures compiled in ${
      spent.toFixed(1)
    } s (${longest}), none after it.`,
  ].join("\n\n");
}

/**
 * Compares the cost of screening with the paper's: `36·T/5 + 9·4T/5 = 14.4·T` decoding steps of one picture against `9·T`.
 *
 * @param sizes Resolved sizes.
 * @returns A sentence; `null` if screening was not measured.
 */
export function screeningFactor(sizes: UpdateSizes, { ours, dsog }: Measured): string | null {
  if (dsog === null) return null;
  const { group, timesteps, candidates } = sizes;
  const pause = Math.max(1, Math.round(timesteps / 5));
  const paper = (4 * group * pause + group * (timesteps - pause)) / (candidates * timesteps);
  const found = (dsog.preview + dsog.complete) / (ours.preview + ours.complete);
  return `Screening (4 G previews to step ${pause}, G pictures to step ${timesteps}): ${
    found.toFixed(2)
  } times the ` +
    `decoding of ${candidates} pictures; on paper ${paper.toFixed(2)}.`;
}

/**
 * Replaces what stands between `<!-- bench:name -->` and `<!-- /bench:name -->`.
 *
 * @param content What shall stand there.
 * @returns The document; throws if it has no such section.
 *
 * @example
 * ```ts
 * import { withSection } from "./update_table.ts";
 * import assert from "node:assert/strict";
 * const text = "a\n<!-- bench:x -->\nold\n<!-- /bench:x -->\nb\n";
 * assert.equal(withSection(text, "x", "new"), "a\n<!-- bench:x -->\n\nnew\n\n<!-- /bench:x -->\nb\n");
 * ```
 */
export function withSection(text: string, name: string, content: string): string {
  const [begin, end] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`there is no section ${begin} … ${end}`);
  return `${text.slice(0, from)}${begin}\n\n${content}\n\n${text.slice(to)}`;
}

/** Where a table goes. */
export interface TablePlace {
  /** The file; empty: nowhere. */
  readonly out: string;
  /** The section of the file that it replaces; empty: the whole file. */
  readonly section: string;
}

/**
 * Writes a table, with the day and the kind of machine.
 *
 * @param place Where.
 * @param content Markdown.
 */
export async function writeTable({ out, section }: TablePlace, content: string): Promise<void> {
  if (out === "") return;
  const day = new Date().toISOString().slice(0, 10);
  const machine = `${navigator.hardwareConcurrency} processor cores, ${Deno.build.os} ${Deno.build.arch}`;
  const whole = `${content}\n\n${day}, ${machine}.`;
  const text = section === "" ? `${whole}\n` : withSection(await Deno.readTextFile(out), section, whole);
  await Deno.writeTextFile(out, text);
}
