/**
 * Texts as padded rows of token ids, and their word vectors from a table in the computer's memory.
 *
 * Word tables are the largest tensors of text models; a batch needs a few of their rows, so only those are uploaded.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import type { Checked } from "../../core/stage.ts";
import type { WeightSource } from "../../tensor/weight_source.ts";
import { bucket, TEXT_BATCHES, TEXT_LENGTHS } from "./batches.ts";
import type { Parameter } from "./parameters.ts";

/** A table of word vectors. */
export interface WordTable {
  readonly rows: number;
  readonly width: number;
  /** `[rows, width]`. */
  readonly data: Float32Array;
}

/**
 * Reads the word table of a checkpoint.
 *
 * @param place Name and shape of the table.
 * @returns The table, or what is wrong with it.
 */
export function readWordTable(source: WeightSource, place: Parameter): Checked<WordTable> {
  const [rows = 0, width = 0] = place.shape;
  return pipe(source.readFloat32(place.name), E.map(({ data }) => ({ rows, width, data })));
}

/** Token ids of several texts, padded to one shape. */
export interface TokenBatch {
  /** Rows with their padding; rows without a text are all padding. */
  readonly ids: readonly (readonly number[])[];
  readonly length: number;
  /** `[rows, length]`, 1 = real token. */
  readonly mask: Float32Array;
}

/**
 * Pads token ids to a shape that recurs.
 *
 * @param texts Token ids of each text.
 * @param options.padding The id that fills up; 0 by default.
 * @param options.limit Longest row that the model takes.
 * @returns The batch; rows without a text have one real token, so that nothing divides by zero.
 */
export function padTokens(
  texts: readonly (readonly number[])[],
  options: { readonly padding?: number; readonly limit: number },
): TokenBatch {
  const { padding = 0, limit } = options;
  const length = bucket(Math.max(1, ...texts.map((ids) => ids.length)), TEXT_LENGTHS, limit);
  const rows = bucket(texts.length, TEXT_BATCHES);
  const mask = new Float32Array(rows * length);
  const ids = Array.from({ length: rows }, (_, row) => {
    const text = texts[row] ?? [padding];
    mask.fill(1, row * length, row * length + text.length);
    return [...text, ...new Array<number>(length - text.length).fill(padding)];
  });
  return { ids, length, mask };
}

/**
 * Looks up word vectors.
 *
 * @param batch Token ids.
 * @returns `[rows, length, width]`, row-major; throws if an id has no row.
 */
export function wordVectors(table: WordTable, batch: TokenBatch): Float32Array {
  const { rows, width, data } = table;
  const vectors = new Float32Array(batch.ids.length * batch.length * width);
  batch.ids.flat().forEach((id, index) => {
    if (id >= rows) throw new Error(`token ${id} is outside the word table of ${rows} rows`);
    vectors.set(data.subarray(id * width, (id + 1) * width), index * width);
  });
  return vectors;
}
