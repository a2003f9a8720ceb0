/**
 * The rows that a concept adds to the vocabulary, as an overlay: the tables of the base model never change.
 *
 * @module
 */
import { embed, linear } from "../tensor/ops.ts";
import { tf } from "../tensor/tf.ts";
import type { ShowoConfig } from "./config.ts";
import { indicator } from "./indicator.ts";
import type { Vocabulary } from "./vocabulary.ts";
import type { ShowoWeights } from "./weights.ts";

/** The rows of `<concept>`, `<token_0>`, … in id order; n of them. */
export type ConceptRows = {
  /** `[n, D]`. */
  readonly embed: tf.Tensor;
  /** `[n, D]`. */
  readonly headWeight: tf.Tensor;
  /** `[n]`. */
  readonly headBias: tf.Tensor;
};

/** The embedding table with or without an overlay. */
export type EmbedTables = {
  readonly base: Pick<ShowoWeights, "embed">;
  readonly rows?: ConceptRows | undefined;
};

/** The head with or without an overlay. */
export type HeadTables = {
  readonly base: Pick<ShowoWeights, "head">;
  readonly rows?: ConceptRows | undefined;
};

/** Ranges of the vocabulary: everything · the image codes · text, special tokens and concept rows. */
export type Columns = "all" | "image" | "text";

/**
 * Starts the rows of a concept as the reference does: as copies of the first image codes.
 *
 * @param base The base model.
 * @param count n, at most the number of codes + 1.
 * @returns Rows that the caller owns.
 *
 * Source: row surgery of UniCTokens.
 */
export function initialConceptRows(base: ShowoWeights, count: number, config: ShowoConfig): ConceptRows {
  const first = config.vocabulary.firstConceptRow;
  return {
    embed: tf.slice(base.embed, [first, 0], [count, -1]),
    headWeight: tf.slice(base.head.weight, [first, 0], [count, -1]),
    headBias: tf.slice(base.head.bias as tf.Tensor, [first], [count]),
  };
}

function checkRows(rows: ConceptRows | undefined, { conceptRows }: Vocabulary): void {
  const found = rows?.embed.shape[0] ?? 0;
  if (found !== conceptRows) {
    throw new Error(`the vocabulary has ${conceptRows} concept rows, the policy ${found}`);
  }
}

/**
 * Looks up embeddings. A gradient of the overlay alone costs nothing in the size of the base table.
 *
 * @param tables Base and overlay.
 * @param ids `[...]` int32 in the vocabulary with concept rows.
 * @param vocabulary That vocabulary.
 * @returns `[..., D]`.
 */
export function embedIds(tables: EmbedTables, ids: tf.Tensor, vocabulary: Vocabulary): tf.Tensor {
  const { base, rows } = tables;
  checkRows(rows, vocabulary);
  if (rows === undefined) return embed(base.embed, ids);
  const { firstConceptRow, firstImageId, conceptRows } = vocabulary;
  const int = (value: number): tf.Scalar => tf.scalar(value, "int32");
  const isText = tf.cast(tf.less(ids, int(firstConceptRow)), "int32");
  const isImage = tf.cast(tf.greaterEqual(ids, int(firstImageId)), "int32");
  const baseIds = tf.add(tf.mul(ids, isText), tf.mul(tf.sub(ids, int(conceptRows)), isImage));
  const inBase = tf.expandDims(tf.cast(tf.add(isText, isImage), "float32"), -1);
  const own = tf.reshape(tf.sub(ids, int(firstConceptRow)), [-1]);
  const picked = tf.matMul(indicator(own, conceptRows) as tf.Tensor2D, rows.embed as tf.Tensor2D);
  const fromBase = tf.mul(embed(base.embed, baseIds), inBase);
  return tf.add(fromBase, tf.reshape(picked, fromBase.shape));
}

/**
 * Computes logits over a range of the vocabulary.
 *
 * @param tables Base and overlay.
 * @param hidden `[..., D]`, after the final norm.
 * @param options.columns `all`: `[0, V)` · `image`: the codes, without the mask · `text`: `[0, F)`.
 * @param options.vocabulary The vocabulary with concept rows.
 * @returns `[..., columns]`.
 */
export function headLogits(
  tables: HeadTables,
  hidden: tf.Tensor,
  options: { readonly columns: Columns; readonly vocabulary: Vocabulary },
): tf.Tensor {
  const { columns, vocabulary } = options;
  const { firstConceptRow, codebookSize } = vocabulary;
  checkRows(tables.rows, vocabulary);
  const part = (from: number, count: number): tf.Tensor => baseLogits(tables.base, hidden, [from, count]);
  if (columns === "image") return part(firstConceptRow, codebookSize);
  const { rows } = tables;
  if (rows === undefined) {
    return columns === "text" ? part(0, firstConceptRow) : linear(hidden, tables.base.head);
  }
  const own = linear(hidden, { weight: rows.headWeight, bias: rows.headBias });
  if (columns === "text") return tf.concat([part(0, firstConceptRow), own], -1);
  const all = linear(hidden, tables.base.head);
  const [text, image] = tf.split(all, [firstConceptRow, codebookSize + 1], all.rank - 1) as [
    tf.Tensor,
    tf.Tensor,
  ];
  return tf.concat([text, own, image], -1);
}

function baseLogits(
  base: HeadTables["base"],
  hidden: tf.Tensor,
  [from, count]: readonly [number, number],
): tf.Tensor {
  const weight = tf.slice(base.head.weight, [from, 0], [count, -1]);
  return linear(hidden, { weight, bias: tf.slice(base.head.bias as tf.Tensor, [from], [count]) });
}
