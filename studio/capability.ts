/**
 * What the studio needs of the world beyond files, log and clock.
 *
 * @module
 */
import type { TaskEither } from "fp-ts/lib/TaskEither.js";
import type { HasClock, HasFiles, HasLog } from "../lib/core/capability.ts";
import type { PipelineError } from "../lib/core/error.ts";

/** When and how large: what a file is known to have changed by. */
export interface FileMark {
  /** Milliseconds since 1970. */
  readonly modified: number;
  /** Bytes. */
  readonly size: number;
}

/** Looks at files without reading them. */
export interface HasMarks {
  /** The mark of a file or folder; `null` if there is none. */
  readonly mark: (path: string) => TaskEither<PipelineError, FileMark | null>;
}

/** All that pages are made from. */
export type StudioNeeds = HasFiles & HasClock & HasLog & HasMarks;

/** Where the studio works. */
export interface StudioPlaces {
  /** The folder of all runs. */
  readonly runs: string;
}
