/**
 * A forward cursor over a part of a file, buffered, bounded at both ends.
 *
 * @module
 */
import { type RandomAccess, readOrThrow } from "./random_access.ts";

const CHUNK = 2 ** 16;
const MAX_TAKE = 2 ** 24;
const MAX_LINE = 2 ** 12;

/** Reads little-endian values one after the other; throws at the end of its part. */
export class ByteCursor {
  private chunk: Uint8Array = new Uint8Array(0);
  private chunkOffset: number;

  /**
   * Puts a cursor at the start of a part of a file.
   *
   * @param position The first byte.
   * @param end One past the last byte that may be read.
   */
  constructor(private readonly blob: RandomAccess, public position: number, private readonly end: number) {
    this.chunkOffset = position;
  }

  /** Takes the next bytes, at most 16 MiB. */
  take(length: number): Uint8Array {
    if (length > MAX_TAKE) throw new Error(`${length} bytes in one piece are too many`);
    if (this.position + length > this.end) throw new Error("the pickle ends too early");
    const from = this.position - this.chunkOffset;
    if (from + length > this.chunk.byteLength) this.fill(length);
    const start = this.position - this.chunkOffset;
    this.position += length;
    return this.chunk.subarray(start, start + length);
  }

  private fill(length: number): void {
    const size = Math.min(Math.max(length, CHUNK), this.end - this.position);
    this.chunk = readOrThrow(this.blob, this.position, size);
    this.chunkOffset = this.position;
  }

  private view(length: number): DataView {
    const bytes = this.take(length);
    return new DataView(bytes.buffer, bytes.byteOffset, length);
  }

  /** An unsigned byte. */
  u8(): number {
    return this.take(1)[0] as number;
  }

  /** An unsigned 16-bit integer. */
  u16(): number {
    return this.view(2).getUint16(0, true);
  }

  /** An unsigned 32-bit integer. */
  u32(): number {
    return this.view(4).getUint32(0, true);
  }

  /** A signed 32-bit integer. */
  i32(): number {
    return this.view(4).getInt32(0, true);
  }

  /** A 64-bit float in the byte order of pickles. */
  f64BigEndian(): number {
    return this.view(8).getFloat64(0, false);
  }

  /** ASCII up to a line feed, which is dropped; at most 4096 characters. */
  line(): string {
    let line = "";
    for (let byte = this.u8(); byte !== 0x0a; byte = this.u8()) {
      if (line.length >= MAX_LINE) throw new Error("a pickle line is too long");
      line += String.fromCharCode(byte);
    }
    return line;
  }
}
