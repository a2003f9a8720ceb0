/**
 * What Ctrl-C means: one rule for every command.
 *
 * @module
 */
import type { Interrupt } from "../core/capability.ts";

/** What a signal asks for: to end in good order, nothing new, or to end at once. */
export type SignalMeaning = "finish" | "nothing" | "end";

/** Ctrl-C as a person means it. */
export interface InterruptRule extends Interrupt {
  /** Takes a signal that came at this time in milliseconds. */
  readonly signal: (now: number) => SignalMeaning;
}

/** Signals within so many milliseconds of the first are one press: a terminal and `deno task` both send it. */
export const ONE_PRESS = 500;

/**
 * Makes the rule: the first press asks a command to finish what is under way, the next one ends it.
 *
 * @param options.finishes Whether the command can end in good order; one that cannot is ended by the first press.
 * @returns The rule, before any press.
 *
 * @example Two signals of one press, then a second press
 * ```ts
 * import { interruptRule } from "./interrupt_rule.ts";
 * import assert from "node:assert/strict";
 * const rule = interruptRule({ finishes: true });
 * assert.deepEqual([0, 30, 2000].map(rule.signal), ["finish", "nothing", "end"]);
 * ```
 */
export function interruptRule({ finishes }: { readonly finishes: boolean }): InterruptRule {
  let first: number | null = null;
  return {
    requested: () => first !== null,
    signal: (now) => {
      if (!finishes) return "end";
      if (first !== null) return now - first < ONE_PRESS ? "nothing" : "end";
      first = now;
      return "finish";
    },
  };
}
