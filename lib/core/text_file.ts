/**
 * Files that may be missing.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import type { Files } from "./capability.ts";
import type { PipelineError } from "./error.ts";

/**
 * Reads a text that may be missing.
 *
 * @param files Where it lies.
 * @returns Its text; empty if there is no such file.
 */
export function textIfThere(
  files: Pick<Files, "exists" | "readText">,
  path: string,
): TE.TaskEither<PipelineError, string> {
  return pipe(files.exists(path), TE.flatMap((exists) => exists ? files.readText(path) : TE.right("")));
}
