/**
 * Tells a page that the files of a run have changed, by server-sent events.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import type { Context } from "hono";
import { streamSSE } from "hono/streaming";
import type { RunFolder } from "../lib/run/folder.ts";
import type { HasMarks } from "./capability.ts";
import { runMark } from "./read/watch.ts";

/** Milliseconds between two looks. */
const PAUSE = 1000;

/** Looks without a change after which a sign of life is sent, so that a closed page is noticed. */
const QUIET = 15;

/**
 * Follows a run until the page is closed. The first event comes at once: what changed before the page listened is seen.
 *
 * @param needs Looks at files.
 * @returns The answer, which goes on.
 */
export function runEvents(context: Context, folder: RunFolder, needs: HasMarks): Response {
  return streamSSE(context, async (stream) => {
    let [before, quiet] = ["", 0];
    while (!stream.aborted && !stream.closed) {
      const mark = await runMark(folder)(needs)();
      const now = E.isRight(mark) ? mark.right : before;
      const changed = now !== before;
      quiet = changed ? 0 : quiet + 1;
      if (changed || quiet % QUIET === 0) {
        await stream.writeSSE({ event: changed ? "change" : "quiet", data: now });
      }
      before = now;
      await stream.sleep(PAUSE);
    }
  });
}
