/**
 * The border between tensor code, which throws, and everything above it, which does not.
 *
 * @module
 */
import { attempt, type Checked } from "../core/stage.ts";
import { tf } from "./tf.ts";

/**
 * Runs tensor code, frees its intermediates, and turns what it throws into a `TensorFailure`.
 *
 * @param operation What the error message calls it.
 * @param body Tensor code; what it returns survives, everything else that it made is freed.
 * @returns The result or the error.
 */
export function tidyE<A extends tf.TensorContainer>(operation: string, body: () => A): Checked<A> {
  return attempt((problem) => ({ _tag: "TensorFailure", operation, problem }), () => tf.tidy(body));
}
