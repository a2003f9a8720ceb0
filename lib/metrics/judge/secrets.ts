/**
 * Keys that a request carries never come back in words: servers repeat them in refusals.
 *
 * @module
 */

import * as E from "fp-ts/lib/Either.js";
import { refuse } from "../../core/refuse.ts";
import type { Checked } from "../../core/stage.ts";

/** What stands where a secret stood. */
export const HIDDEN = "[hidden]";

/** Shorter keys are placeholders such as `EMPTY`, which ordinary answers may contain. */
const SHORTEST = 8;

const SECRET_HEADER = /^(proxy-)?authorization$|cookie|key|token|secret/i;
const SECRET_QUERY = /key|token|secret|password|signature|^sig$|^auth/i;

/** The parts of a URL that let somebody in: a password in front of the host, keys behind the question mark. */
const ofUrl = (url: string): readonly string[] => {
  if (!URL.canParse(url)) return [];
  const { username, password, searchParams } = new URL(url);
  const queried = [...searchParams].filter(([name]) => SECRET_QUERY.test(name)).map(([, value]) => value);
  return [password, password === "" ? "" : username, ...queried].map(decoded);
};

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/**
 * Lists what is secret in a request.
 *
 * @param request Its address and headers.
 * @returns Keys of eight characters or more.
 */
export function secretsOf(
  request: { readonly url: string; readonly headers: Readonly<Record<string, string>> },
): readonly string[] {
  const headed = Object.entries(request.headers)
    .filter(([name]) => SECRET_HEADER.test(name))
    .map(([, value]) => value.replace(/^[A-Za-z]+\s+/, ""));
  return [...new Set([...headed, ...ofUrl(request.url)])].filter((secret) => secret.length >= SHORTEST);
}

/** The middles of a text's base64 that do not depend on what stands around it, for the three ways it can lie. */
const base64Cores = (secret: string): readonly string[] =>
  [0, 1, 2].flatMap((shift) => {
    const bytes = new TextEncoder().encode(`${"\0".repeat(shift)}${secret}`);
    const core = bytes.toBase64({ omitPadding: true }).slice(
      Math.ceil(shift * 8 / 6),
      Math.floor(bytes.length * 8 / 6),
    );
    return [core, core.replaceAll("+", "-").replaceAll("/", "_")];
  });

const forms = (secret: string): readonly string[] => [
  ...[secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)],
  ...base64Cores(secret),
];

/**
 * Takes secrets out of a text, plain, in base64, in a URL or in JSON.
 *
 * @param text What a server said.
 * @param secrets From {@link secretsOf}.
 * @returns The text with `[hidden]` in their place.
 *
 * @example
 * ```ts
 * import { hideSecrets } from "./secrets.ts";
 * import assert from "node:assert/strict";
 * assert.equal(hideSecrets("wrong key sk-secret-1", ["sk-secret-1"]), "wrong key [hidden]");
 * ```
 */
export function hideSecrets(text: string, secrets: readonly string[]): string {
  return [...new Set(secrets.flatMap(forms))]
    .sort((a, b) => b.length - a.length)
    .reduce((shown, secret) => shown.replaceAll(secret, HIDDEN), text);
}

/**
 * Makes sure that an address may be written down: into settings, logs and the names of caches.
 *
 * @param url The address of a server.
 * @param where The setting, for the message; the address itself is not repeated in it.
 * @param remedy Where the key belongs; default: into `OPENAI_API_KEY`.
 * @returns Nothing; left `InputInvalid` if a password or a key is in it.
 */
export function openAddress(url: string, where: string, remedy: string = KEY_REMEDY): Checked<void> {
  return ofUrl(url).some((secret) => secret !== "")
    ? refuse(
      where,
      "the address has a key or a password in it, which would be written into the run",
      remedy,
    )
    : E.right(undefined);
}

const KEY_REMEDY =
  "put the key into the environment variable OPENAI_API_KEY, and leave it out of the address";
