/**
 * The concepts that a user names for an evaluation: one, or all of a data set.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { join } from "node:path";
import type { Concept } from "../concept/concept.ts";
import { conceptReference, DEFAULT_ROOTS } from "../concept/concept_reference.ts";
import { loadConcept, loadConcepts } from "../concept/unifybench.ts";
import type { HasFiles, HasLog } from "../core/capability.ts";
import type { Stage } from "../core/stage.ts";

/** Data sets in which a bare id is looked for. */
const ROOTS: readonly string[] = ["assets/world", ...DEFAULT_ROOTS];

/**
 * Loads what a user names.
 *
 * @param reference A data set folder for all its concepts; a folder and an id, or an id, for one.
 * @returns At least one concept; Left `InputInvalid` saying what there is.
 */
export function namedConcepts(reference: string): Stage<HasFiles & HasLog, readonly Concept[]> {
  const one = pipe(
    conceptReference(reference, ROOTS),
    RTE.flatMap(({ root, id }): Stage<HasFiles & HasLog, readonly Concept[]> =>
      pipe(loadConcept(root, id), RTE.map((concept) => [concept]))
    ),
  );
  return pipe(
    RTE.asks(({ files }: HasFiles & HasLog) => files),
    RTE.flatMapTaskEither((files) => files.exists(join(reference, "concept", "train"))),
    RTE.flatMap((isRoot) => isRoot ? loadConcepts(reference) : one),
  );
}
