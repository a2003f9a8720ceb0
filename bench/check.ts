/**
 * `deno task bench --check`: the speed next to PyTorch against the committed ratios, within a wide band.
 *
 * Ratios hold across machines of a kind where seconds don't.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { field, type Fields } from "../lib/config/field.ts";
import { commandExitCode } from "../lib/run/command.ts";
import { measureUpdate, openBench } from "./update.ts";
import { SIZE_FLAGS, type UpdateSizes } from "./update_sizes.ts";
import { ratiosOf } from "./update_table.ts";

/** The committed file. */
export const RATIOS_FILE = "bench/ratios.json";

/** What is committed: PyTorch's seconds over ours by name, and how far a measurement may be off. */
export interface CommittedRatios {
  /** A ratio may be this many times smaller or larger. */
  readonly band: number;
  readonly ratios: Readonly<Record<string, number>>;
}

const BAND = 1.6;

/**
 * Compares ratios with the committed ones.
 *
 * @param measured Ratios by name.
 * @param committed The committed ones.
 * @returns One line per name, and whether all lie inside the band; a name that one side lacks lies outside.
 *
 * @example
 * ```ts
 * import { compareRatios } from "./check.ts";
 * import assert from "node:assert/strict";
 * const committed = { band: 1.5, ratios: { batched: 2 } };
 * assert.ok(compareRatios({ batched: 1.5 }, committed).inside);
 * assert.ok(!compareRatios({ batched: 1.2 }, committed).inside);
 * ```
 */
export function compareRatios(
  measured: Readonly<Record<string, number>>,
  { band, ratios }: CommittedRatios,
): { readonly inside: boolean; readonly lines: readonly string[] } {
  const names = [...new Set([...Object.keys(ratios), ...Object.keys(measured)])];
  const rows = names.map((name) => {
    const [found = NaN, wanted = NaN] = [measured[name], ratios[name]];
    const [low, high] = [wanted / band, wanted * band];
    const inside = found >= low && found <= high;
    const verdict = inside ? "ok" : found > high ? "above: commit the new ratio" : "OUTSIDE";
    return {
      inside,
      line: `${name}: ${found.toFixed(2)}, committed ${wanted.toFixed(2)}, ` +
        `band ${low.toFixed(2)} … ${high.toFixed(2)}: ${verdict}`,
    };
  });
  return { inside: rows.every(({ inside }) => inside), lines: rows.map(({ line }) => line) };
}

const FLAGS = {
  record: field.bool({ default: false, doc: `Write what is measured into ${RATIOS_FILE}.` }),
  clock: field.choice(["wall", "cpu"], {
    default: "wall",
    doc: "Seconds of the clock, or of the processor.",
  }),
  repeats: field.positiveInt({ default: 3, doc: "Updates of each side that are timed." }),
} as const satisfies Fields;

const defaults = Object.fromEntries(
  Object.entries(SIZE_FLAGS).map(([name, flag]) => [name, flag.fallback?.()]),
) as unknown as UpdateSizes;

async function committedRatios(): Promise<CommittedRatios | null> {
  try {
    return JSON.parse(await Deno.readTextFile(RATIOS_FILE)) as CommittedRatios;
  } catch {
    return null;
  }
}

/**
 * Runs the command.
 *
 * @returns The exit code: 1 outside the band; 0 inside, and where there is no PyTorch to compare with.
 */
export function bench(words: readonly string[]): Promise<number> {
  const spec = { name: "bench --check", summary: "Compares ratios with the committed ones.", options: FLAGS };
  return commandExitCode<typeof FLAGS, Record<never, never>>(spec, ({ options }) => ({ log }) => async () => {
    const { record, clock, repeats } = options;
    await openBench("auto", log);
    const result = await measureUpdate(defaults, { repeats, clock, torch: true, dsog: false }, log);
    const found = ratiosOf(result.measured);
    if (found === null) return E.right(0);
    const measured = { "update, batched": found.batched, "update, released": found.released };
    if (record) {
      const ratios = Object.fromEntries(
        Object.entries(measured).map(([name, value]) => [name, +value.toFixed(2)]),
      );
      await Deno.writeTextFile(RATIOS_FILE, `${JSON.stringify({ band: BAND, ratios }, null, 2)}\n`);
    }
    const committed = await committedRatios();
    if (committed === null) {
      log.warn(`there is no ${RATIOS_FILE}; write it with --record on a machine that does nothing else`);
      return E.right(1);
    }
    const { inside, lines } = compareRatios(measured, committed);
    lines.forEach((line) => log.info(line));
    return E.right(inside ? 0 : 1);
  }, words);
}
