/**
 * The picture tower of BLIP-2: a vision transformer whose class token is kept among the others.
 *
 * @module
 */
import type { tf } from "../../tensor/tf.ts";
import type { Blip2VisionConfig, Blip2VisionOf } from "./blip2_config.ts";
import { embedPatches, prependClass } from "../shared/vision.ts";
import { preNormStack } from "../shared/vision_tower.ts";

/**
 * Embeds pictures as tokens: patches, class token, positions.
 *
 * @param weights The picture tower; its layers and norm are not used.
 * @param pixels Normalised pixels `[B, H, W, 3]`.
 * @param config Sizes.
 * @returns `[B, 1 + patches, width]`.
 */
export function blip2VisionEmbed(
  weights: Omit<Blip2VisionOf<tf.Tensor>, "layers" | "norm">,
  pixels: tf.Tensor,
  config: Blip2VisionConfig,
): tf.Tensor {
  const [, height, width] = pixels.shape as [number, number, number];
  const grid = [Math.floor(height / config.patchSize), Math.floor(width / config.patchSize)] as const;
  return prependClass(embedPatches(pixels, weights.patch), weights, { grid, antialias: false });
}

/**
 * Runs the picture tower; differentiable with respect to weights and pixels.
 *
 * @param weights The picture tower.
 * @param pixels Normalised pixels `[B, H, W, 3]`.
 * @param config Sizes.
 * @returns Hidden states of all tokens after the last norm, `[B, 1 + patches, width]`.
 */
export function blip2VisionHidden(
  weights: Blip2VisionOf<tf.Tensor>,
  pixels: tf.Tensor,
  config: Blip2VisionConfig,
): tf.Tensor {
  const embedded = blip2VisionEmbed(weights, pixels, config);
  return preNormStack(embedded, weights, config);
}
