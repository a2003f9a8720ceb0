/**
 * The byte-level alphabet of GPT-2: each of the 256 bytes as one printable character.
 *
 * @module
 */

/**
 * Bytes in the order of their ids: the printable ones (33–126, 161–172, 174–255), then the other 68.
 *
 * @returns All 256 bytes, once each.
 */
export function byteOrder(): readonly number[] {
  const bytes = Array.from({ length: 256 }, (_, byte) => byte);
  return [...bytes.filter(isPrintable), ...bytes.filter((byte) => !isPrintable(byte))];
}

const isPrintable = (byte: number): boolean =>
  (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;

/** The character that stands for each byte, `BYTE_SYMBOLS[byte]`; the space is `Ġ`. */
export const BYTE_SYMBOLS: readonly string[] = makeSymbols();

function makeSymbols(): readonly string[] {
  const symbols: string[] = [];
  for (const [position, byte] of byteOrder().entries()) {
    symbols[byte] = String.fromCharCode(isPrintable(byte) ? byte : 256 + position - 188);
  }
  return symbols;
}

/**
 * Writes a text in the byte-level alphabet.
 *
 * @param text Any text.
 * @returns One character a byte of its UTF-8 form.
 *
 * @example
 * ```ts
 * import { byteSymbols } from "./byte_level.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(byteSymbols(" é"), ["Ġ", "Ã", "©"]);
 * ```
 */
export function byteSymbols(text: string): string[] {
  return Array.from(new TextEncoder().encode(text), (byte) => BYTE_SYMBOLS[byte] as string);
}

/**
 * The words of GPT-2: contractions, then letters, numbers or other signs with at most one space before them.
 *
 * White space is what Unicode calls so: U+0085 is, U+FEFF is not, unlike in JavaScript's `\s`.
 */
export const WORD_PATTERN =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

/** A part of a `tokenizer.json`. */
export type Component = Readonly<Record<string, unknown>>;

/**
 * Makes a pre-tokenizer split words with {@link WORD_PATTERN}, wherever it says `ByteLevel` with its own pattern.
 *
 * @param component A pre-tokenizer; sequences are searched.
 * @returns The same pre-tokenizer with the splitting written out.
 */
export function exactByteLevel(component: Component): Component {
  if (component["type"] === "Sequence") {
    const parts = component["pretokenizers"] as readonly Component[];
    return { ...component, pretokenizers: parts.map(exactByteLevel) };
  }
  if (
    component["type"] !== "ByteLevel" || component["use_regex"] === false ||
    component["add_prefix_space"] === true
  ) {
    return component;
  }
  const words = { type: "Split", pattern: { Regex: WORD_PATTERN.source }, behavior: "Removed", invert: true };
  return { type: "Sequence", pretokenizers: [words, { ...component, use_regex: false }] };
}
