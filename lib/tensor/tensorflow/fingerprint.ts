/**
 * Short names for long contents.
 *
 * @module
 */

const OFFSETS = [0x811c9dc5, 0x050c5d1f] as const;
const PRIME = 0x01000193;

/**
 * Hashes bytes: two 32-bit FNV-1a from different starts. Not for secrets.
 *
 * @param bytes Any number of bytes.
 * @returns 16 hexadecimal digits.
 *
 * @example
 * ```ts
 * import { fingerprint } from "./fingerprint.ts";
 * import assert from "node:assert/strict";
 * assert.equal(fingerprint(new TextEncoder().encode("a")).slice(0, 8), "e40c292c");
 * ```
 */
export function fingerprint(bytes: Uint8Array): string {
  return OFFSETS.map((offset) => {
    let hash: number = offset;
    for (const byte of bytes) hash = Math.imul(hash ^ byte, PRIME);
    return (hash >>> 0).toString(16).padStart(8, "0");
  }).join("");
}
