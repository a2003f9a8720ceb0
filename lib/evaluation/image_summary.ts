/**
 * The looks of all images of an evaluation in a few numbers, and what got worse since the cold start.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { HasFiles } from "../core/capability.ts";
import { mean } from "../core/mean.ts";
import type { Stage } from "../core/stage.ts";
import { type ImageStatistics, STATISTICS } from "../metrics/image_statistics.ts";
import { bandLine, bandWarnings, type Measured } from "../rl/image_band.ts";
import { type Images, type NearestImage, readEvaluations } from "../run/evaluation.ts";
import type { ImageLook, ScoredItem } from "./scored.ts";
import { type MetricScore, summarise } from "./summarise.ts";

/** What the images of an evaluation look like. */
export interface ImageSummary extends Images {
  readonly scores: Readonly<Record<string, MetricScore>>;
}

/** Images that are listed beside their nearest photo. */
const LISTED = 8;

/** The look as scores: `copies` is 1 for a copy, so its mean is a share. */
const scoresOf = ({ nearest, diversity, ...statistics }: ImageLook): ScoredItem["scores"] => ({
  ...statistics,
  ...(diversity === null ? {} : { diversity }),
  ...(nearest === null ? {} : {
    copies: Number(nearest.copy),
    nearest_bits: nearest.byHash.bits,
    ...(nearest.byFeatures === null ? {} : { nearest_cosine: nearest.byFeatures.cosine }),
  }),
});

/** The photo by features where there are some, else by hash. */
function nearestOf({ task, item, image, look }: ScoredItem): readonly NearestImage[] {
  if (image === null || look?.nearest === null || look === null) return [];
  const { byHash, byFeatures, copy } = look.nearest;
  const photo = copy || byFeatures === null ? byHash.photo : byFeatures.photo;
  return [{ task, item, image, photo, bits: byHash.bits, cosine: byFeatures?.cosine ?? null, copy }];
}

const closeness = ({ copy, cosine, bits }: NearestImage): number =>
  Number(copy) * 2 + (cosine ?? 1 - bits / 64);

/**
 * Sums up what images look like.
 *
 * @param items Scored items of one or more concepts.
 * @param context.photos Statistics of the training photos, one per concept.
 * @param context.start The statistics of the cold start; empty = it was not measured, so nothing is warned of.
 * @param context.seed Of the bootstrap.
 * @returns Means with intervals, the images nearest to a photo, warnings.
 */
export function imageSummary(
  items: readonly ScoredItem[],
  context: { readonly photos: readonly ImageStatistics[]; readonly start: Measured; readonly seed: number },
): ImageSummary {
  const { photos, start, seed } = context;
  const seen = items.flatMap((item) => item.look === null ? [] : [{ ...item, scores: scoresOf(item.look) }]);
  const scores = summarise(seen, { seed, hitRule: "wordBoundary" });
  return {
    scores,
    photos: photos.length === 0 ? {} : Object.fromEntries(
      STATISTICS.map((name) => [name, mean(photos.map((each) => each[name]))]),
    ),
    nearest: items.flatMap(nearestOf).toSorted((a, b) => closeness(b) - closeness(a)).slice(0, LISTED),
    warnings: bandWarnings(start, valuesOf(scores)).map(bandLine),
  };
}

const valuesOf = (scores: Images["scores"]): Measured =>
  Object.fromEntries(Object.entries(scores).map(([name, { value }]) => [name, value]));

/**
 * Reads what the images of the cold start looked like.
 *
 * @param folder The run's `eval` folder.
 * @param step The step that is being evaluated.
 * @returns The statistics of the first evaluated step before it; empty if there is none, or it has none.
 */
export function coldStartLook(folder: string, step: number): Stage<HasFiles, Measured> {
  return pipe(
    readEvaluations(folder),
    RTE.map(([first]) =>
      first === undefined || first.step >= step || first.images === undefined
        ? {}
        : valuesOf(first.images.scores)
    ),
  );
}
