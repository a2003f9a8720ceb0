/**
 * DINOv2: a vision transformer whose patch tokens describe what is where (plain, with registers, with SwiGLU).
 *
 * Oquab et al., "DINOv2: Learning Robust Visual Features without Supervision"; Darcet et al., "Vision Transformers Need
 * Registers".
 *
 * @module
 */
import { tf } from "../../tensor/tf.ts";
import type { Dinov2Config, Dinov2Of } from "./dinov2_config.ts";
import { embedPatches, prependClass } from "../shared/vision.ts";
import { preNormStack } from "../shared/vision_tower.ts";

/**
 * Embeds pictures: patches, class token, positions, registers (which get no position).
 *
 * @param weights The model; its layers are not used.
 * @param pixels Normalised pixels `[B, H, W, 3]`; H and W are multiples of the patch size.
 * @param config Sizes.
 * @returns `[B, 1 + registers + patches, width]`.
 */
export function dinov2Embed(
  weights: Omit<Dinov2Of<tf.Tensor>, "layers" | "norm">,
  pixels: tf.Tensor,
  config: Dinov2Config,
): tf.Tensor {
  const [batch, height, width] = pixels.shape as [number, number, number];
  const grid = [Math.floor(height / config.patchSize), Math.floor(width / config.patchSize)] as const;
  const tokens = prependClass(embedPatches(pixels, weights.patch), weights, {
    grid,
    antialias: config.antialias,
  });
  if (weights.registers === undefined) return tokens;
  const first = tf.slice(tokens, [0, 0, 0], [-1, 1, -1]);
  const rest = tf.slice(tokens, [0, 1, 0], [-1, -1, -1]);
  return tf.concat([first, tf.tile(weights.registers, [batch, 1, 1]), rest], 1);
}

/**
 * Runs the model: differentiable with respect to weights and pixels.
 *
 * @param pixels Normalised pixels `[B, H, W, 3]`.
 * @param config Sizes.
 * @returns Hidden states after the last norm, `[B, 1 + registers + patches, width]`: class token, registers, patches.
 */
export function dinov2Hidden(
  weights: Dinov2Of<tf.Tensor>,
  pixels: tf.Tensor,
  config: Dinov2Config,
): tf.Tensor {
  const embedded = dinov2Embed(weights, pixels, config);
  return preNormStack(embedded, weights, config);
}
