/**
 * Who may see the studio: whoever opened its link once, by the cookie that this gave.
 *
 * @module
 */
import { timingSafeEqual } from "node:crypto";

/** Who is let in. */
export interface Session {
  /** What the opened URL holds. */
  readonly token: string;
  /** The name of the cookie: cookies don't know ports, so the port is in it. */
  readonly cookieName: string;
  /** Trades the token for the cookie's value; `undefined` for a wrong token, or one that was used already. */
  readonly enter: (token: string) => string | undefined;
  /** Whether a cookie is the one that was handed out. */
  readonly knows: (cookie: string | undefined) => boolean;
}

const same = (a: string, b: string): boolean => {
  const [left, right] = [new TextEncoder().encode(a), new TextEncoder().encode(b)];
  return left.length === right.length && timingSafeEqual(left, right);
};

/**
 * Makes a session.
 *
 * @param port The port that is listened on.
 * @param options.secret Makes words that nobody can guess.
 * @param options.token A token that may be used again and again; without it, one is made up that works once.
 *
 * @example A token works once
 * ```ts
 * import { makeSession } from "./session.ts";
 * import assert from "node:assert/strict";
 * const words = ["first", "second"];
 * const session = makeSession(8000, { secret: () => words.shift() ?? "" });
 * const cookie = session.enter(session.token);
 * assert.deepEqual([session.knows(cookie), session.enter(session.token)], [true, undefined]);
 * ```
 */
export function makeSession(
  port: number,
  options: { readonly secret: () => string; readonly token?: string },
): Session {
  const { secret, token: chosen } = options;
  const token = chosen ?? secret();
  const cookie = secret();
  let used = false;
  return {
    token,
    cookieName: `studio_${port}`,
    enter: (given) => {
      if (!same(given, token) || (used && chosen === undefined)) return undefined;
      used = true;
      return cookie;
    },
    knows: (given) => given !== undefined && same(given, cookie),
  };
}
