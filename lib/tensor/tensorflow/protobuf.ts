/**
 * Protocol buffers, as much as function definitions need: four wire types, written and read.
 *
 * @module
 */

/** Encoded bytes. */
export type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();

/**
 * Joins pieces.
 *
 * @param pieces Encoded parts.
 * @returns One array.
 */
export function concatBytes(pieces: readonly Uint8Array[]): Bytes {
  const joined = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    joined.set(piece, offset);
    offset += piece.length;
  }
  return joined;
}

/**
 * Encodes an integer; negative ones as 64-bit two's complement.
 *
 * @returns 1 to 10 bytes.
 *
 * @example
 * ```ts
 * import { varint } from "./protobuf.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual([...varint(300)], [0xac, 0x02]);
 * ```
 */
export function varint(value: number | bigint): Bytes {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  do {
    const low = Number(rest & 127n);
    rest >>= 7n;
    bytes.push(rest === 0n ? low : low | 128);
  } while (rest !== 0n);
  return Uint8Array.from(bytes);
}

/**
 * Encodes a 32-bit float.
 *
 * @returns 4 bytes, little-endian.
 */
export function float32(value: number): Bytes {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return bytes;
}

/**
 * Writes an integer field.
 *
 * @returns Key and value.
 */
export function integerField(field: number, value: number | bigint): Bytes {
  return concatBytes([varint(field << 3), varint(value)]);
}

/**
 * Writes a float field.
 *
 * @returns Key and value.
 */
export function floatField(field: number, value: number): Bytes {
  return concatBytes([varint((field << 3) | 5), float32(value)]);
}

/**
 * Writes a string, bytes or message field.
 *
 * @param content Text, bytes, or the parts of a message.
 * @returns Key, length and content.
 */
export function bytesField(field: number, content: string | Uint8Array | readonly Uint8Array[]): Bytes {
  const bytes = typeof content === "string"
    ? encoder.encode(content)
    : content instanceof Uint8Array
    ? content
    : concatBytes(content);
  return concatBytes([varint((field << 3) | 2), varint(bytes.length), bytes]);
}

/** A field as read: integers as numbers (exact below 2^53), the rest as views of the input. */
export interface Field {
  readonly number: number;
  readonly integer: number;
  readonly bytes: Uint8Array;
}

/**
 * Reads the fields of a message one after the other.
 *
 * @returns The fields in order; throws on a wire type that protocol buffers 3 don't have.
 */
export function* readFields(message: Uint8Array): Generator<Field, void, undefined> {
  let position = 0;
  const readVarint = (): number => {
    let value = 0;
    for (let factor = 1;; factor *= 128) {
      const byte = message[position++] as number;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  const take = (length: number): Uint8Array => message.subarray(position, position += length);
  while (position < message.length) {
    const key = readVarint();
    const wire = key & 7;
    const number = key >>> 3;
    if (wire === 0) yield { number, integer: readVarint(), bytes: new Uint8Array(0) };
    else if (wire === 2) yield { number, integer: 0, bytes: take(readVarint()) };
    else if (wire === 5) yield { number, integer: 0, bytes: take(4) };
    else if (wire === 1) yield { number, integer: 0, bytes: take(8) };
    else throw new Error(`field ${number}: wire type ${wire} is unknown`);
  }
}
