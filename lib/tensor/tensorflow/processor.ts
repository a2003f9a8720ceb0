/**
 * What kind of processor this is, down to its instruction sets.
 *
 * @module
 */

/** Enough for the first of the processors. */
const BYTES = 8192;

/**
 * Reads name and instruction sets of the first processor.
 *
 * The system tells them in `/proc/cpuinfo`, which Deno itself opens with `--allow-all` only; the C library reads it with
 * the permission that TensorFlow needs anyway.
 *
 * @returns Two lines, name and sets; throws where there is no such file or no glibc.
 */
export function processorText(): string {
  const libc = Deno.dlopen("libc.so.6", {
    open: { parameters: ["buffer", "i32"], result: "i32" },
    read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
    close: { parameters: ["i32"], result: "i32" },
  });
  const { open, read, close } = libc.symbols;
  const file = open(new TextEncoder().encode("/proc/cpuinfo\0"), 0);
  const bytes = new Uint8Array(BYTES);
  const length = Number(read(file, bytes, BigInt(BYTES)));
  close(file);
  if (length <= 0) throw new Error("the processor is not described here");
  const told = new TextDecoder().decode(bytes.subarray(0, length)).split("\n");
  const first = (name: RegExp): string => told.find((line) => name.test(line)) ?? "";
  return `${first(/^model name/)}\n${first(/^(flags|Features)/)}`;
}
