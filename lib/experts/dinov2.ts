/**
 * DINOv2: a vision transformer whose patch tokens describe what is where (plain, with registers, with SwiGLU).
 *
 * Oquab et al., "DINOv2: Learning Robust Visual Features without Supervision"; Darcet et al., "Vision Transformers Need
 * Registers". Names and layouts are those of the published checkpoints.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import type { Key } from "../core/key.ts";
import type { Checked } from "../core/stage.ts";
import { layerNorm } from "../tensor/ops.ts";
import { tf } from "../tensor/tf.ts";
import type { AttentionOf, BlockOptions, PreNormBlockOf } from "./blocks.ts";
import { preNormBlock } from "./blocks.ts";
import { type Checkpoint, countParts, joinRows, shapeOf } from "./checkpoint.ts";
import {
  type AffineOf,
  type FloatArrays,
  initialArrays,
  layerParameters,
  normParameters,
  type Parameter,
  parameter,
} from "./parameters.ts";
import { embedPatches, prependClass } from "./vision.ts";

/** Sizes of a DINOv2. */
export interface Dinov2Config extends BlockOptions {
  readonly width: number;
  readonly layers: number;
  /** Width between the two feed-forward layers; with SwiGLU after the gate. */
  readonly mlpWidth: number;
  /** Pixels on the side of a patch. */
  readonly patchSize: number;
  /** Patches on the side of the grid whose positions are stored. */
  readonly gridSide: number;
  /** Register tokens; 0 for the plain model. */
  readonly registers: number;
  /** Whether the positions of another grid are resampled with anti-aliasing: as published, only with registers. */
  readonly antialias: boolean;
}

/** Weights of a DINOv2, or their places. */
export type Dinov2Of<P> = {
  readonly classToken: P;
  readonly registers?: P;
  readonly positions: P;
  readonly patch: AffineOf<P>;
  readonly layers: readonly PreNormBlockOf<P>[];
  readonly norm: AffineOf<P>;
};

const attentionParameters = (prefix: string, width: number): AttentionOf<Parameter> => ({
  query: layerParameters(`${prefix}.attention.query`, [width, width]),
  key: layerParameters(`${prefix}.attention.key`, [width, width]),
  value: layerParameters(`${prefix}.attention.value`, [width, width]),
  output: layerParameters(`${prefix}.output.dense`, [width, width]),
});

const blockParameters = (index: number, config: Dinov2Config): PreNormBlockOf<Parameter> => {
  const { width, mlpWidth, activation } = config;
  const prefix = `encoder.layer.${index}`;
  const ones = { constant: 1 };
  const mlp = activation === "swiglu"
    ? {
      inner: layerParameters(`${prefix}.mlp.weights_in`, [2 * mlpWidth, width]),
      outer: layerParameters(`${prefix}.mlp.weights_out`, [width, mlpWidth]),
    }
    : {
      inner: layerParameters(`${prefix}.mlp.fc1`, [mlpWidth, width]),
      outer: layerParameters(`${prefix}.mlp.fc2`, [width, mlpWidth]),
    };
  return {
    norm1: normParameters(`${prefix}.norm1`, width),
    attention: attentionParameters(`${prefix}.attention`, width),
    scale1: parameter(`${prefix}.layer_scale1.lambda1`, [width], ones),
    norm2: normParameters(`${prefix}.norm2`, width),
    mlp,
    scale2: parameter(`${prefix}.layer_scale2.lambda1`, [width], ones),
  };
};

/**
 * Says which published tensor is which weight.
 *
 * @param config Sizes.
 * @returns The places of all weights.
 */
export function dinov2Parameters(config: Dinov2Config): Dinov2Of<Parameter> {
  const { width, patchSize, gridSide, registers } = config;
  return {
    classToken: parameter("embeddings.cls_token", [1, 1, width]),
    ...(registers > 0 ? { registers: parameter("embeddings.register_tokens", [1, registers, width]) } : {}),
    positions: parameter("embeddings.position_embeddings", [1, 1 + gridSide ** 2, width]),
    patch: layerParameters("embeddings.patch_embeddings.projection", [width, 3, patchSize, patchSize]),
    layers: Array.from({ length: config.layers }, (_, index) => blockParameters(index, config)),
    norm: normParameters("layernorm", width),
  };
}

