/**
 * The most memory that this process has held, where the system counts it.
 *
 * @module
 */

/** Bytes of memory of this process. */
export interface Memory {
  /** Most since the start or the last {@link forgetPeak}. */
  readonly peak: number;
  readonly now: number;
}

const field = (status: string, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1] ?? NaN) * 1024;

/**
 * Reads the memory of this process.
 *
 * @returns Resident bytes; the peak is NaN where there is no `/proc`.
 */
export function readMemory(): Memory {
  try {
    const status = Deno.readTextFileSync("/proc/self/status");
    return { peak: field(status, "VmHWM"), now: field(status, "VmRSS") };
  } catch {
    return { peak: NaN, now: Deno.memoryUsage().rss };
  }
}

/** Starts a new peak; does nothing where the system has no such thing. */
export function forgetPeak(): void {
  try {
    Deno.writeTextFileSync("/proc/self/clear_refs", "5");
  } catch {
    // The peak then is that of the whole process.
  }
}
