/**
 * Pictures of the world as image codes: encoded once, then drawn from.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import type { HasFiles, HasLog } from "../../lib/core/capability.ts";
import { fold, keyFromSeed } from "../../lib/core/key.ts";
import type { Stage } from "../../lib/core/stage.ts";
import { codesOf, encode, type MagvitEncoder } from "../../lib/showo/magvit.ts";
import type { MagvitConfig } from "../../lib/showo/magvit_config.ts";
import { jit } from "../../lib/tensor/jit.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { renderScene } from "../../lib/world/draw.ts";
import { type Character, sampleScene, type Scene } from "../../lib/world/scene.ts";
import { pictureTensor } from "./scene_batches.ts";
import type { CodedScene } from "./unified_examples.ts";

/** An encoder with its sizes. */
export interface Encoder {
  readonly weights: MagvitEncoder;
  readonly config: MagvitConfig;
}

/** Which pictures. */
export interface ScenePool {
  readonly count: number;
  readonly seed: number;
  /** Probability of each default attribute in every second picture. */
  readonly usual: number;
  readonly characters: readonly Character[];
  readonly imageSize: number;
}

const BATCH = 50;

/**
 * Draws the scenes of a pool.
 *
 * @param pool Which.
 * @returns Scenes with combinations that pretraining may see.
 */
export function poolScenes({ count, seed, usual, characters }: ScenePool): readonly Scene[] {
  return Array.from(
    { length: count },
    (_, index) =>
      sampleScene(fold(keyFromSeed(seed), index), { characters, defaults: index % 2 === 0 ? usual : 0 }),
  );
}

const makeEncode = (config: MagvitConfig) =>
  jit(
    "encode pictures",
    (weights: MagvitEncoder, pictures: tf.Tensor) => codesOf(encode(weights, pictures, config)) as tf.Tensor,
  );

/**
 * Encodes the picture that stands for no picture.
 *
 * @param imageSize Side in pixels.
 */
export function blackCodes(encoder: Encoder, imageSize: number): Int32Array {
  const pictures = tf.fill([1, imageSize, imageSize, 3], -1);
  const codes = makeEncode(encoder.config)(encoder.weights, pictures);
  const values = codes.dataSync() as Int32Array;
  tf.dispose([pictures, codes]);
  return values;
}

function encodeAll(
  encoder: Encoder,
  scenes: readonly Scene[],
  options: { readonly imageSize: number; readonly onProgress: (done: number) => void },
): Int32Array {
  const run = makeEncode(encoder.config);
  const chunks: Int32Array[] = [];
  for (let start = 0; start < scenes.length; start += BATCH) {
    const part = scenes.slice(start, start + BATCH);
    const pictures = pictureTensor(part.map((scene) => renderScene(scene, { size: options.imageSize })));
    const codes = run(encoder.weights, pictures);
    chunks.push(codes.dataSync() as Int32Array);
    tf.dispose([pictures, codes]);
    options.onProgress(start + part.length);
  }
  const all = new Int32Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  chunks.reduce((offset, chunk) => (all.set(chunk, offset), offset + chunk.length), 0);
  return all;
}

/**
 * Encodes a pool, or reads its codes if they are there.
 *
 * @param pool Which pictures.
 * @param path Where the codes are kept; name it after everything that they depend on.
 * @returns One coded scene per picture.
 */
export function codedScenes(
  encoder: Encoder,
  pool: ScenePool,
  path: string,
): Stage<HasFiles & HasLog, readonly CodedScene[]> {
  const scenes = poolScenes(pool);
  const place = new Map(pool.characters.map((character, index) => [character, index]));
  return ({ files, log }) =>
    pipe(
      files.exists(path),
      TE.flatMap((exists) =>
        exists ? pipe(files.readBytes(path), TE.map((bytes) => new Int32Array(bytes.slice().buffer))) : pipe(
          TE.fromIO(() =>
            encodeAll(encoder, scenes, {
              imageSize: pool.imageSize,
              onProgress: (done) =>
                done % 1000 === 0 && log.progress(`encoding pictures ${done}/${scenes.length}`),
            })
          ),
          TE.tap((codes) => files.writeAtomic(path, new Uint8Array(codes.buffer))),
        )
      ),
      TE.map((codes) => {
        const size = codes.length / scenes.length;
        return scenes.map((scene, index) => ({
          scene,
          character: place.get(scene.character) as number,
          codes: codes.slice(index * size, (index + 1) * size),
        }));
      }),
    );
}
