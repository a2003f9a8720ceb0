/**
 * When to ask again, and how long to wait before.
 *
 * @module
 */
import { fold, keyFromSeed, uniforms } from "../../core/key.ts";
import type { PostReply } from "./network.ts";

/** What an answer means: use it, ask again later, give up on this item, or give up altogether. */
export type Verdict = "use" | "retry" | "skip" | "stop";

/**
 * Decides by the status of an answer.
 *
 * @param reply The answer, or none.
 * @returns `use` for 2xx; `retry` for no answer, 408, 409, 425, 429 and 5xx; `skip` for 400, 413 and 422, which say that this
 * one request is not acceptable; `stop` for the rest: a wrong key, model or address fails for every item.
 */
export function verdictOf(reply: PostReply): Verdict {
  if (reply._tag === "NoAnswer") return "retry";
  const { status } = reply;
  if (status >= 200 && status < 300) return "use";
  if ([408, 409, 425, 429].includes(status) || status >= 500) return "retry";
  return [400, 413, 422].includes(status) ? "skip" : "stop";
}

const LONGEST_WAIT_MS = 60_000;

/**
 * The pause before another attempt: doubled each time, spread so that parallel requests do not return at once.
 *
 * @param attempt Attempts that failed before this pause, from 0.
 * @param options.asked What the server asked for (`Retry-After`), in milliseconds; `null` = nothing.
 * @param options.name Names the request; the spread is drawn from it, so equal requests wait equally long.
 * @returns Milliseconds: what was asked, at most a minute; else between half of 2^attempt seconds and all of it, at most 30 s.
 *
 * @example
 * ```ts
 * import { pauseMs } from "./retry.ts";
 * import assert from "node:assert/strict";
 * const pause = pauseMs(2, { asked: null, name: "a" });
 * assert.ok(pause >= 2000 && pause < 4000);
 * assert.equal(pauseMs(2, { asked: 500, name: "a" }), 500);
 * ```
 */
export function pauseMs(
  attempt: number,
  options: { readonly asked: number | null; readonly name: string },
): number {
  if (options.asked !== null) return Math.min(options.asked, LONGEST_WAIT_MS);
  const spread = uniforms(fold(fold(keyFromSeed(0), options.name), attempt), 1)[0] as number;
  return Math.min(30_000, 1000 * 2 ** attempt) * (0.5 + spread / 2);
}
