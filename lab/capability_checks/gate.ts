/**
 * Gates: what a small model must be able to do before reinforcement learning can show anything on it.
 *
 * @module
 */

/** A bound on one measured number. */
export interface Gate {
  /** What is measured, e.g. `drawing: colour`. */
  readonly name: string;
  readonly least: number;
  /** 1 or no upper bound if left out. */
  readonly most?: number;
}

/** A gate with its measured number. */
export interface GateResult extends Gate {
  readonly value: number;
  /** How many trials stand behind the number. */
  readonly trials: number;
}

/**
 * Says whether a gate is open.
 *
 * @param result The gate with its number.
 * @returns Whether the number lies within the bounds, both included; false for NaN.
 *
 * @example
 * ```ts
 * import { passes } from "./gate.ts";
 * import assert from "node:assert/strict";
 * assert.equal(passes({ name: "hits", least: 0.25, most: 0.75, value: 0.8, trials: 40 }), false);
 * ```
 */
export function passes({ value, least, most = Infinity }: GateResult): boolean {
  return value >= least && value <= most;
}

/**
 * Counts hits.
 *
 * @param hits One entry per trial.
 * @returns The share of true entries, in [0, 1]; NaN without trials.
 *
 * @example
 * ```ts
 * import { share } from "./gate.ts";
 * import assert from "node:assert/strict";
 * assert.equal(share([true, false, true, true]), 0.75);
 * ```
 */
export function share(hits: readonly boolean[]): number {
  return hits.filter(Boolean).length / hits.length;
}

/**
 * Makes a gate of single trials.
 *
 * @param hits One entry per trial.
 * @returns The share of true entries; NaN without trials.
 */
export function shareGate(gate: Gate, hits: readonly boolean[]): GateResult {
  return { ...gate, value: share(hits), trials: hits.length };
}

const bounds = ({ least, most }: Gate): string => most === undefined ? `≥ ${least}` : `${least} to ${most}`;

/**
 * Writes gates as a Markdown table.
 *
 * @returns Lines; numbers with three decimals.
 */
export function gateTable(results: readonly GateResult[]): readonly string[] {
  return [
    "| gate | bound | measured | trials | |",
    "|---|---|---|---|---|",
    ...results.map((result) => {
      const verdict = passes(result) ? "holds" : "**fails**";
      return `| ${result.name} | ${bounds(result)} | ${
        result.value.toFixed(3)
      } | ${result.trials} | ${verdict} |`;
    }),
  ];
}
