/**
 * Sizes of a DINOv2, which published tensor is which of its weights, and how the names of releases differ.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import type { Key } from "../../core/key.ts";
import type { Checked } from "../../core/stage.ts";
import { renameTensors } from "../../tensor/weight_names.ts";
import type { WeightSource } from "../../tensor/weight_source.ts";
import type { AttentionOf, BlockOptions, PreNormBlockOf } from "../shared/blocks.ts";
import { countParts, joinRows, shapeOf } from "../shared/checkpoint.ts";
import {
  type AffineOf,
  type FloatArrays,
  initialArrays,
  layerParameters,
  normParameters,
  type Parameter,
  parameter,
} from "../shared/parameters.ts";

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
 * @param config Sizes.
 * @returns The numbers under their published names.
 */
export function initialDinov2Arrays(key: Key, config: Dinov2Config): FloatArrays {
  return initialArrays(key, dinov2Parameters(config));
}

/** Tensors that a DINOv2 file may hold and this code doesn't use. */
export const DINOV2_EXTRAS: readonly RegExp[] = [/^embeddings\.mask_token$/, /^classifier\./];

function dinov2Name(name: string): string {
  return name
    .replace(/^dinov2(_with_registers)?\./, "")
    .replace(
      /\.attention\.(q|k|v)_proj\./,
      (_, letter: "q" | "k" | "v") => `.attention.attention.${{ q: "query", k: "key", v: "value" }[letter]}.`,
    )
    .replace(".attention.o_proj.", ".attention.output.dense.")
    .replace(".mlp.down_proj.", ".mlp.weights_out.");
}

/**
 * Makes published names uniform: no prefix, the layer names of the first release, gate and value layer joined.
 *
 * @param source The weights as stored.
 * @returns The same weights under the names of {@link dinov2Parameters}.
 */
export function dinov2Source(source: WeightSource): WeightSource {
  const renamed = renameTensors(dinov2Name)(source);
  const gates = renamed.names.filter((name) => name.includes(".mlp.gate_proj."));
  const joined = gates.map((gate) =>
    [gate.replace("gate_proj", "weights_in"), [gate, gate.replace("gate_proj", "up_proj")]] as const
  );
  return joinRows(renamed, new Map(joined));
}

/**
 * Reads the sizes from the shapes of the tensors; `config.json` adds what shapes can't tell.
 *
 * @param source Weights after {@link dinov2Source}.
 * @param options Heads, ε and activation from `config.json`; with registers positions are anti-aliased.
 * @returns The sizes, or the missing tensor.
 */
export function dinov2Config(source: WeightSource, options: BlockOptions): Checked<Dinov2Config> {
  return pipe(
    E.Do,
    E.bind("patch", () => shapeOf(source, "embeddings.patch_embeddings.projection.weight", 4)),
    E.bind("positions", () => shapeOf(source, "embeddings.position_embeddings", 3)),
    E.map(({ patch, positions }) => {
      const gated = source.info("encoder.layer.0.mlp.weights_out.weight")?.shape;
      const outer = gated ?? source.info("encoder.layer.0.mlp.fc2.weight")?.shape;
      const registers = source.info("embeddings.register_tokens")?.shape[1] ?? 0;
      return {
        ...options,
        activation: gated === undefined ? options.activation : "swiglu",
        width: patch[0] ?? 0,
        layers: countParts(source, "encoder.layer."),
        mlpWidth: outer?.[1] ?? 0,
        patchSize: patch[2] ?? 0,
        gridSide: Math.round(Math.sqrt((positions[1] ?? 1) - 1)),
        registers,
        antialias: registers > 0,
      } as const;
    }),
  );
}
