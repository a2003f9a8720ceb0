/**
 * The small interfaces through which stages touch the world. `lib/run/live.ts` holds the real ones.
 *
 * @module
 */
import type { TaskEither } from "fp-ts/lib/TaskEither.js";
import type { PipelineError } from "./error.ts";

/** Reading and writing files. Paths are absolute or relative to the working folder. */
export interface Files {
  readonly readBytes: (path: string) => TaskEither<PipelineError, Uint8Array>;
  readonly readText: (path: string) => TaskEither<PipelineError, string>;
  /** Writes to a temporary name, syncs, renames: readers see the old or the new content, never a part. */
  readonly writeAtomic: (path: string, content: Uint8Array | string) => TaskEither<PipelineError, void>;
  /** Adds to the end of a file; makes it if it is missing. */
  readonly append: (path: string, content: Uint8Array | string) => TaskEither<PipelineError, void>;
  readonly makeFolder: (path: string) => TaskEither<PipelineError, void>;
  /** Names in a folder, sorted; empty if the folder is missing. */
  readonly list: (path: string) => TaskEither<PipelineError, readonly string[]>;
  readonly exists: (path: string) => TaskEither<PipelineError, boolean>;
  readonly remove: (path: string) => TaskEither<PipelineError, void>;
  readonly rename: (from: string, to: string) => TaskEither<PipelineError, void>;
}

/** Lines for a person. */
export interface Log {
  readonly info: (line: string) => void;
  readonly warn: (line: string) => void;
  /** Replaces the live status; printed as a plain line where the output is no terminal. */
  readonly progress: (status: string) => void;
}

/** The time, so that pure code never asks for it. */
export interface Clock {
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** Wall-clock time, ISO 8601. */
  readonly date: () => string;
}

/** A person's wish to stop. */
export interface Interrupt {
  /** Whether Ctrl-C was pressed; the running step finishes, then the run saves and ends. */
  readonly requested: () => boolean;
}

/** A stage that reads or writes files. */
export interface HasFiles {
  readonly files: Files;
}
/** A stage that prints. */
export interface HasLog {
  readonly log: Log;
}
/** A stage that answers: what a command was asked for, printed even where its log is quiet. */
export interface HasOutput {
  readonly output: (text: string) => void;
}
/** A stage that measures time. */
export interface HasClock {
  readonly clock: Clock;
}
/** A stage that can be asked to stop early. */
export interface HasInterrupt {
  readonly interrupt: Interrupt;
}
