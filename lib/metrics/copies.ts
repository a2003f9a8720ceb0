/**
 * Whether a drawn image is a copy of a training photo: the nearest photo by perceptual hash and by features.
 *
 * @module
 */
import { hashDistance, NEAR_DUPLICATE_BITS, perceptualHash } from "../image/perceptual_hash.ts";
import { cosine } from "../core/cosine.ts";
import type { RgbImage } from "../image/image.ts";

/** What an image is recognised by. */
export interface Print {
  /** From `perceptualHash`. */
  readonly hash: bigint;
  /** Class token of DINOv2; `null` where there is no such network. */
  readonly features: Float32Array | null;
}

/** A training photo. */
export interface PhotoPrint extends Print {
  /** Its path. */
  readonly photo: string;
}

/** The training photos that are nearest to an image. */
export interface NearestPhoto {
  readonly byHash: { readonly photo: string; readonly bits: number };
  /** `null` without features. */
  readonly byFeatures: { readonly photo: string; readonly cosine: number } | null;
  /** Whether the image is a copy of a photo. */
  readonly copy: boolean;
}

/** Training photos, ready for comparison. */
export interface TrainingPhotos {
  readonly prints: readonly PhotoPrint[];
  /** From {@link copyBound}. */
  readonly bound: number;
}

/** Two images closer than this in features are never called different: what storing and tokenizing a photo changes. */
const SAME = 0.995;

/** From which cosine on features are those of a copy where a single photo leaves nothing to compare with. */
const LIKELY = 0.95;

const likeness = (one: Print, other: Print): number =>
  one.features === null || other.features === null ? NaN : cosine(one.features, other.features);

/**
 * Finds how alike the features of two different training photos are: what is more alike than that is a copy.
 *
 * @param photos The training photos.
 * @returns The greatest cosine of two photos, at most 0.995; 0.95 for fewer than two photos with features.
 */
export function copyBound(photos: readonly Print[]): number {
  const pairs = photos.flatMap((one, index) => photos.slice(index + 1).map((other) => likeness(one, other)))
    .filter((value) => !Number.isNaN(value));
  return pairs.length === 0 ? LIKELY : Math.min(SAME, Math.max(...pairs));
}

/**
 * Makes training photos ready for comparison.
 *
 * @param photos Path, pixels and features of each.
 * @returns Their prints, and from which likeness on an image is a copy.
 */
export function trainingPhotos(
  photos: readonly {
    readonly photo: string;
    readonly image: RgbImage;
    readonly features: Float32Array | null;
  }[],
): TrainingPhotos {
  const prints = photos.map(({ photo, image, features }) => ({
    photo,
    hash: perceptualHash(image),
    features,
  }));
  return { prints, bound: copyBound(prints) };
}

/**
 * Compares an image with the training photos.
 *
 * It is a copy of a photo if their hashes differ in at most 6 of 64 bits and, where features are known, these are at least
 * as alike as `bound`. A hash alone is fooled by plain backgrounds, features alone by the same subject in the same place.
 *
 * @param photos The training photos.
 * @returns The nearest photos; `null` without photos.
 *
 * @example
 * ```ts
 * import { nearestPhoto } from "./copies.ts";
 * import assert from "node:assert/strict";
 * const prints = [{ photo: "0.png", hash: 0n, features: null }, { photo: "1.png", hash: 0xffffn, features: null }];
 * const found = nearestPhoto({ hash: 0xfffen, features: null }, { prints, bound: 0.95 });
 * assert.deepEqual(found, { byHash: { photo: "1.png", bits: 1 }, byFeatures: null, copy: true });
 * ```
 */
export function nearestPhoto(
  image: Print,
  { prints, bound }: TrainingPhotos,
): NearestPhoto | null {
  const seen = prints.map((print) => ({
    photo: print.photo,
    bits: hashDistance(image.hash, print.hash),
    cosine: likeness(image, print),
  }));
  const [first, ...others] = seen;
  if (first === undefined) return null;
  const byHash = others.reduce((best, each) => each.bits < best.bits ? each : best, first);
  const byFeatures = others.reduce((best, each) => each.cosine > best.cosine ? each : best, first);
  return {
    byHash: { photo: byHash.photo, bits: byHash.bits },
    byFeatures: Number.isNaN(byFeatures.cosine)
      ? null
      : { photo: byFeatures.photo, cosine: byFeatures.cosine },
    copy: seen.some(({ bits, cosine }) =>
      bits <= NEAR_DUPLICATE_BITS && (Number.isNaN(cosine) || cosine >= bound)
    ),
  };
}
