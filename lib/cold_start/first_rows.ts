/**
 * Where the rows of a concept begin.
 *
 * @module
 */
import type { Concept } from "../concept/concept.ts";
import type { Key } from "../core/key.ts";
import { type ConceptRows, initialConceptRows } from "../showo/concept_rows.ts";
import { tf } from "../tensor/tf.ts";
import { copyTree } from "../tensor/tree.ts";
import type { Runtime } from "../method/runtime.ts";
import { kMeans } from "./k_means.ts";
import { encodeVerbatim } from "./wording.ts";

/**
 * `profile`: the profile's values · `images`: class noun, and centres of the codes of the train photos · `words`: class
 * noun, and the mean of the words that describe the concept · `copy`: rows of image codes.
 */
export type Init = "profile" | "images" | "words" | "copy";

/** What first rows are made from. */
export type RowSource = Pick<Runtime, "base" | "startRows" | "config" | "naming" | "encodeText">;

/** Rows of the base model's embedding table. */
function tableRows({ base }: Pick<Runtime, "base">, ids: readonly number[]): readonly Float32Array[] {
  const flat = tf.tidy(() => tf.gather(base.embed, tf.tensor1d(Int32Array.from(ids), "int32")).dataSync());
  const width = base.embed.shape[1] as number;
  return ids.map((_, row) => (flat as Float32Array).slice(row * width, (row + 1) * width));
}

function meanOf(rows: readonly Float32Array[]): Float32Array {
  const [first = new Float32Array(0)] = rows;
  return Float32Array.from(
    first,
    (_, i) => rows.reduce((sum, row) => sum + (row[i] as number), 0) / rows.length,
  );
}

const wordRow = (source: RowSource, word: string): Float32Array =>
  meanOf(tableRows(source, encodeVerbatim(word, source)));

/**
 * Finds centres of image codes in embedding space.
 *
 * @param pictures Codes of pictures.
 * @param source The base model, whose rows of the codes are clustered; a code counts as often as it occurs.
 * @param options.clusters How many centres.
 * @returns The centres, each of the model's width.
 *
 * Source: UniCTokens, init by images.
 */
export function codeCentres(
  pictures: readonly Int32Array[],
  source: Pick<Runtime, "base" | "config">,
  options: { readonly clusters: number; readonly key: Key },
): readonly Float32Array[] {
  const counts = new Map<number, number>();
  for (const codes of pictures) {
    for (const code of codes) counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  const codes = [...counts.keys()].sort((a, b) => a - b);
  const first = source.config.vocabulary.firstConceptRow;
  const rows = tableRows(source, codes.map((code) => first + code));
  const points = rows.map((at, index) => ({ at, weight: counts.get(codes[index] as number) as number }));
  return kMeans(points, options);
}

/**
 * Replaces some embedding rows.
 *
 * @param rows The rows; stay the caller's.
 * @param fresh New values by row index.
 * @returns Fresh tensors.
 */
export function withEmbedRows(rows: ConceptRows, fresh: ReadonlyMap<number, Float32Array>): ConceptRows {
  const values = rows.embed.dataSync().slice() as Float32Array;
  const [, width] = rows.embed.shape as [number, number];
  fresh.forEach((row, index) => values.set(row, index * width));
  return {
    embed: tf.tensor2d(values, rows.embed.shape as [number, number]),
    headWeight: tf.clone(rows.headWeight),
    headBias: tf.clone(rows.headBias),
  };
}

/**
 * Reads some embedding rows.
 *
 * @param indices Which.
 * @returns Copies.
 */
export function embedRows(rows: ConceptRows, indices: readonly number[]): readonly Float32Array[] {
  const values = rows.embed.dataSync() as Float32Array;
  const width = rows.embed.shape[1] as number;
  return indices.map((index) => values.slice(index * width, (index + 1) * width));
}

/** The class noun, then the words of the info sentence behind `<c> is`. */
function describingWords({ info, token, className }: Concept): readonly string[] {
  const rest = info.replace(`${token} is `, "").split(/\s+/).filter((word) => word !== "" && word !== token);
  return [className, ...rest];
}

function semanticRows(
  source: RowSource,
  concept: Concept,
  options: { readonly init: "images" | "words"; readonly key: Key; readonly pictures: readonly Int32Array[] },
): readonly Float32Array[] {
  const { semanticTokens: clusters } = source.naming;
  if (options.init === "images") return codeCentres(options.pictures, source, { clusters, key: options.key });
  const mean = meanOf(describingWords(concept).map((word) => wordRow(source, word)));
  return Array.from({ length: clusters }, () => mean);
}

/**
 * Makes the first values of a concept's rows.
 *
 * `images` and `words` set the embeddings of the concept and its semantic tokens; everything else is as in the profile,
 * which without values of its own has copies of image-code rows.
 *
 * @param options.init How.
 * @param options.pictures Codes of the train photos, for `images`.
 * @returns Rows that the caller owns.
 *
 * Source: UniCTokens.
 */
export function firstRows(
  source: RowSource,
  concept: Concept,
  options: { readonly init: Init; readonly pictures: readonly Int32Array[]; readonly key: Key },
): ConceptRows {
  const { startRows, base, config } = source;
  const { init } = options;
  if (init === "profile") return copyTree(startRows);
  const count = startRows.embed.shape[0] as number;
  if (init === "copy") return tf.tidy(() => initialConceptRows(base, count, config));
  const semantic = semanticRows(source, concept, { ...options, init });
  const fresh = [wordRow(source, concept.className), ...semantic].map((row, index) => [index, row] as const);
  return withEmbedRows(startRows, new Map(fresh));
}
