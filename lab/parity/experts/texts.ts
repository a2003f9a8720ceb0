/**
 * What the text cases of all experts share: token ids and cosines.
 *
 * @module
 */
import * as t from "io-ts";
import type { Tokenizer } from "../../../lib/text/tokenizer.ts";
import { type Check, compareExactly } from "../check.ts";

/** A text with its token ids and tokens. */
export interface TextCase {
  readonly name: string;
  readonly text: string;
  readonly input_ids: readonly number[];
  readonly tokens: readonly string[];
}

/** Reads a {@link TextCase}. */
export const TextCases: t.Type<readonly TextCase[]> = t.readonlyArray(t.readonly(t.type({
  name: t.string,
  text: t.string,
  input_ids: t.readonlyArray(t.number),
  tokens: t.readonlyArray(t.string),
})));

/**
 * Compares the tokens of a text.
 *
 * @param label Name of the case in the table.
 * @returns Two comparisons: ids from the text, ids from the tokens.
 */
export function tokenChecks(tokenizer: Tokenizer, label: string, text: TextCase): readonly Check[] {
  const { input_ids, tokens } = text;
  return [
    compareExactly(tokenizer.encode(text.text), input_ids, { name: label, quantity: "token ids" }),
    compareExactly(tokens.map(tokenizer.idOf), input_ids, { name: label, quantity: "ids of tokens" }),
  ];
}

const dot = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, x, index) => sum + x * (b[index] as number), 0);

/**
 * Computes the cosines of all rows with all columns.
 *
 * @param rows Vectors.
 * @param columns Vectors of the same width.
 * @returns Row by row.
 */
export function cosines(rows: readonly Float32Array[], columns: readonly Float32Array[]): readonly number[] {
  return rows.flatMap((a) => columns.map((b) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))));
}
