/**
 * Short names of what something was made from.
 *
 * @module
 */
import { createHash } from "node:crypto";

/**
 * Fingerprints all that a result depends on.
 *
 * @param parts Weights, settings, words, seed: anything that JSON can hold.
 * @returns 16 hexadecimal digits.
 *
 * @example
 * ```ts
 * import { fingerprintOf } from "./fingerprint.ts";
 * import assert from "node:assert/strict";
 * assert.match(fingerprintOf(["weights", 1]), /^[0-9a-f]{16}$/);
 * assert.notEqual(fingerprintOf(["weights", 1]), fingerprintOf(["weights", 2]));
 * ```
 */
export function fingerprintOf(parts: unknown): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
}
