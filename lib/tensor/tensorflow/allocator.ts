/**
 * The C library's allocator: keep freed tensor memory instead of returning it to the system at every step.
 *
 * @module
 */

const M_TRIM_THRESHOLD = -1;
const M_TOP_PAD = -2;
const M_MMAP_THRESHOLD = -3;

/**
 * Tells glibc to serve large blocks from the heap and to keep them.
 *
 * Page faults on fresh memory cost up to a fifth of a training step on CPU; other C libraries are left alone.
 *
 * @returns Whether the settings were taken.
 */
export function keepFreedMemory(): boolean {
  if (Deno.build.os !== "linux") return false;
  try {
    const libc = Deno.dlopen("libc.so.6", { mallopt: { parameters: ["i32", "i32"], result: "i32" } });
    const { mallopt } = libc.symbols;
    const taken = [
      mallopt(M_MMAP_THRESHOLD, 0x7fffffff),
      mallopt(M_TRIM_THRESHOLD, 0x7fffffff),
      mallopt(M_TOP_PAD, 256 << 20),
    ];
    return taken.every((code) => code === 1);
  } catch {
    return false;
  }
}

/**
 * Gives memory that was freed back to the system: what compiling took is kept by {@link keepFreedMemory} and never used
 * again. Takes milliseconds; pages that a step does need come back at its next use.
 *
 * @returns Whether the C library could be asked.
 */
export function releaseFreedMemory(): boolean {
  if (Deno.build.os !== "linux") return false;
  try {
    const libc = Deno.dlopen("libc.so.6", { malloc_trim: { parameters: ["usize"], result: "i32" } });
    libc.symbols.malloc_trim(0n);
    return true;
  } catch {
    return false;
  }
}
