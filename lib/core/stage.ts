/**
 * The one type of every step, and the two ways to run effects safely inside it.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { ReaderTaskEither } from "fp-ts/lib/ReaderTaskEither.js";
import type { TaskEither } from "fp-ts/lib/TaskEither.js";
import type { PipelineError } from "./error.ts";
import { messageOf } from "./error.ts";

/** A computation that needs capabilities `R`, may do effects, and ends in a {@link PipelineError} or an `A`. */
export interface Stage<R, A> extends ReaderTaskEither<R, PipelineError, A> {}

/** The stage that does nothing. */
export const DONE: Stage<unknown, void> = RTE.right(undefined);

/** The outcome of a pure function that can fail. */
export type Checked<A> = E.Either<PipelineError, A>;

/**
 * Runs a synchronous function that may throw.
 *
 * @param onThrow Turns the message of what was thrown into an error.
 * @returns Its value, or the error.
 */
export function attempt<A>(onThrow: (message: string) => PipelineError, body: () => A): Checked<A> {
  return E.tryCatch(body, (thrown) => onThrow(messageOf(thrown)));
}

/**
 * Runs an asynchronous function that may reject.
 *
 * @param onThrow Turns the message of what was thrown into an error.
 * @returns A task that never rejects.
 */
export function attemptAsync<A>(
  onThrow: (message: string) => PipelineError,
  body: () => Promise<A>,
): TaskEither<PipelineError, A> {
  return () => Promise.resolve().then(body).then(E.right, (thrown) => E.left(onThrow(messageOf(thrown))));
}

/**
 * Acquires a resource, uses it, and releases it on success, on failure and on a rejected promise alike.
 *
 * fp-ts's own `bracket` does not release when the promise rejects.
 *
 * @param acquire Makes the resource.
 * @param use What to do with it.
 * @param release Frees it; must not throw.
 * @returns What `use` returned.
 */
export function scoped<R1, R2, T, A>(
  acquire: Stage<R1, T>,
  use: (resource: T) => Stage<R2, A>,
  release: (resource: T) => void | Promise<void>,
): Stage<R1 & R2, A> {
  return (needs) => async () => {
    const acquired = await acquire(needs)();
    if (E.isLeft(acquired)) return acquired;
    try {
      return await use(acquired.right)(needs)();
    } catch (thrown) {
      return E.left({ _tag: "TensorFailure", operation: "stage", problem: messageOf(thrown) });
    } finally {
      await release(acquired.right);
    }
  };
}

/**
 * Repeats a stage until a state is final. Constant memory: the one allowed loop over stages.
 *
 * @param done Whether a state is final.
 * @param step The next state.
 * @returns A function from the first state to the stage that yields the final one.
 *
 * @example
 * ```ts
 * import { iterate } from "./stage.ts";
 * import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
 * import assert from "node:assert/strict";
 * const count = iterate<unknown, number>((n) => n >= 3, (n) => RTE.right(n + 1));
 * assert.deepEqual(await count(0)({})(), { _tag: "Right", right: 3 });
 * ```
 */
export function iterate<R, S>(
  done: (state: S) => boolean,
  step: (state: S) => Stage<R, S>,
): (initial: S) => Stage<R, S> {
  return (initial) => (needs) => async () => {
    let state = initial;
    while (!done(state)) {
      const next = await step(state)(needs)();
      if (E.isLeft(next)) return next;
      state = next.right;
    }
    return E.right(state);
  };
}
