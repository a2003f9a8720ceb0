/**
 * The sequences of one update as tensors of fixed shapes.
 *
 * @module
 */
import { fold, integer, type Key, uniforms } from "../core/key.ts";
import type { TaskBatch } from "../showo/losses.ts";
import { maskTensor, mmuVisibility, t2iVisibility } from "../showo/mask.ts";
import { maskImage, maskingDraws } from "../showo/masking.ts";
import { IGNORE, type LabelledSequence, t2iSequence } from "../showo/prompt.ts";
import { tf } from "../tensor/tf.ts";
import type { Slot } from "./order.ts";
import { drawingPrompt, type Prompts, type Speaker, understandingSequence } from "./wording.ts";

/** A dialogue with its ids and the codes of its picture's views. */
export interface CodedDialogue {
  readonly text: LabelledSequence;
  readonly views: readonly Int32Array[];
}

/** A prompt's ids and the codes of its picture's views. */
export interface CodedDrawing {
  readonly textIds: readonly number[];
  readonly views: readonly Int32Array[];
}

/** One update's sequences. A task that the stage does not have is left out. */
export type ColdStartBatch = { readonly mmu?: TaskBatch | undefined; readonly t2i?: TaskBatch | undefined };

const viewAt = (views: readonly Int32Array[], key: Key): Int32Array =>
  views[integer(key, views.length)] as Int32Array;

const counted = (sequence: LabelledSequence, filler: boolean): LabelledSequence =>
  filler ? { ...sequence, labels: sequence.labels.map(() => IGNORE) } : sequence;

function pack(sequences: readonly LabelledSequence[], visibilities: readonly Uint8Array[]): TaskBatch {
  const shape: [number, number] = [sequences.length, sequences[0]?.ids.length ?? 0];
  const table = (rows: readonly (readonly number[])[]): tf.Tensor =>
    tf.tensor2d(Int32Array.from(rows.flat()), shape, "int32");
  return {
    ids: table(sequences.map(({ ids }) => ids)),
    labels: table(sequences.map(({ labels }) => labels)),
    mask: maskTensor(visibilities),
  };
}

/**
 * Packs dialogues. The mask is one for all rows: pictures have one length, and padding is on the right.
 *
 * @param slots Which dialogues; fillers count for nothing.
 * @param options.length Length of the text.
 * @param options.prompts What stands between picture and text.
 * @returns Fresh tensors.
 */
export function dialogueBatch(
  slots: readonly Slot[],
  dialogues: readonly CodedDialogue[],
  options: { readonly speaker: Speaker; readonly length: number; readonly prompts: Prompts },
): TaskBatch {
  const sequences = slots.map(({ sample, filler, viewKey }) => {
    const { text, views } = dialogues[sample] as CodedDialogue;
    return counted(understandingSequence(text, viewAt(views, viewKey), options), filler);
  });
  const first = sequences[0]?.ids ?? [];
  return pack(sequences, [mmuVisibility(options.speaker.config.vocabulary, first)]);
}

function drawingSequence(
  drawing: CodedDrawing,
  { filler, viewKey }: Slot,
  options: { readonly speaker: Speaker; readonly dropCondition: number; readonly key: Key },
): LabelledSequence {
  const { speaker, dropCondition, key } = options;
  const { vocabulary, numVqTokens } = speaker.config;
  const dropped = (uniforms(fold(key, "drop"), 1)[0] as number) < dropCondition;
  const masked = maskImage(vocabulary, viewAt(drawing.views, viewKey), {
    draws: maskingDraws(fold(key, "mask"), numVqTokens),
  });
  const prompt = drawingPrompt(drawing.textIds, speaker, dropped);
  return counted(t2iSequence(vocabulary, { prompt, ...masked }), filler);
}

/**
 * Packs drawings. What is hidden and which prompts are dropped is new in every update.
 *
 * @param slots Which drawings; fillers count for nothing.
 * @param options.dropCondition Probability that a prompt is dropped.
 * @param options.key The randomness of the update.
 * @returns Fresh tensors.
 */
export function drawingBatch(
  slots: readonly Slot[],
  drawings: readonly CodedDrawing[],
  options: { readonly speaker: Speaker; readonly dropCondition: number; readonly key: Key },
): TaskBatch {
  const sequences = slots.map((slot, place) =>
    drawingSequence(drawings[slot.sample] as CodedDrawing, slot, {
      ...options,
      key: fold(options.key, place),
    })
  );
  const { vocabulary } = options.speaker.config;
  return pack(sequences, sequences.map(({ ids }) => t2iVisibility(vocabulary, ids)));
}

/** Lengths that dialogues are padded to: few, so that few functions are compiled. */
const BUCKET = 16;

/**
 * Chooses the one text length of all dialogues.
 *
 * @param texts The dialogues of all stages.
 * @returns The longest, rounded up to a multiple of 16.
 */
export function textLength(texts: readonly LabelledSequence[]): number {
  const longest = Math.max(1, ...texts.map(({ ids }) => ids.length));
  return Math.ceil(longest / BUCKET) * BUCKET;
}
