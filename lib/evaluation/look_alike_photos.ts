/**
 * Pictures of somebody who only looks like the concept: drawn in the procedural world, given as photos elsewhere.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as t from "io-ts";
import { join } from "node:path";
import type { Concept } from "../concept/concept.ts";
import { listImages } from "../concept/image_paths.ts";
import { decodeWith, readOptionalJson } from "../concept/json_file.ts";
import { loadConceptImage } from "../concept/photo.ts";
import type { HasFiles, HasLog } from "../core/capability.ts";
import { fold, keyFromSeed, shuffle } from "../core/key.ts";
import { refuse } from "../core/refuse.ts";
import type { Stage } from "../core/stage.ts";
import type { RgbImage } from "../image/image.ts";
import { similarCharacters } from "../world/concept.ts";
import { renderScene } from "../world/draw.ts";
import { allCharacters, characterId, sampleScene } from "../world/scene.ts";

const truthCodec = t.type({ id: t.string });

/** Which look-alikes. */
export interface LookAlikeOptions {
  /** A folder with photos, or with a folder of photos for each concept id; empty: the procedural world draws them. */
  readonly source: string;
  readonly count: number;
  /** Side of the pictures, pixels. */
  readonly imageSize: number;
  readonly seed: number;
}

function drawn(
  concept: Concept,
  { count, imageSize, seed }: LookAlikeOptions,
): Stage<HasFiles & HasLog, readonly RgbImage[]> {
  const path = join(concept.root, "concept", "test", concept.id, "world.json");
  return pipe(
    readOptionalJson(path),
    RTE.flatMapEither((value) =>
      value === null || value === undefined
        ? refuse(
          "look_alikes",
          `${concept.id} is no concept of the procedural world`,
          "name a folder of photos",
        )
        : decodeWith(truthCodec, path)(value)
    ),
    RTE.map(({ id }) => {
      const key = fold(keyFromSeed(seed), `look-alikes of ${concept.id}`);
      const own = allCharacters().filter((character) => characterId(character) === id);
      const others = shuffle(key, own.flatMap(similarCharacters)).slice(0, count);
      return others.map((other, index) =>
        renderScene(sampleScene(fold(key, index), { characters: [other] }), { size: imageSize })
      );
    }),
  );
}

function given({ id }: Concept, options: LookAlikeOptions): Stage<HasFiles & HasLog, readonly RgbImage[]> {
  const { source, count, imageSize } = options;
  return pipe(
    listImages(join(source, id)),
    RTE.flatMap((own) => own.length > 0 ? RTE.right(own) : listImages(source)),
    RTE.flatMap((paths) =>
      paths.length > 1 ? RTE.right(paths) : RTE.fromEither(
        refuse(
          source,
          `has ${paths.length} photos of look-alikes of ${id}`,
          `put two or more into ${join(source, id)}`,
        ),
      )
    ),
    RTE.flatMap((paths) =>
      RTE.traverseSeqArray((path: string) => loadConceptImage(path, imageSize))(paths.slice(0, count))
    ),
  );
}

/**
 * Gives pictures of look-alikes.
 *
 * @param options Where from, how many at most.
 * @returns Two or more; in the procedural world characters that differ in one attribute. Left `InputInvalid` where there are none.
 */
export function lookAlikePhotos(
  concept: Concept,
  options: LookAlikeOptions,
): Stage<HasFiles & HasLog, readonly RgbImage[]> {
  return options.source === "" ? drawn(concept, options) : given(concept, options);
}
