/**
 * An attribute reader on disk, and ready for use: pictures in, attributes with confidences out.
 *
 * The folder holds `config.json` (sizes, names of the classes, temperatures) and `model.safetensors` with the names of
 * `attributeReaderParameters`.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as t from "io-ts";
import { decodeWith, parseJson } from "../../concept/json_file.ts";
import type { HasFiles } from "../../core/capability.ts";
import type { RgbImage } from "../../image/image.ts";
import type { Checked, Stage } from "../../core/stage.ts";
import { jit } from "../../tensor/jit.ts";
import { tf } from "../../tensor/tf.ts";
import { disposeTree, namedLeaves, type Tree } from "../../tensor/tree.ts";
import { decodeTree } from "../../tensor/tree_file.ts";
import {
  type AttributeReaderConfig,
  attributeReaderParameters,
  type AttributeReaderWeights,
  readAttributes,
} from "./attribute_reader.ts";
import { IMAGE_BATCHES, inBatches } from "../shared/batches.ts";
import { numbersOf } from "../shared/host.ts";
import { pictureBatch } from "../shared/picture_batches.ts";
import type { Preprocess } from "../shared/preprocess.ts";

/** What a reader says of one attribute. */
export interface Sight {
  /** The likeliest class. */
  readonly value: string;
  /** Its calibrated probability. */
  readonly confidence: number;
}

/** Attribute → what was seen. */
export type Sights = Readonly<Record<string, Sight>>;

/** Class names per attribute, in the order of the logits. */
export type AttributeClasses = Readonly<Record<string, readonly string[]>>;

/** A reader that is ready for use. */
export interface AttributeReader {
  readonly config: AttributeReaderConfig;
  readonly classes: AttributeClasses;
  /** Pictures of any size; the middle square counts. */
  readonly read: (images: readonly RgbImage[]) => Stage<unknown, readonly Sights[]>;
  /** Frees the weights. */
  readonly dispose: () => void;
}

/** What a reader is made of. */
export interface AttributeReaderParts {
  readonly config: AttributeReaderConfig;
  readonly classes: AttributeClasses;
  /** Divisors of the logits per attribute; 1 where absent. */
  readonly temperatures: Readonly<Record<string, number>>;
  readonly weights: AttributeReaderWeights;
}

const preprocessOf = (side: number): Preprocess => ({
  resize: { shortestEdge: side },
  rule: "bicubic",
  crop: { width: side, height: side },
  scale: 1 / 255,
  mean: [0.5, 0.5, 0.5],
  deviation: [0.5, 0.5, 0.5],
});

function sightOf(logits: ArrayLike<number>, names: readonly string[], temperature: number): Sight {
  const scaled = names.map((_, index) => (logits[index] as number) / temperature);
  const highest = Math.max(...scaled);
  const total = scaled.reduce((sum, value) => sum + Math.exp(value - highest), 0);
  return { value: names[scaled.indexOf(highest)] as string, confidence: 1 / total };
}

/**
 * Makes a reader from loaded parts.
 *
 * @param parts Weights, class names, temperatures; the reader owns the weights.
 */
export function attributeReader(parts: AttributeReaderParts): AttributeReader {
  const { config, classes, temperatures, weights } = parts;
  const forward = jit(
    "attribute reader",
    (loaded: AttributeReaderWeights, pixels: tf.Tensor) => readAttributes(loaded, pixels).logits,
  );
  const run = async (images: readonly RgbImage[]): Promise<readonly Sights[]> => {
    const pixels = pictureBatch(images, preprocessOf(config.imageSize));
    const logits = await numbersOf(() => forward(weights, tf.tensor4d(pixels.data, [...pixels.shape])));
    return images.map((_, row) =>
      Object.fromEntries(
        Object.entries(classes).map(([attribute, names]) => {
          const values = (logits[attribute] as Float32Array).subarray(
            row * names.length,
            (row + 1) * names.length,
          );
          return [attribute, sightOf(values, names, temperatures[attribute] ?? 1)];
        }),
      )
    );
  };
  return {
    config,
    classes,
    read: inBatches("attribute reader", Math.max(...IMAGE_BATCHES), run),
    dispose: () => disposeTree(weights as Tree),
  };
}

const Settings = t.intersection([
  t.type({
    model_type: t.literal("attribute_reader"),
    image_size: t.number,
    channels: t.array(t.number),
    width: t.number,
    heads: t.record(t.string, t.array(t.string)),
  }),
  t.partial({ temperatures: t.record(t.string, t.number) }),
]);

