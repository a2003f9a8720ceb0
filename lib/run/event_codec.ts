/**
 * TensorBoard's event messages as bytes: the little of protocol buffers that they need.
 *
 * @module
 */

const encoder = new TextEncoder();

/** Bytes of an unsigned integer, seven bits each, low bits first. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  return [...bytes, rest];
}

/**
 * Joins byte arrays.
 *
 * @returns One array.
 */
export function concatBytes(parts: readonly ArrayLike<number>[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}

/** A message under construction: the bytes of its fields. */
export type Message = Uint8Array;

/**
 * Encodes an unsigned integer field.
 *
 * @param field The field's number.
 * @param value ≥ 0, a safe integer.
 */
export function integerField(field: number, value: number): Message {
  return Uint8Array.from([...varint(field * 8), ...varint(value)]);
}

/**
 * Encodes a 64-bit float field.
 *
 * @param field The field's number.
 * @param value Any number.
 */
export function doubleField(field: number, value: number): Message {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value, true);
  return concatBytes([varint(field * 8 + 1), bytes]);
}

/**
 * Encodes a 32-bit float field.
 *
 * @param field The field's number.
 * @param value Any number; rounded to 32 bits.
 */
export function floatField(field: number, value: number): Message {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return concatBytes([varint(field * 8 + 5), bytes]);
}

/**
 * Encodes a text, bytes or message field.
 *
 * @param field The field's number.
 * @param value Text, bytes, or the fields of an inner message.
 */
export function bytesField(field: number, value: string | Uint8Array | readonly Message[]): Message {
  const bytes = typeof value === "string"
    ? encoder.encode(value)
    : value instanceof Uint8Array
    ? value
    : concatBytes(value);
  return concatBytes([varint(field * 8 + 2), varint(bytes.length), bytes]);
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let word = byte;
  for (let bit = 0; bit < 8; bit++) word = (word & 1) === 1 ? (word >>> 1) ^ 0x82f63b78 : word >>> 1;
  return word;
});

/**
 * Computes CRC-32C (Castagnoli), the checksum of event files.
 *
 * @param bytes Any bytes.
 * @returns An unsigned 32-bit number.
 *
 * @example
 * ```ts
 * import { crc32c } from "./event_codec.ts";
 * import assert from "node:assert/strict";
 * assert.equal(crc32c(new TextEncoder().encode("123456789")), 0xe3069283);
 * ```
 */
export function crc32c(bytes: Uint8Array): number {
  let state = 0xffffffff;
  for (const byte of bytes) state = (TABLE[(state ^ byte) & 255] ?? 0) ^ (state >>> 8);
  return (state ^ 0xffffffff) >>> 0;
}

const maskedCrc = (bytes: Uint8Array): number => {
  const crc = crc32c(bytes);
  return ((((crc >>> 15) | (crc << 17)) >>> 0) + 0xa282ead8) >>> 0;
};

/**
 * Frames a message as a record: length, checksum of the length, message, checksum of the message.
 *
 * @returns The bytes to append to a file.
 */
export function eventRecord(message: Message): Uint8Array {
  const record = new Uint8Array(message.length + 16);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(message.length), true);
  view.setUint32(8, maskedCrc(record.subarray(0, 8)), true);
  record.set(message, 12);
  view.setUint32(12 + message.length, maskedCrc(message), true);
  return record;
}
