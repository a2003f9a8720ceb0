/**
 * What a user means by `concept=…`: an id of a known dataset, or a path into one.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { basename, dirname, join, normalize } from "node:path";
import type { HasFiles, HasLog } from "../core/capability.ts";
import type { Stage } from "../core/stage.ts";
import { listImages } from "./image_paths.ts";
import { refuse } from "../core/refuse.ts";
import { freeName } from "../text/reserved_tokens.ts";
import { listConcepts } from "./unifybench.ts";

/** Where a concept is: what `loadConcept` wants. */
export interface ConceptPlace {
  readonly root: string;
  readonly id: string;
}

/** The datasets in which a bare id is looked for, first hit first. */
export const DEFAULT_ROOTS: readonly string[] = ["assets/photos", "photos"];

const hasConcept = ({ root, id }: ConceptPlace): Stage<HasFiles, boolean> => ({ files }) =>
  files.exists(join(root, "concept", "train", id, "info.json"));

/** A reference read as `<root>/<id>`, also when it points at the train or test folder itself. */
function asPath(reference: string): readonly ConceptPlace[] {
  const folder = dirname(reference);
  const inside = /(^|\/)concept\/(train|test)$/.test(folder) ? [join(folder, "..", "..")] : [];
  return [...inside, folder].map((root) => ({ root, id: basename(reference) }));
}

const firstThatExists = (places: readonly ConceptPlace[]): Stage<HasFiles, ConceptPlace | null> =>
  places.reduceRight<Stage<HasFiles, ConceptPlace | null>>(
    (otherwise, place) =>
      pipe(hasConcept(place), RTE.flatMap((found) => found ? RTE.right(place) : otherwise)),
    RTE.right(null),
  );

const known = (roots: readonly string[]): Stage<HasFiles, readonly string[]> =>
  pipe(roots, RTE.traverseSeqArray(listConcepts), RTE.map((lists) => [...new Set(lists.flat())]));

/** Says what the reference is instead of a concept. */
function explain(reference: string, roots: readonly string[]): Stage<HasFiles & HasLog, never> {
  return pipe(
    RTE.Do,
    RTE.bindW("here", () => listConcepts(reference)),
    RTE.bindW("pictures", () => listImages(reference)),
    RTE.bindW("ids", () => known(roots)),
    RTE.flatMap(({ here, pictures, ids }) => {
      if (here.length > 1) {
        const choice = here.slice(0, 20).join(", ");
        return RTE.fromEither(
          refuse(reference, `holds ${here.length} concepts (${choice})`, "add one of them to the path"),
        );
      }
      if (pictures.length > 0) {
        const problem = `is a folder of ${pictures.length} pictures, not yet a concept`;
        return RTE.fromEither(refuse(reference, problem, "make one from it with `deno task concept new`"));
      }
      const remedy = ids.length === 0
        ? "give the path of a dataset folder"
        : `choose one of ${ids.join(", ")}`;
      return RTE.fromEither(
        refuse(reference, "no such concept", `${remedy}, or give a path such as photos/mochi`),
      );
    }),
  );
}

/**
 * Finds the concept that a user names.
 *
 * Accepts an id of one of the roots (`biscuit`), a root and an id (`assets/photos/biscuit`), the concept's train folder,
 * and a whole root that has exactly one concept.
 *
 * @param reference What the user wrote.
 * @param roots Datasets for bare ids.
 * @returns Root and id; left `InputInvalid` if the id means something already, or saying what the path holds instead, and which concepts there are.
 */
export function conceptReference(
  reference: string,
  roots: readonly string[] = DEFAULT_ROOTS,
): Stage<HasFiles & HasLog, ConceptPlace> {
  const path = normalize(reference.replaceAll("\\", "/")).replace(/\/+$/, "");
  const id = path.replace(/^<(.+)>$/, "$1");
  const named = id.includes("/") ? [] : roots.map((root) => ({ root, id }));
  return pipe(
    firstThatExists([...named, ...asPath(path)]),
    RTE.flatMap((place) =>
      place !== null ? RTE.right(place) : pipe(
        listConcepts(path),
        RTE.flatMap((ids) =>
          ids.length === 1 ? RTE.right({ root: path, id: ids[0] ?? "" }) : explain(path, roots)
        ),
      )
    ),
    RTE.tap(({ id: found }) => RTE.fromEither(freeName(found))),
  );
}
