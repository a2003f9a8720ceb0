/**
 * What the unified model is trained for, and how examples become tensors.
 *
 * @module
 */
import { maskTensor } from "../../lib/showo/mask.ts";
import type { Vocabulary } from "../../lib/showo/vocabulary.ts";
import type { ShowoModel } from "../../lib/showo/model.ts";
import { forward } from "../../lib/showo/transformer.ts";
import type { Loss } from "../../lib/tensor/grad.ts";
import { crossEntropy, linear } from "../../lib/tensor/ops.ts";
import { tf } from "../../lib/tensor/tf.ts";
import type { Pretraining } from "./config.ts";
import type { Example } from "./unified_examples.ts";
import type { NameTables, UnifiedParameters } from "./unified_model.ts";

/** Sequences of one length. */
export type PackedBatch = {
  /** `[B, L]` int32, in the vocabulary with all characters' rows. */
  readonly ids: tf.Tensor;
  /** `[B, L]` int32: columns of the head (base columns, then the shared name rows), negative = ignored. */
  readonly labels: tf.Tensor;
  /** Additive, `[B, 1, L, L]`. */
  readonly mask: tf.Tensor;
};

/** One update's examples. */
export type UnifiedBatch = {
  readonly drawings: PackedBatch;
  readonly dialogues: PackedBatch;
  readonly recognitions: PackedBatch;
  readonly facts: PackedBatch;
  readonly pictureFacts: PackedBatch;
};

/** The parts of the loss. */
export type UnifiedTerms = {
  readonly drawings: tf.Tensor;
  readonly dialogues: tf.Tensor;
  readonly recognitions: tf.Tensor;
  readonly facts: tf.Tensor;
  readonly pictureFacts: tf.Tensor;
};

/** The vocabulary that examples are written in, and how many characters stand behind its concept rows. */
export interface PackingContext {
  readonly vocabulary: Vocabulary;
  readonly characters: number;
}

/** Id in the vocabulary where every character has rows of its own. */
const wideId = (id: number, character: number, { vocabulary, characters }: PackingContext): number => {
  const { firstConceptRow, firstImageId, conceptRows } = vocabulary;
  if (id < firstConceptRow) return id;
  if (id < firstImageId) return id + Math.max(0, character) * conceptRows;
  return id + (characters - 1) * conceptRows;
};

/** Column of the head: base columns first, then the name rows that all characters share. */
const headColumn = (id: number, { vocabulary }: PackingContext): number => {
  const { firstConceptRow, firstImageId, conceptRows, size } = vocabulary;
  if (id < firstConceptRow) return id;
  return id < firstImageId ? size - conceptRows + (id - firstConceptRow) : id - conceptRows;
};

/** Hides every round from the other rounds; what belongs to no round stays visible to all. */
function withinRounds(visible: Uint8Array, rounds: readonly number[]): Uint8Array {
  const length = rounds.length;
  const within = visible.slice();
  rounds.forEach((from, i) => {
    const row = within.subarray(i * length, (i + 1) * length);
    rounds.forEach((to, j) => {
      if (to !== 0 && to !== from) row[j] = 0;
    });
  });
  return within;
}

/**
 * Packs examples of one length.
 *
 * @param examples The examples, in the vocabulary with one name block.
 * @param visibility Which token sees which: text-to-image or dialogue rules.
 * @param context Vocabulary and number of characters.
 * @returns Tensors.
 */
export function packExamples(
  examples: readonly Example[],
  visibility: (ids: readonly number[]) => Uint8Array,
  context: PackingContext,
): PackedBatch {
  const length = examples[0]?.ids.length ?? 0;
  const shape: [number, number] = [examples.length, length];
  const ids = examples.flatMap((example) =>
    example.ids.map((id, at) => wideId(id, example.owners[at] as number, context))
  );
  const labels = examples.flatMap((example) =>
    example.labels.map((id) => id < 0 ? id : headColumn(id, context))
  );
  return {
    ids: tf.tensor2d(Int32Array.from(ids), shape, "int32"),
    labels: tf.tensor2d(Int32Array.from(labels), shape, "int32"),
    mask: maskTensor(examples.map((example) => withinRounds(visibility(example.ids), example.rounds))),
  };
}

const sharedHead = (base: UnifiedParameters["base"], names: NameTables, hidden: tf.Tensor): tf.Tensor =>
  tf.concat(
    [linear(hidden, base.head), linear(hidden, { weight: names.headWeight, bias: names.headBias })],
    -1,
  );

/** Positions `[from, from + count)` of every row. */
const window = (x: tf.Tensor, from: number, count: number): tf.Tensor =>
  tf.slice(x, [0, from, ...Array<number>(x.rank - 2).fill(0)], [
    -1,
    count,
    ...Array<number>(x.rank - 2).fill(-1),
  ]);

/**
 * Loss of one update: captions + weighted dialogues, recognitions and fact tasks, each a mean cross entropy over its labels.
 *
 * Pictures are predicted in place, text one token ahead.
 *
 * @param parameters What is learnt.
 * @param context The model with all characters' rows, and the section of the settings.
 * @returns The loss and its terms.
 */
export function unifiedLoss(
  parameters: UnifiedParameters,
  batch: UnifiedBatch,
  context: { readonly model: ShowoModel; readonly part: Pretraining["unified"] },
): Loss<UnifiedTerms> {
  const { model, part } = context;
  const policy = { base: parameters.base, rows: parameters.names };
  const score = (packed: PackedBatch, from: number, shift: 0 | 1): tf.Tensor => {
    const count = (packed.ids.shape[1] as number) - from - shift;
    const hidden = window(forward(policy, packed, model), from, count);
    const logits = sharedHead(parameters.base, parameters.names, hidden);
    return crossEntropy(logits, window(packed.labels, from + shift, count));
  };
  const behindPicture = model.config.numVqTokens + 2;
  const terms = {
    drawings: score(batch.drawings, model.config.textBlock, 0),
    dialogues: score(batch.dialogues, behindPicture, 1),
    recognitions: score(batch.recognitions, behindPicture, 1),
    facts: score(batch.facts, 0, 1),
    pictureFacts: score(batch.pictureFacts, behindPicture, 1),
  };
  const loss = tf.addN([
    terms.drawings,
    tf.mul(terms.dialogues, part.dialogueWeight),
    tf.mul(terms.recognitions, part.recognitionWeight),
    tf.mul(terms.facts, part.factWeight),
    tf.mul(terms.pictureFacts, part.pictureFactWeight),
  ]) as tf.Scalar;
  return { loss, aux: terms };
}
