/**
 * The part of the zip format that PyTorch writes: stored entries, zip64 where large. Nothing is ever inflated.
 *
 * @module
 */
import { type RandomAccess, readOrThrow } from "./random_access.ts";

/** An entry of the central directory. */
export interface ZipEntry {
  readonly name: string;
  /** 0 is stored, anything else compressed. */
  readonly method: number;
  readonly encrypted: boolean;
  /** Bytes of content. */
  readonly size: number;
  /** Where the local header lies in the file. */
  readonly headerOffset: number;
}

const END_SIGNATURE = 0x06054b50;
const END64_SIGNATURE = 0x06064b50;
const LOCATOR64_SIGNATURE = 0x07064b50;
const ENTRY_SIGNATURE = 0x02014b50;
const LOCAL_SIGNATURE = 0x04034b50;
const MAX_DIRECTORY_BYTES = 64 * 2 ** 20;

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const wide = (view: DataView, offset: number): number => {
  const value = view.getBigUint64(offset, true);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new Error("a zip64 number is too large");
  return Number(value);
};

/**
 * Lists the entries of a zip file.
 *
 * @returns Entries by name.
 * @throws Error if there is no intact central directory or a name occurs twice.
 */
export function zipEntries(blob: RandomAccess): ReadonlyMap<string, ZipEntry> {
  const { offset, size } = directorySpan(blob);
  if (size > MAX_DIRECTORY_BYTES) throw new Error(`the zip directory claims ${size} bytes`);
  const bytes = readOrThrow(blob, offset, size);
  const entries = new Map<string, ZipEntry>();
  for (let position = 0; position < size;) {
    const { entry, next } = directoryEntry(bytes, position);
    if (entries.has(entry.name)) throw new Error(`the zip entry ${entry.name} occurs twice`);
    entries.set(entry.name, entry);
    position = next;
  }
  return entries;
}

function directorySpan(blob: RandomAccess): { readonly offset: number; readonly size: number } {
  const tailLength = Math.min(blob.size, 22 + 0xffff);
  const tailOffset = blob.size - tailLength;
  const view = viewOf(readOrThrow(blob, tailOffset, tailLength));
  let end = tailLength - 22;
  while (end >= 0 && !isEnd(view, end)) end--;
  if (end < 0) throw new Error("the zip file has no central directory; it is cut off or not a zip file");
  const size = view.getUint32(end + 12, true);
  const offset = view.getUint32(end + 16, true);
  const isWide = view.getUint16(end + 10, true) === 0xffff || size === 0xffffffff || offset === 0xffffffff;
  return isWide ? wideDirectorySpan(blob, tailOffset + end) : { offset, size };
}

const isEnd = (view: DataView, position: number): boolean =>
  view.getUint32(position, true) === END_SIGNATURE &&
  position + 22 + view.getUint16(position + 20, true) === view.byteLength;

function wideDirectorySpan(
  blob: RandomAccess,
  end: number,
): { readonly offset: number; readonly size: number } {
  const locator = viewOf(readOrThrow(blob, end - 20, 20));
  if (locator.getUint32(0, true) !== LOCATOR64_SIGNATURE) throw new Error("the zip64 locator is missing");
  const record = viewOf(readOrThrow(blob, wide(locator, 8), 56));
  if (record.getUint32(0, true) !== END64_SIGNATURE) throw new Error("the zip64 end record is missing");
  return { size: wide(record, 40), offset: wide(record, 48) };
}

function directoryEntry(
  bytes: Uint8Array,
  position: number,
): { readonly entry: ZipEntry; readonly next: number } {
  const view = viewOf(bytes);
  if (position + 46 > bytes.byteLength || view.getUint32(position, true) !== ENTRY_SIGNATURE) {
    throw new Error("the zip directory is damaged");
  }
  const nameEnd = position + 46 + view.getUint16(position + 28, true);
  const extraEnd = nameEnd + view.getUint16(position + 30, true);
  const next = extraEnd + view.getUint16(position + 32, true);
  if (next > bytes.byteLength) throw new Error("the zip directory is damaged");
  const extra = wideFields(viewOf(bytes.subarray(nameEnd, extraEnd)));
  const narrow = (offset: number): number => {
    const value = view.getUint32(position + offset, true);
    return value === 0xffffffff ? extra() : value;
  };
  const size = narrow(24);
  const storedSize = narrow(20);
  const headerOffset = narrow(42);
  const name = new TextDecoder().decode(bytes.subarray(position + 46, nameEnd));
  const method = view.getUint16(position + 10, true);
  if (method === 0 && size !== storedSize) throw new Error(`the zip entry ${name} has two sizes`);
  const encrypted = (view.getUint16(position + 8, true) & 1) === 1;
  return { entry: { name, method, encrypted, size, headerOffset }, next };
}

/** The 64-bit numbers of the zip64 extra field, one a call, in their fixed order. */
function wideFields(extra: DataView): () => number {
  let position = 0;
  let end = 0;
  for (let field = 0; field + 4 <= extra.byteLength; field += 4 + extra.getUint16(field + 2, true)) {
    if (extra.getUint16(field, true) !== 1) continue;
    position = field + 4;
    end = Math.min(extra.byteLength, position + extra.getUint16(field + 2, true));
    break;
  }
  return () => {
    if (position + 8 > end) throw new Error("a zip64 number is missing");
    position += 8;
    return wide(extra, position - 8);
  };
}

/**
 * Finds the content of an entry in the file.
 *
 * @param entry One of {@link zipEntries}.
 * @returns The offset of its first byte; `entry.size` bytes follow.
 * @throws Error if the entry is compressed or encrypted, or its content is not inside the file.
 */
export function storedOffset(blob: RandomAccess, entry: ZipEntry): number {
  if (entry.method !== 0) {
    throw new Error(`the zip entry ${entry.name} is compressed; only stored entries are read`);
  }
  if (entry.encrypted) throw new Error(`the zip entry ${entry.name} is encrypted`);
  const local = viewOf(readOrThrow(blob, entry.headerOffset, 30));
  if (local.getUint32(0, true) !== LOCAL_SIGNATURE) {
    throw new Error(`the zip entry ${entry.name} has no header`);
  }
  const offset = entry.headerOffset + 30 + local.getUint16(26, true) + local.getUint16(28, true);
  if (offset + entry.size > blob.size) throw new Error(`the zip entry ${entry.name} ends beyond the file`);
  return offset;
}
