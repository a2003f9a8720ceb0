/**
 * Taking the outcome of a stage apart in tests.
 *
 * @module
 */
import type { Either } from "fp-ts/lib/Either.js";
import { describe, type PipelineError } from "../../lib/core/error.ts";

/**
 * Takes the value.
 *
 * @param outcome A finished stage.
 * @throws Error with the description of the failure.
 */
export function right<A>(outcome: Either<PipelineError, A>): A {
  if (outcome._tag === "Left") throw new Error(describe(outcome.left));
  return outcome.right;
}

/**
 * Takes the failure.
 *
 * @param outcome A finished stage.
 * @returns The line a person would read.
 * @throws Error if the stage succeeded.
 */
export function problem<A>(outcome: Either<PipelineError, A>): string {
  if (outcome._tag === "Right") throw new Error("expected a failure");
  return describe(outcome.left);
}
