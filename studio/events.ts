/**
 * Tells a page that what it shows has changed, by server-sent events.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import type { TaskEither } from "fp-ts/lib/TaskEither.js";
import type { Context } from "hono";
import { streamSSE } from "hono/streaming";
import type { PipelineError } from "../lib/core/error.ts";

/** Milliseconds between two looks. */
const PAUSE = 1000;

/** Looks without a change after which a sign of life is sent, so that a closed page is noticed. */
const QUIET = 15;

/**
 * Tells of changes until the page is closed. The first event comes at once: what changed before the page listened is seen.
 *
 * @param look Ends in a word that is another one after each change; what fails counts as no change.
 * @returns The answer, which goes on.
 */
export function markEvents(context: Context, look: TaskEither<PipelineError, string>): Response {
  return streamSSE(context, async (stream) => {
    let [before, quiet] = ["", 0];
    while (!stream.aborted && !stream.closed) {
      const mark = await look();
      const now = E.isRight(mark) ? mark.right : before;
      const changed = now !== before;
      quiet = changed ? 0 : quiet + 1;
      if (changed || quiet % QUIET === 0) {
        await stream.writeSSE({ event: changed ? "change" : "quiet", data: "" });
      }
      before = now;
      await stream.sleep(PAUSE);
    }
  });
}