/**
 * Writes the settings of a reader as {@link loadAttributeReader} reads them.
 *
 * @param config Sizes.
 * @param classes Names of the classes of each head, in the order of the logits.
 * @param temperatures Calibration, as {@link fitTemperature} finds it; default none.
 * @returns The content of `config.json`.
 */
export function attributeReaderConfigJson(
  config: AttributeReaderConfig,
  classes: AttributeClasses,
  temperatures: Readonly<Record<string, number>> = {},
): Readonly<Record<string, unknown>> {
  return {
    model_type: "attribute_reader",
    image_size: config.imageSize,
    channels: config.channels,
    width: config.width,
    heads: classes,
    temperatures,
  };
}

/** Candidates from 1/8 to 8, evenly spaced in the logarithm; 1 is among them. */
const TEMPERATURES: readonly number[] = Array.from({ length: 121 }, (_, index) => 2 ** ((index - 60) / 20));

/**
 * Finds the temperature at which the probabilities of a head say how often it is right: the least negative log-likelihood on
 * pictures that it was not trained on.
 *
 * @param logits One row per picture.
 * @param labels The right class of each.
 * @returns A divisor for the logits, in [1/8, 8]; 1 without pictures.
 *
 * Source: Guo et al., "On Calibration of Modern Neural Networks", 2017, §4.2.
 *
 * @example A head that is sure of itself and right half of the time is cooled down
 * ```ts
 * import { fitTemperature } from "./attribute_reader_load.ts";
 * import assert from "node:assert/strict";
 * assert.equal(fitTemperature([[9, 0], [9, 0]], [0, 1]), 8);
 * assert.equal(fitTemperature([], []), 1);
 * ```
 */
export function fitTemperature(logits: readonly ArrayLike<number>[], labels: readonly number[]): number {
  if (logits.length === 0) return 1;
  const loss = (temperature: number): number =>
    logits.reduce((sum, row, index) => {
      const scaled = Array.from(row, (value) => value / temperature);
      const highest = Math.max(...scaled);
      const total = scaled.reduce((all, value) => all + Math.exp(value - highest), 0);
      return sum + highest + Math.log(total) - (scaled[labels[index] as number] as number);
    }, 0);
  return TEMPERATURES.map((temperature) => ({ temperature, loss: loss(temperature) }))
    .reduce((best, next) => next.loss < best.loss ? next : best).temperature;
}

/** Every expected tensor is there with its shape, and nothing else. */
function checkTensors(
  tree: Tree,
  config: AttributeReaderConfig,
  path: string,
): Checked<AttributeReaderWeights> {
  const found = new Map(namedLeaves(tree));
  for (const [name, { shape }] of attributeReaderParameters(config)) {
    const leaf = found.get(name);
    const same = leaf?.shape.join() === shape.join();
    if (!same) {
      disposeTree(tree);
      return E.left({
        _tag: "ShapeMismatch",
        what: `${path}: ${name}`,
        expected: shape,
        found: leaf?.shape ?? "no such tensor",
      });
    }
  }
  return E.right(tree as AttributeReaderWeights);
}

/**
 * Loads an attribute reader.
 *
 * @param folder Folder with `config.json` and `model.safetensors`.
 * @returns The reader; its `dispose` frees the weights. Left naming the file, field or tensor that is wrong.
 */
export function loadAttributeReader(folder: string): Stage<HasFiles, AttributeReader> {
  const [settings, weights] = [`${folder}/config.json`, `${folder}/model.safetensors`];
  return pipe(
    RTE.asks(({ files }: HasFiles) => files),
    RTE.flatMapTaskEither((files) => files.readText(settings)),
    RTE.flatMapEither((text) => pipe(parseJson(text, settings), E.flatMap(decodeWith(Settings, settings)))),
    RTE.bindTo("found"),
    RTE.bindW("bytes", () => ({ files }: HasFiles) => files.readBytes(weights)),
    RTE.flatMapEither(({ found, bytes }) => {
      const heads = Object.fromEntries(
        Object.entries(found.heads).map(([name, names]) => [name, names.length]),
      );
      const { image_size: imageSize, channels, width, temperatures = {} } = found;
      const config = { imageSize, channels, width, heads };
      return pipe(
        decodeTree(bytes, weights),
        E.flatMap(({ tree }) => checkTensors(tree, config, weights)),
        E.map((loaded) => attributeReader({ config, classes: found.heads, temperatures, weights: loaded })),
      );
    }),
  );
}