/**
 * Starts a DINOv2 at random.
 *
 * @param key The key.
 * @param config Sizes.
 * @returns The numbers under their published names.
 */
export function initialDinov2Arrays(key: Key, config: Dinov2Config): FloatArrays {
  return initialArrays(key, dinov2Parameters(config));
}

/**
 * Embeds pictures: patches, class token, positions, registers (which get no position).
 *
 * @param weights The model.
 * @param pixels Normalised pixels `[B, H, W, 3]`; H and W are multiples of the patch size.
 * @param config Sizes.
 * @returns `[B, 1 + registers + patches, width]`.
 */
export function dinov2Embed(
  weights: Dinov2Of<tf.Tensor>,
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
 * @param weights The model.
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
  const hidden = weights.layers.reduce((x, layer) => preNormBlock(x, layer, config), embedded);
  return layerNorm(hidden, weights.norm, config.epsilon);
}

/**
 * Makes published names uniform: no `dinov2.` prefix, the layer names of the first release, no mask token.
 *
 * @param name A name in a file.
 * @returns The name that {@link dinov2Parameters} uses, or `null`.
 */
export function dinov2Name(name: string): string | null {
  const bare = name.replace(/^dinov2(_with_registers)?\./, "");
  if (bare === "embeddings.mask_token" || bare.startsWith("classifier.")) return null;
  return bare
    .replace(
      /\.attention\.(q|k|v)_proj\./,
      (_, letter: "q" | "k" | "v") => `.attention.attention.${{ q: "query", k: "key", v: "value" }[letter]}.`,
    )
    .replace(".attention.o_proj.", ".attention.output.dense.")
    .replace(".mlp.down_proj.", ".mlp.weights_out.");
}

/**
 * Joins the separate gate and value layers that some releases store.
 *
 * @param checkpoint A checkpoint after {@link dinov2Name}.
 * @returns The checkpoint with `mlp.weights_in` in every case.
 */
export function joinGates(checkpoint: Checkpoint): Checkpoint {
  const gates = checkpoint.names.filter((name) => name.includes(".mlp.gate_proj."));
  return joinRows(
    checkpoint,
    new Map(gates.map((gate) => [
      gate.replace("gate_proj", "weights_in"),
      [gate, gate.replace("gate_proj", "up_proj")],
    ])),
  );
}

/**
 * Reads the sizes from the shapes of the tensors; `config.json` adds what shapes can't tell.
 *
 * @param checkpoint A checkpoint after {@link joinGates}.
 * @param options Heads, ε and activation from `config.json`; with registers positions are anti-aliased.
 * @returns The sizes, or the missing tensor.
 */
export function dinov2Config(checkpoint: Checkpoint, options: BlockOptions): Checked<Dinov2Config> {
  return pipe(
    E.Do,
    E.bind("patch", () => shapeOf(checkpoint, "embeddings.patch_embeddings.projection.weight", 4)),
    E.bind("positions", () => shapeOf(checkpoint, "embeddings.position_embeddings", 3)),
    E.map(({ patch, positions }) => {
      const gated = checkpoint.shape("encoder.layer.0.mlp.weights_out.weight");
      const outer = gated ?? checkpoint.shape("encoder.layer.0.mlp.fc2.weight");
      const registers = checkpoint.shape("embeddings.register_tokens")?.[1] ?? 0;
      return {
        ...options,
        activation: gated === undefined ? options.activation : "swiglu",
        width: patch[0] ?? 0,
        layers: countParts(checkpoint, "encoder.layer."),
        mlpWidth: outer?.[1] ?? 0,
        patchSize: patch[2] ?? 0,
        gridSide: Math.round(Math.sqrt((positions[1] ?? 1) - 1)),
        registers,
        antialias: registers > 0,
      } as const;
    }),
  );
}
