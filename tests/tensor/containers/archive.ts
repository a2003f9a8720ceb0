/**
 * Archives and pickles made by hand, so that tests can make them wrong.
 *
 * @module
 */

const encoder = new TextEncoder();

/** Bytes of numbers, ASCII texts and other bytes, joined. */
export function bytes(...parts: readonly (number | string | Uint8Array)[]): Uint8Array {
  const pieces = parts.map((part) =>
    typeof part === "number" ? Uint8Array.of(part) : typeof part === "string" ? encoder.encode(part) : part
  );
  const joined = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let position = 0;
  for (const piece of pieces) {
    joined.set(piece, position);
    position += piece.length;
  }
  return joined;
}

const little = (value: number, size: number): Uint8Array =>
  Uint8Array.from({ length: size }, (_, index) => Math.floor(value / 256 ** index) % 256);

/** An entry of a zip file. */
export interface ArchiveEntry {
  readonly name: string;
  readonly content: Uint8Array;
  /** Compression method; 0 is stored. */
  readonly method?: number;
  readonly flags?: number;
}

/** Writes a zip file; `zip64` puts all sizes and offsets into the 64-bit fields. */
export function zip(
  entries: readonly ArchiveEntry[],
  options: { readonly zip64?: boolean } = {},
): Uint8Array {
  let body: Uint8Array = new Uint8Array(0);
  let directory: Uint8Array = new Uint8Array(0);
  const narrow = (value: number): Uint8Array => options.zip64 ? little(0xffffffff, 4) : little(value, 4);
  for (const { name, content, method = 0, flags = 0 } of entries) {
    const offset = body.length;
    const shared = bytes(little(20, 2), little(flags, 2), little(method, 2), little(0, 8));
    const extra = options.zip64
      ? bytes(
        little(1, 2),
        little(24, 2),
        little(content.length, 8),
        little(content.length, 8),
        little(offset, 8),
      )
      : new Uint8Array(0);
    const sizes = bytes(
      narrow(content.length),
      narrow(content.length),
      little(name.length, 2),
      little(extra.length, 2),
    );
    body = bytes(body, "PK\x03\x04", shared, sizes, name, extra, content);
    const rest = bytes(little(0, 10), narrow(offset), name, extra);
    directory = bytes(directory, "PK\x01\x02", little(20, 2), shared, sizes, rest);
  }
  const count = options.zip64 ? 0xffff : entries.length;
  const end = bytes(
    "PK\x05\x06",
    little(0, 4),
    little(count, 2),
    little(count, 2),
    narrow(directory.length),
    narrow(body.length),
    little(0, 2),
  );
  if (!options.zip64) return bytes(body, directory, end);
  const end64 = bytes(
    "PK\x06\x06",
    little(44, 8),
    little(0, 12),
    little(entries.length, 8),
    little(entries.length, 8),
    little(directory.length, 8),
    little(body.length, 8),
  );
  const locator = bytes("PK\x06\x07", little(0, 4), little(body.length + directory.length, 8), little(1, 4));
  return bytes(body, directory, end64, locator, end);
}

/** BINUNICODE. */
export function unicode(text: string): Uint8Array {
  return bytes("X", little(encoder.encode(text).length, 4), text);
}

/** BININT. */
export function int(value: number): Uint8Array {
  return bytes("J", little(value >>> 0, 4));
}

/** GLOBAL. */
export function global(module: string, name: string): Uint8Array {
  return bytes("c", module, "\n", name, "\n");
}

/** A tuple of any length. */
export function tuple(...items: readonly Uint8Array[]): Uint8Array {
  return bytes("(", ...items, "t");
}

/** A tensor view of a storage, as PyTorch pickles it. */
export interface ViewSpec {
  readonly storage?: Uint8Array;
  readonly key?: string;
  readonly count?: number;
  readonly offset?: number;
  readonly shape?: readonly number[];
  readonly strides?: readonly number[];
}

/** The pickle of a tensor; by default two 32-bit floats, saved on a GPU. */
export function tensor(view: ViewSpec = {}): Uint8Array {
  const { key = "0", count = 2, offset = 0, shape = [2], strides = [1] } = view;
  const storage = view.storage ?? global("torch", "FloatStorage");
  const id = tuple(unicode("storage"), storage, unicode(key), unicode("cuda:0"), int(count));
  const axes = (values: readonly number[]): Uint8Array => tuple(...values.map(int));
  const hooks = bytes(global("collections", "OrderedDict"), ")R");
  return bytes(
    global("torch._utils", "_rebuild_tensor_v2"),
    tuple(bytes(id, "Q"), int(offset), axes(shape), axes(strides), bytes(0x89), hooks),
    "R",
  );
}

/** A dictionary. */
export function dict(entries: Readonly<Record<string, Uint8Array>>): Uint8Array {
  return bytes("}(", ...Object.entries(entries).flatMap(([name, value]) => [unicode(name), value]), "u");
}

/** A pickle of protocol 2. */
export function pickle(value: Uint8Array): Uint8Array {
  return bytes(0x80, 2, value, ".");
}

/** A checkpoint in PyTorch's zip layout with the floats 1 and 2 as storage 0. */
export function checkpoint(
  value: Uint8Array,
  options: { readonly zip64?: boolean; readonly extra?: readonly ArchiveEntry[] } = {},
): Uint8Array {
  const floats = new Uint8Array(Float32Array.of(1, 2).buffer);
  return zip([
    { name: "any/data.pkl", content: pickle(value) },
    { name: "any/data/0", content: floats },
    ...options.extra ?? [],
  ], options);
}
