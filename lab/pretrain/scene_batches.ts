/**
 * Scenes of the procedural world as batches of tensors.
 *
 * @module
 */
import { fold, type Key, normals, uniforms } from "../../lib/core/key.ts";
import type { RgbImage } from "../../lib/image/image.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { characterBox } from "../../lib/world/draw.ts";
import { attributesOf } from "../../lib/world/scene_truth.ts";
import {
  ACTIVITIES,
  type Character,
  COLOURS,
  type Combinations,
  HAIRS,
  ITEMS,
  KINDS,
  PATTERNS,
  PLACES,
  POSITIONS,
  sampleScene,
  type Scene,
  SKINS,
  TIMES,
} from "../../lib/world/scene.ts";

/** What a reader can tell of a scene: the classes of each attribute, `none` first where it can be missing. */
export const READER_CLASSES = {
  kind: KINDS,
  colour: COLOURS,
  pattern: ["none", ...PATTERNS],
  hair: ["none", ...HAIRS],
  skin: ["none", ...SKINS],
  accessory: ["none", ...ITEMS],
  accessory_colour: ["none", ...COLOURS],
  place: PLACES,
  time: TIMES,
  activity: ACTIVITIES,
  position: POSITIONS,
} as const;

/** An attribute that a reader tells. */
export type ReaderAttribute = keyof typeof READER_CLASSES;

/** From which part of the world scenes are drawn. */
export interface SceneSource {
  readonly characters: readonly Character[];
  /** Which combinations of attributes; those that pretraining may see if left out. */
  readonly combinations?: Combinations;
}

/**
 * Draws the scenes of a training step.
 *
 * @param key The key of the step.
 * @param options How many, and from where.
 */
export function drawScenes(
  key: Key,
  options: SceneSource & { readonly count: number },
): readonly Scene[] {
  const { count, ...source } = options;
  return Array.from({ length: count }, (_, index) => sampleScene(fold(key, index), source));
}

/**
 * Packs pictures of one size into a tensor.
 *
 * @param images At least one picture; all of the same size.
 * @returns `[B, H, W, 3]` in [−1, 1].
 */
export function pictureTensor(images: readonly RgbImage[]): tf.Tensor4D {
  const [first] = images as readonly [RgbImage, ...RgbImage[]];
  const size = first.width * first.height * 3;
  const values = new Float32Array(images.length * size);
  images.forEach((image, index) => {
    for (let i = 0; i < size; i++) values[index * size + i] = (image.data[i] as number) / 127.5 - 1;
  });
  return tf.tensor4d(values, [images.length, first.height, first.width, 3]);
}

/**
 * Marks where characters stand, so that a loss can count them more.
 *
 * @param options.size Picture side in pixels.
 * @param options.weight How much a pixel of the character counts; the background counts 1.
 * @returns `[B, size, size, 1]`.
 */
export function importanceTensor(
  scenes: readonly Scene[],
  options: { readonly size: number; readonly weight: number },
): tf.Tensor4D {
  const { size, weight } = options;
  const values = new Float32Array(scenes.length * size * size).fill(1);
  scenes.forEach((scene, index) => {
    const box = characterBox(scene, { size });
    for (let y = Math.max(0, box.y); y < Math.min(size, box.y + box.height); y++) {
      const row = (index * size + y) * size;
      values.fill(weight, row + Math.max(0, box.x), row + Math.min(size, box.x + box.width));
    }
  });
  return tf.tensor4d(values, [scenes.length, size, size, 1]);
}

/**
 * Encodes the classes of scenes for a reader.
 *
 * @returns Attribute → int32 `[B]`.
 */
export function labelTensors(scenes: readonly Scene[]): { readonly [attribute: string]: tf.Tensor } {
  const classes = scenes.map(attributesOf);
  return Object.fromEntries(
    (Object.keys(READER_CLASSES) as ReaderAttribute[]).map((attribute) => {
      const names: readonly string[] = READER_CLASSES[attribute];
      return [attribute, tf.tensor1d(classes.map((scene) => names.indexOf(scene[attribute])), "int32")];
    }),
  );
}

/**
 * Spoils a share of the pictures as a decoder would: noise on some, half-resolution blocks on others.
 *
 * @returns Pictures of the same sizes; about 60 % are left as they are.
 */
export function spoil(key: Key, images: readonly RgbImage[]): readonly RgbImage[] {
  const draws = uniforms(fold(key, "how"), images.length);
  return images.map((image, index) => {
    const draw = draws[index] as number;
    if (draw < 0.2) return noisy(fold(key, index), image, 30 * (draw / 0.2));
    return draw < 0.4 ? blurred(image) : image;
  });
}

function noisy(key: Key, image: RgbImage, deviation: number): RgbImage {
  const noise = normals(key, image.data.length);
  return {
    ...image,
    data: Uint8ClampedArray.from(
      image.data,
      (v, i) => v + deviation * (noise[i] as number),
    ) as unknown as Uint8Array,
  };
}

function blurred({ width, height, data }: RgbImage): RgbImage {
  const out = new Uint8Array(data.length);
  const at = (x: number, y: number, c: number) =>
    data[(Math.min(height - 1, y) * width + Math.min(width - 1, x)) * 3 + c] as number;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [x0, y0] = [x & ~1, y & ~1];
      for (let c = 0; c < 3; c++) {
        out[(y * width + x) * 3 + c] =
          (at(x0, y0, c) + at(x0 + 1, y0, c) + at(x0, y0 + 1, c) + at(x0 + 1, y0 + 1, c)) / 4;
      }
    }
  }
  return { width, height, data: out };
}
