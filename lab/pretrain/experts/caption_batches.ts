/**
 * Batches of pictures and captions for the models of both.
 *
 * @module
 */
import { fold, type Key } from "../../../lib/core/key.ts";
import type { Preprocess } from "../../../lib/experts/shared/preprocess.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import { disposeTree } from "../../../lib/tensor/tree.ts";
import { renderScene } from "../../../lib/world/draw.ts";
import type { Character } from "../../../lib/world/scene.ts";
import { labelTensors, spoil } from "../scene_batches.ts";
import { isForPretraining, pixelTensor } from "./part.ts";
import { captionedPairs, type CaptionedScene } from "./scene_pairs.ts";

/** Attribute → class of each scene, int32 `[B]`; −1 = not said. */
export type Labels = { readonly [attribute: string]: tf.Tensor };

/** Pictures, their attributes, and the attributes that their captions tell. */
export type CaptionBatch = {
  readonly pixels: tf.Tensor;
  readonly pictureLabels: Labels;
  readonly textLabels: Labels;
};

const IDENTITY = ["colour", "pattern", "hair", "skin"];

/** A caption with "the dog" tells the kind only. */
function saidLabels(all: Labels, scenes: readonly CaptionedScene[]): Labels {
  const said = tf.tensor1d(scenes.map(({ describes }) => describes ? 1 : 0), "int32");
  const masked = Object.fromEntries(
    Object.entries(all).map(([name, labels]) => [
      name,
      IDENTITY.includes(name)
        ? tf.tidy(() => tf.sub(tf.mul(tf.add(labels, tf.scalar(1, "int32")), said), tf.scalar(1, "int32")))
        : tf.clone(labels),
    ]),
  );
  disposeTree(said);
  return masked;
}

/**
 * Draws captioned pictures; some are spoilt as a decoder would.
 *
 * @param key The key of the step.
 * @param options.count Pictures, an even number; 2i and 2i + 1 are a pair.
 * @returns The tensors, and the captions in the same order.
 */
export function captionBatch(
  key: Key,
  options: {
    readonly count: number;
    readonly size: number;
    readonly characters: readonly Character[];
    readonly preprocess: Preprocess;
    readonly fits: (text: string) => boolean;
  },
): { readonly tensors: CaptionBatch; readonly captions: readonly string[] } {
  const scenes = captionedPairs(fold(key, "scenes"), { ...options, allows: isForPretraining });
  const images = spoil(
    fold(key, "spoil"),
    scenes.map(({ scene }) => renderScene(scene, { size: options.size })),
  );
  const pictureLabels = labelTensors(scenes.map(({ scene }) => scene));
  return {
    tensors: {
      pixels: pixelTensor(images, options.preprocess),
      pictureLabels,
      textLabels: saidLabels(pictureLabels, scenes),
    },
    captions: scenes.map(({ caption }) => caption),
  };
}

/**
 * Swaps the members of each pair.
 *
 * @param items An even number of items.
 * @returns Item 2i + 1 before item 2i.
 */
export function swapPairs<A>(items: readonly A[]): readonly A[] {
  return items.map((_, index) => items[index ^ 1] as A);
}
