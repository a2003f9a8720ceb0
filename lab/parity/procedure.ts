/**
 * Many stages one after the other, written as plain asynchronous code.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { messageOf, type PipelineError } from "../../lib/core/error.ts";
import type { Stage } from "../../lib/core/stage.ts";
import { tf } from "../../lib/tensor/tf.ts";

class Stopped extends Error {
  constructor(readonly error: PipelineError) {
    super(error._tag);
  }
}

/** Runs a stage inside a procedure; its error ends the procedure. */
export type Run<R> = <A>(stage: Stage<R, A>) => Promise<A>;

/**
 * Makes one stage of asynchronous code that runs other stages.
 *
 * @param operation What error messages call it.
 * @returns A stage with the result; the first error of a stage, or whatever is thrown as `TensorFailure`, is its error.
 */
export function procedure<R, A>(operation: string, body: (run: Run<R>) => Promise<A>): Stage<R, A> {
  return (needs) => async () => {
    const run: Run<R> = async (stage) => {
      const outcome = await stage(needs)();
      if (E.isLeft(outcome)) throw new Stopped(outcome.left);
      return outcome.right;
    };
    try {
      return E.right(await body(run));
    } catch (thrown) {
      if (thrown instanceof Stopped) return E.left(thrown.error);
      return E.left({ _tag: "TensorFailure", operation, problem: messageOf(thrown) });
    }
  };
}

/**
 * Runs tensor code and frees every tensor that it made.
 *
 * @param body Tensor code; returns plain data.
 * @returns What `body` returned.
 */
export function inScope<A>(body: () => A): A {
  const kept: { value?: A } = {};
  tf.tidy(() => {
    kept.value = body();
  });
  return kept.value as A;
}
