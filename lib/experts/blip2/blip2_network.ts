/**
 * BLIP-2 on prepared inputs: compiled piece by piece, one piece for all layers of a kind.
 *
 * @module
 */
import { jit } from "../../tensor/jit.ts";
import { tf } from "../../tensor/tf.ts";
import { rowsOf } from "../shared/batches.ts";
import type { Blip2Config, Blip2VisionOf, QformerLayerOf, QformerOf } from "./blip2_config.ts";
import { blip2VisionEmbed } from "./blip2_vision.ts";
import type { PreNormBlockOf } from "../shared/blocks.ts";
import { numbersOf } from "../shared/host.ts";
import { type LayerSupply, resident, runLayers } from "../shared/layers.ts";
import type { AffineOf } from "../shared/parameters.ts";
import type { Pixels } from "../shared/preprocess.ts";
import {
  matchHead,
  qformerEmbed,
  type QformerEntrance,
  type QformerInputs,
  qformerLayer,
  queryHead,
  textHead,
} from "./qformer.ts";
import { padTokens, type WordTable, wordVectors } from "../shared/token_batch.ts";
import { compiledTower } from "../shared/vision_tower.ts";

/** The picture tower without its layers. */
export type Blip2Entrance = Omit<Blip2VisionOf<tf.Tensor>, "layers">;

/** The weights of a BLIP-2. */
export interface Blip2Weights {
  readonly config: Blip2Config;
  readonly entrance: Blip2Entrance;
  /** In memory, or read from disk for every batch. */
  readonly layers: LayerSupply<PreNormBlockOf<tf.Tensor>>;
  readonly qformer: QformerOf<tf.Tensor>;
  readonly words: WordTable;
}

/** A BLIP-2 on prepared inputs. */
export interface Blip2Network {
  /** Hidden states of the picture tower, `[tokens · width]` each. */
  readonly hiddenStates: (pixels: Pixels) => Promise<readonly Float32Array[]>;
  /** Vectors of length 1 of the queries, `[queries · projection]` each. */
  readonly embedPixels: (pixels: Pixels) => Promise<readonly Float32Array[]>;
  /** One vector of length 1 a text. */
  readonly embedIds: (texts: readonly (readonly number[])[]) => Promise<readonly Float32Array[]>;
  /** Logits of each pair; index 1 = match. Throws if there are more texts than pictures. */
  readonly match: (pixels: Pixels, texts: readonly (readonly number[])[]) => Promise<readonly Float32Array[]>;
}

type Forward<Inputs> = (inputs: Inputs) => tf.Tensor;

function compiledVision({ config: { vision }, entrance, layers }: Blip2Weights): Forward<Pixels> {
  const tower = compiledTower(
    "blip2 picture",
    (weights: Omit<Blip2Entrance, "norm">, pixels: tf.Tensor) => blip2VisionEmbed(weights, pixels, vision),
    vision,
  );
  const { norm, ...rest } = entrance;
  return (pixels) => tower({ entrance: rest, layers, norm }, pixels);
}

type Context = { readonly image?: tf.Tensor; readonly mask?: tf.Tensor };

function compiledQformer({ config, qformer }: Blip2Weights): Forward<QformerInputs> {
  const enter = jit(
    "qformer embed",
    (weights: QformerEntrance, inputs: QformerInputs) => qformerEmbed(weights, inputs, config.qformer),
  );
  const layer = jit(
    "qformer layer",
    (x: tf.Tensor, weights: QformerLayerOf<tf.Tensor>, context: Context) =>
      qformerLayer(x, weights, context, config.qformer),
  );
  const { queries, positions, norm, layers } = qformer;
  return (inputs) => {
    const { hidden, mask } = enter({ queries, positions, norm }, inputs);
    const context = {
      ...(inputs.image === undefined ? {} : { image: inputs.image }),
      ...(mask === undefined ? {} : { mask }),
    };
    return runLayers(hidden, resident(layers), (x, weights) => layer(x, weights, context));
  };
}

const tokenInput = (
  { words, config }: Blip2Weights,
  texts: readonly (readonly number[])[],
): Required<QformerInputs>["text"] => {
  const batch = padTokens(texts, { limit: config.qformer.positions });
  const shape = [batch.ids.length, batch.length] as const;
  return {
    words: tf.tensor3d(wordVectors(words, batch), [...shape, words.width]),
    mask: tf.tensor2d(batch.mask, [...shape]),
  };
};

/**
 * Makes the network of loaded weights.
 *
 * @param weights The weights; not freed by the network.
 */
export function blip2Network(weights: Blip2Weights): Blip2Network {
  const { config, qformer } = weights;
  const vision = compiledVision(weights);
  const querying = compiledQformer(weights);
  const toQueries = jit("blip2 queries", queryHead);
  const toText = jit("blip2 text", textHead);
  const toMatch = jit(
    "blip2 match",
    (hidden: tf.Tensor, matching: AffineOf<tf.Tensor>) => matchHead(hidden, matching, config.qformer.queries),
  );
  const read = async (rows: number, forward: () => tf.Tensor): Promise<readonly Float32Array[]> => {
    const { numbers } = await numbersOf(() => ({ numbers: forward() }));
    return rowsOf(numbers, rows, numbers.length / rows);
  };
  return {
    hiddenStates: (pixels) => read(pixels.shape[0], () => vision(pixels)),
    embedPixels: (pixels) =>
      read(pixels.shape[0], () => toQueries(querying({ image: vision(pixels) }), qformer.imageProjection)),
    embedIds: async (texts) => {
      const { vectors } = await numbersOf(() => ({
        vectors: toText(querying({ text: tokenInput(weights, texts) }), qformer.textProjection),
      }));
      return rowsOf(vectors, texts.length, config.projection);
    },
    match: async (pixels, texts) => {
      const [rows] = pixels.shape;
      if (texts.length > rows) throw new Error(`${texts.length} texts for ${rows} pictures`);
      const filled = [...texts, ...new Array<readonly number[]>(rows - texts.length).fill([0])];
      const logits = await read(rows, () => {
        const inputs = { image: vision(pixels), text: tokenInput(weights, filled) };
        return toMatch(querying(inputs), qformer.matching);
      });
      return logits.slice(0, texts.length);
    },
  };
}
