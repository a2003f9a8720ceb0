/**
 * Temperatures of an attribute reader: how much its confidence must be tempered on pictures like those that it will judge.
 *
 * @module
 */
import { fold, type Key } from "../../lib/core/key.ts";
import {
  type AttributeReaderWeights,
  readAttributes,
} from "../../lib/experts/attribute_reader/attribute_reader.ts";
import { fitTemperature } from "../../lib/experts/attribute_reader/attribute_reader_load.ts";
import { jit } from "../../lib/tensor/jit.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { renderScene } from "../../lib/world/draw.ts";
import { allCharacters } from "../../lib/world/scene.ts";
import { drawScenes, labelTensors, pictureTensor, spoil } from "./scene_batches.ts";

/** Pictures a forward. */
const BATCH = 64;

const chunk = (values: Float32Array, width: number): readonly Float32Array[] =>
  Array.from({ length: values.length / width }, (_, row) => values.subarray(row * width, (row + 1) * width));

/**
 * Fits one temperature per attribute on fresh scenes, 40 % of them noisy or blurred, where a reader errs now and then.
 *
 * @param weights The reader; stays the caller's.
 * @param options.key Which scenes.
 * @param options.imageSize Side in pixels.
 * @param options.batches How many times 64 pictures.
 * @returns Attribute → divisor of its logits, between 1/8 and 8 (Guo et al. 2017).
 */
export function readerTemperatures(
  weights: AttributeReaderWeights,
  options: { readonly key: Key; readonly imageSize: number; readonly batches: number },
): Readonly<Record<string, number>> {
  const read = jit(
    "calibrate reader",
    (reader: AttributeReaderWeights, pictures: tf.Tensor) => readAttributes(reader, pictures).logits,
  );
  const logits = new Map<string, Float32Array[]>();
  const labels = new Map<string, number[]>();
  for (let batch = 0; batch < options.batches; batch++) {
    const key = fold(options.key, batch);
    const scenes = drawScenes(key, { count: BATCH, characters: allCharacters(), combinations: "all" });
    const images = spoil(
      fold(key, "spoil"),
      scenes.map((scene) => renderScene(scene, { size: options.imageSize })),
    );
    const [pictures, truths] = [pictureTensor(images), labelTensors(scenes)];
    const seen = read(weights, pictures);
    for (const [attribute, values] of Object.entries(seen)) {
      const rows = chunk(values.dataSync() as Float32Array, values.shape[1] as number);
      logits.set(attribute, [...logits.get(attribute) ?? [], ...rows]);
      labels.set(attribute, [...labels.get(attribute) ?? [], ...truths[attribute]?.dataSync() as Int32Array]);
    }
    tf.dispose([pictures, truths, seen] as Parameters<typeof tf.dispose>[0]);
  }
  return Object.fromEntries(
    [...logits].map(([attribute, rows]) => [attribute, fitTemperature(rows, labels.get(attribute) ?? [])]),
  );
}
