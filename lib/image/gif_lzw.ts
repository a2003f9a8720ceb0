/**
 * GIF's variable-width LZW code stream.
 *
 * @module
 */

const MAX_CODES = 4096;
const MAX_WIDTH = 12;

/** Reads codes of growing width, least significant bit first. */
class CodeReader {
  #bits = 0;
  #count = 0;
  #at = 0;
  readonly #data: Uint8Array;

  constructor(data: Uint8Array) {
    this.#data = data;
  }

  /** The next code; -1 at the end of the data. */
  next(width: number): number {
    while (this.#count < width) {
      if (this.#at >= this.#data.length) return -1;
      this.#bits |= (this.#data[this.#at] as number) << this.#count;
      this.#count += 8;
      this.#at += 1;
    }
    const code = this.#bits & ((1 << width) - 1);
    this.#bits >>>= width;
    this.#count -= width;
    return code;
  }
}

/** The strings that the codes stand for: each is an earlier string and one index more. */
class StringTable {
  readonly #prefix = new Int16Array(MAX_CODES);
  readonly #suffix = new Uint8Array(MAX_CODES);
  readonly #lengths = new Uint16Array(MAX_CODES);

  constructor(single: number) {
    for (let code = 0; code < single; code++) {
      this.#suffix[code] = code;
      this.#lengths[code] = 1;
    }
  }

  lengthOf(code: number): number {
    return this.#lengths[code] as number;
  }

  add(code: number, prefix: number, last: number): void {
    this.#prefix[code] = prefix;
    this.#suffix[code] = last;
    this.#lengths[code] = this.lengthOf(prefix) + 1;
  }

  /** Writes a string from `start` on, as far as it fits, and returns its first index. */
  write(code: number, out: Uint8Array, start: number): number {
    let current = code;
    for (let at = start + this.lengthOf(code) - 1; at > start; at--) {
      if (at < out.length) out[at] = this.#suffix[current] as number;
      current = this.#prefix[current] as number;
    }
    out[start] = current;
    return current;
  }
}

/**
 * Expands a code stream.
 *
 * @param data The joined sub-blocks of one frame.
 * @param minCodeSize Bits of a palette index, 1…8.
 * @param length How many indices the frame has.
 * @returns `length` palette indices; null if the stream is damaged or ends early. What follows the last index is ignored.
 */
export function expandGifCodes(data: Uint8Array, minCodeSize: number, length: number): Uint8Array | null {
  const clear = 1 << minCodeSize;
  const end = clear + 1;
  const table = new StringTable(clear);
  const reader = new CodeReader(data);
  const out = new Uint8Array(length);
  let [written, width, next, previous] = [0, minCodeSize + 1, end + 1, -1];
  while (written < length) {
    const code = reader.next(width);
    if (code === -1 || code === end) return null;
    if (code === clear) {
      [width, next, previous] = [minCodeSize + 1, end + 1, -1];
      continue;
    }
    if (code > next || (previous === -1 && code >= clear)) return null;
    const known = code < next ? code : previous;
    const first = table.write(known, out, written);
    written += table.lengthOf(known);
    if (code === next && written < length) out[written] = first;
    if (code === next) written += 1;
    if (previous !== -1 && next < MAX_CODES) {
      table.add(next, previous, first);
      next += 1;
      if (next === 1 << width && width < MAX_WIDTH) width += 1;
    }
    previous = code;
  }
  return out;
}
