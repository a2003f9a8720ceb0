/** Shared by the tests of this room: the message of an expected failure, and the value of an expected success. */
import assert from "node:assert/strict";
import * as E from "fp-ts/lib/Either.js";
import { describe } from "../../lib/core/error.ts";
import type { Checked } from "../../lib/core/stage.ts";

/** The line that the user reads; fails the test if there was no error. */
export function failureOf(outcome: Checked<unknown>): string {
  assert.ok(E.isLeft(outcome), "expected an error");
  return describe(outcome.left);
}

/** The value; fails the test with the error's message if there is none. */
export function valueOf<A>(outcome: Checked<A>): A {
  if (E.isLeft(outcome)) return assert.fail(describe(outcome.left));
  return outcome.right;
}
