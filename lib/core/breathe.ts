/**
 * A pause between two pieces of synchronous work.
 *
 * @module
 */

/**
 * Lets signals and timers through: work that blocks the thread would keep Ctrl-C waiting.
 *
 * @returns A promise that is kept after everything that waits already.
 */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
