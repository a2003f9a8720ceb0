/**
 * The keys of published `config.json` files that shapes of tensors can't tell.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import * as t from "io-ts";
import type { Checked } from "../../core/stage.ts";
import type { Activation, BlockOptions } from "./blocks.ts";

/** Keys of a transformer. Files leave out what equals the default of the model's class. */
export const TransformerSettings = t.partial({
  num_attention_heads: t.number,
  layer_norm_eps: t.number,
  hidden_act: t.string,
});

const ACTIVATIONS: Readonly<Record<string, Activation>> = {
  gelu: "gelu",
  gelu_new: "gelu_new",
  gelu_pytorch_tanh: "gelu_new",
  quick_gelu: "quick_gelu",
  relu: "relu",
  silu: "silu",
  swish: "silu",
};

/**
 * Reads what all transformers need.
 *
 * @param defaults What holds for keys that are missing.
 * @param where The file, for messages.
 * @returns Heads, ε and activation. Left `ConfigInvalid` for an activation that is not known.
 */
export function blockOptions(
  settings: t.TypeOf<typeof TransformerSettings>,
  defaults: BlockOptions,
  where: string,
): Checked<BlockOptions> {
  const { hidden_act } = settings;
  const activation = hidden_act === undefined ? defaults.activation : ACTIVATIONS[hidden_act];
  if (activation === undefined) {
    const known = Object.keys(ACTIVATIONS).join(", ");
    return E.left({
      _tag: "ConfigInvalid",
      where,
      problems: [`hidden_act ${hidden_act} is not supported; ${known} are`],
    });
  }
  return E.right({
    heads: settings.num_attention_heads ?? defaults.heads,
    epsilon: settings.layer_norm_eps ?? defaults.epsilon,
    activation,
  });
}

/**
 * Writes what all transformers need.
 *
 * @param options Heads, ε and activation.
 * @returns The keys of a `config.json`.
 */
export function transformerSettings(options: BlockOptions): Required<t.TypeOf<typeof TransformerSettings>> {
  return {
    num_attention_heads: options.heads,
    layer_norm_eps: options.epsilon,
    hidden_act: options.activation === "swiglu" ? "gelu" : options.activation,
  };
}

/** Sizes of a picture tower. */
export interface VisionSizes extends BlockOptions {
  readonly width: number;
  readonly layers: number;
  readonly mlpWidth: number;
  readonly patchSize: number;
  /** Patches along a side. */
  readonly gridSide: number;
}

/**
 * Writes the sizes of a picture tower, as CLIP and BLIP-2 name them.
 *
 * @returns The keys of a `vision_config`.
 */
export function visionSettings(vision: VisionSizes): Readonly<Record<string, unknown>> {
  return {
    ...transformerSettings(vision),
    hidden_size: vision.width,
    image_size: vision.gridSide * vision.patchSize,
    intermediate_size: vision.mlpWidth,
    num_hidden_layers: vision.layers,
    patch_size: vision.patchSize,
  };
}
