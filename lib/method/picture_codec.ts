/**
 * Pictures to image codes and back, in batches of few sizes.
 *
 * @module
 */
import type { RgbImage } from "../image/image.ts";
import { codesOf, decode, encode, type MagvitDecoder, type MagvitEncoder, signsOf } from "../showo/magvit.ts";
import type { Magvit } from "../showo/magvit_folder.ts";
import { jit } from "../tensor/jit.ts";
import { tf } from "../tensor/tf.ts";

/** The image tokenizer as two functions. */
export interface PictureCodec {
  /** Codes `[N]` of each picture; all of the model's size. */
  readonly encode: (images: readonly RgbImage[]) => readonly Int32Array[];
  /** The picture of each list of codes. */
  readonly decode: (codes: readonly Int32Array[]) => readonly RgbImage[];
}

/** Pictures per device call at most, and the side up to which there is memory for as many. */
const BATCH = 9;
const SMALL_SIDE = 128;

/**
 * Counts the pictures of a device call: as many pixels as nine small pictures have, at least one picture.
 *
 * @param imageSize Side of a picture in pixels.
 * @returns 9 up to 128 pixels, 2 at 256, 1 at 512.
 *
 * @example
 * ```ts
 * import { picturesPerCall } from "./picture_codec.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual([64, 128, 256, 512].map(picturesPerCall), [9, 9, 2, 1]);
 * ```
 */
export function picturesPerCall(imageSize: number): number {
  return Math.max(1, Math.min(BATCH, Math.floor(BATCH * (SMALL_SIDE / imageSize) ** 2)));
}

/** A call with fewer pictures is filled up, so that one compiled function serves all. */
const inBatches = <A, B>(
  items: readonly A[],
  size: number,
  run: (batch: readonly A[]) => readonly B[],
): readonly B[] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) => {
    const batch = items.slice(index * size, (index + 1) * size);
    const filled = Array.from({ length: size }, (_, row) => batch[row] ?? batch[0] as A);
    return run(filled).slice(0, batch.length);
  }).flat();

const pixelTensor = (images: readonly RgbImage[], size: number): tf.Tensor4D => {
  const values = Float32Array.from(
    images.flatMap(({ data }) => Array.from(data)),
    (value) => value / 127.5 - 1,
  );
  return tf.tensor4d(values, [images.length, size, size, 3]);
};

const rows = (values: Int32Array, count: number): readonly Int32Array[] => {
  const width = values.length / count;
  return Array.from({ length: count }, (_, row) => values.slice(row * width, (row + 1) * width));
};

/**
 * Makes the codec of an image tokenizer; compiled functions are kept for all later calls.
 *
 * Pixels are scaled as published: `clamp((y + 1) / 2, 0, 1) · 255`, truncated.
 *
 * @param magvit Sizes and weights; stay the caller's.
 * @param imageSize Side of a picture in pixels.
 */
export function pictureCodec({ config, weights }: Magvit, imageSize: number): PictureCodec {
  const toCodes = jit(
    "picture to codes",
    (encoder: MagvitEncoder, pictures: tf.Tensor) => codesOf(encode(encoder, pictures, config)) as tf.Tensor,
  );
  const toPixels = jit("codes to picture", (decoder: MagvitDecoder, codes: tf.Tensor) => {
    const pictures = decode(decoder, signsOf(codes, { bits: config.codeBits }), config);
    const unit = tf.clipByValue(tf.div(tf.add(pictures, 1), 2), 0, 1);
    return tf.cast(tf.floor(tf.mul(unit, 255)), "int32") as tf.Tensor;
  });
  const read = (inputs: tf.Tensor, run: () => tf.Tensor): Int32Array => {
    const output = run();
    const values = output.dataSync() as Int32Array;
    tf.dispose([inputs, output]);
    return values;
  };
  const size = picturesPerCall(imageSize);
  return {
    encode: (images) =>
      inBatches(images, size, (batch) => {
        const pictures = pixelTensor(batch, imageSize);
        return rows(read(pictures, () => toCodes(weights.encoder, pictures)), batch.length);
      }),
    decode: (codes) =>
      inBatches(codes, size, (batch) => {
        const width = batch[0]?.length ?? 0;
        const flat = Int32Array.from(batch.flatMap((row) => Array.from(row)));
        const tensor = tf.tensor2d(flat, [batch.length, width], "int32");
        return rows(read(tensor, () => toPixels(weights.decoder, tensor)), batch.length)
          .map((pixels) => ({ width: imageSize, height: imageSize, data: Uint8Array.from(pixels) }));
      }),
  };
}
