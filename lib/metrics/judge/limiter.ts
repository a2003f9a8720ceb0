/**
 * Bounds on requests: how many at once, and how many a minute.
 *
 * @module
 */
import type { Task } from "fp-ts/lib/Task.js";

/** The bounds. */
export interface LimiterOptions {
  /** Requests under way at the same time, ≥ 1. */
  readonly concurrency: number;
  /** Requests that may start in a minute, evenly spaced; `null` = no bound. */
  readonly requestsPerMinute: number | null;
}

/** What the limiter needs of time. */
export interface LimiterTime {
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  readonly wait: (milliseconds: number) => Task<void>;
}

/** Runs tasks within the bounds, in the order in which they came. */
export type Limiter = <A>(task: Task<A>, time: LimiterTime) => Task<A>;

/**
 * Makes a limiter; all tasks that share it share its bounds.
 *
 * @returns A function that delays a task until its turn.
 */
export function makeLimiter(options: LimiterOptions): Limiter {
  const spacing = options.requestsPerMinute === null ? 0 : 60_000 / options.requestsPerMinute;
  const waiting: (() => void)[] = [];
  let running = 0;
  let nextStart = -Infinity;
  const enter = (): Promise<void> => {
    if (running < options.concurrency) {
      running++;
      return Promise.resolve();
    }
    return new Promise((admitted) => waiting.push(admitted));
  };
  // A place that becomes free goes straight to the first in the queue, so nobody can overtake it.
  const leave = (): void => {
    const first = waiting.shift();
    if (first === undefined) running--;
    else first();
  };
  const pace = async ({ now, wait }: LimiterTime): Promise<void> => {
    const current = now();
    const start = Math.max(current, nextStart);
    nextStart = start + spacing;
    if (start > current) await wait(start - current)();
  };
  return (task, time) => async () => {
    await enter();
    try {
      await pace(time);
      return await task();
    } finally {
      leave();
    }
  };
}
