/**
 * One queue of commands: one runs, the others wait.
 *
 * @module
 */

/** A process that was started. */
export interface StartedProcess {
  /** Asks it to end in good order, as Ctrl-C does. */
  readonly stop: () => void;
  /** Its exit code, when it has ended. */
  readonly ended: Promise<number>;
}

/** Starts the project's own tasks. */
export interface HasProcesses {
  /** Starts `deno task <words>`; each line that it prints is handed on. */
  readonly start: (words: readonly string[], onLine: (line: string) => void) => StartedProcess;
}

/** What a command does. */
export type JobState = "waiting" | "running" | "stopping" | "done" | "failed" | "stopped";

/** A command in the queue. */
export interface Job {
  readonly id: number;
  /** What follows `deno task`. */
  readonly words: readonly string[];
  readonly state: JobState;
  /** The last lines that it printed. */
  readonly lines: readonly string[];
}

/** The queue. */
export interface Queue {
  /** Newest first. */
  readonly jobs: () => readonly Job[];
  /** Adds a command; `undefined` if the same one waits or runs already, as from a second tab. */
  readonly add: (words: readonly string[]) => Job | undefined;
  /** Stops a running command in good order, or takes a waiting one out; nothing for one that has ended. */
  readonly stop: (id: number) => void;
}

/** Lines that are kept of a command. */
const KEPT = 12;

/** Commands that are kept after they ended. */
const REMEMBERED = 20;

/** How Ctrl-C ends a command. */
const INTERRUPTED = 130;

const OPEN: readonly JobState[] = ["waiting", "running", "stopping"];

const isOpen = ({ state }: Job): boolean => OPEN.includes(state);

const sameWords = (a: readonly string[], b: readonly string[]): boolean =>
  JSON.stringify(a) === JSON.stringify(b);

/** The newest commands, and all that are not at their end. */
const remembered = (jobs: readonly Job[]): readonly Job[] =>
  jobs.filter((job, at) => at < REMEMBERED || isOpen(job));

const withLine = (line: string) => ({ lines }: Job): Partial<Job> => ({
  lines: [...lines, line].slice(-KEPT),
});

const endOf = (code: number): JobState => code === 0 ? "done" : code === INTERRUPTED ? "stopped" : "failed";

/**
 * Makes an empty queue.
 *
 * @param processes Starts the commands.
 *
 * @example The same command is taken once
 * ```ts
 * import { makeQueue } from "./queue.ts";
 * import assert from "node:assert/strict";
 * const queue = makeQueue({ start: () => ({ stop: () => {}, ended: new Promise(() => {}) }) });
 * queue.add(["train"]);
 * assert.deepEqual([queue.add(["train"]), queue.jobs().map(({ state }) => state)], [undefined, ["running"]]);
 * ```
 */
export function makeQueue({ start }: HasProcesses): Queue {
  let jobs: readonly Job[] = [];
  let running: { readonly id: number; readonly process: StartedProcess } | null = null;
  let next = 1;
  const change = (id: number, part: (job: Job) => Partial<Job>): void => {
    jobs = jobs.map((job) => job.id === id ? { ...job, ...part(job) } : job);
  };
  const advance = (): void => {
    const waiting = jobs.findLast(({ state }) => state === "waiting");
    if (running !== null || waiting === undefined) return;
    const { id, words } = waiting;
    const process = start(words, (line) => change(id, withLine(line)));
    running = { id, process };
    change(id, () => ({ state: "running" }));
    process.ended.then((code) => {
      change(id, () => ({ state: endOf(code) }));
      running = null;
      jobs = remembered(jobs);
      advance();
    });
  };
  return {
    jobs: () => jobs,
    add: (words) => {
      if (jobs.some((job) => isOpen(job) && sameWords(job.words, words))) return undefined;
      const job: Job = { id: next++, words, state: "waiting", lines: [] };
      jobs = [job, ...jobs];
      advance();
      return job;
    },
    stop: (id) => {
      const job = jobs.find((each) => each.id === id);
      if (job?.state === "waiting") change(id, () => ({ state: "stopped" }));
      if (job?.state !== "running" || running?.id !== id) return;
      change(id, () => ({ state: "stopping" }));
      running.process.stop();
    },
  };
}

/**
 * Writes a command as it is typed.
 *
 * @param words What follows `deno task`.
 * @returns The line, quoted for a shell where that is needed.
 *
 * @example
 * ```ts
 * import { commandText } from "./queue.ts";
 * import assert from "node:assert/strict";
 * assert.equal(commandText(["train", "--set", "name=my dog"]), "deno task train --set 'name=my dog'");
 * ```
 */
export function commandText(words: readonly string[]): string {
  const quoted = (word: string): string =>
    /^[\w./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
  return ["deno", "task", ...words].map(quoted).join(" ");
}
