/**
 * From weights on disk to tensors: read into the backend's own memory, piece by piece, so that loading needs no second copy.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import type { PipelineError } from "../core/error.ts";
import type { Checked } from "../core/stage.ts";
import { tensorFromBytes } from "./backend.ts";
import { tf } from "./tf.ts";
import type { WeightSource } from "./weight_source.ts";

/** Carries an error out of the callback that fills a tensor. */
class ReadFailure extends Error {
  constructor(readonly error: PipelineError) {
    super("a tensor could not be read");
  }
}

/**
 * Loads one tensor as 32-bit floats.
 *
 * @param source The open weights.
 * @returns A tensor that the caller owns. Left if it is missing or the file is damaged; then nothing stays in memory.
 */
export function weightTensor(source: WeightSource, name: string): Checked<tf.Tensor> {
  const info = source.info(name);
  const fill = source.fillFloat32;
  if (fill === undefined || info === undefined) {
    return pipe(source.readFloat32(name), E.map(({ data, shape }) => tf.tensor(data, [...shape], "float32")));
  }
  return E.tryCatch(
    () =>
      tensorFromBytes({ shape: info.shape, dtype: "float32" }, (memory) => {
        const filled = fill(name, memory);
        if (E.isLeft(filled)) throw new ReadFailure(filled.left);
      }),
    (thrown): PipelineError =>
      thrown instanceof ReadFailure
        ? thrown.error
        : { _tag: "TensorFailure", operation: `loading ${name}`, problem: String(thrown) },
  );
}

/**
 * Loads tensors, all or none.
 *
 * @param source The open weights.
 * @returns Name and tensor; the caller owns them. Left with the first failure; then nothing stays in memory.
 */
export function weightTensors(
  source: WeightSource,
  names: readonly string[],
): Checked<readonly (readonly [string, tf.Tensor])[]> {
  const tensors: (readonly [string, tf.Tensor])[] = [];
  for (const name of names) {
    const tensor = weightTensor(source, name);
    if (E.isLeft(tensor)) {
      tensors.forEach(([, loaded]) => loaded.dispose());
      return tensor;
    }
    tensors.push([name, tensor.right]);
  }
  return E.right(tensors);
}
