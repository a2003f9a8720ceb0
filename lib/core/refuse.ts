/**
 * The one way in which this room says no to bad input.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import type { Checked } from "./stage.ts";

/**
 * Refuses an input.
 *
 * @param where File name, with the field if there is one.
 * @param problem What is wrong, without a full stop.
 * @param remedy What the user can do, without a full stop.
 * @returns Left `InputInvalid`.
 */
export function refuse(where: string, problem: string, remedy: string): Checked<never> {
  return E.left({ _tag: "InputInvalid", where, problem, remedy });
}
