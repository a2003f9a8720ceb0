/**
 * Which samples an update sees.
 *
 * @module
 */
import { fold, type Key, shuffle } from "../core/key.ts";

/** `shuffled`: a new permutation in every epoch · `frozen`: one list of batches, replayed in every epoch. */
export type Order = "shuffled" | "frozen";

/** The samples of one task. */
export interface Flow {
  /** How many there are, ≥ 1. */
  readonly count: number;
  /** How many an update sees. */
  readonly batchSize: number;
  /** Whether a frozen list keeps the order of the file. */
  readonly keepsOrder: boolean;
}

/** One place in a batch. */
export interface Slot {
  /** Index of the sample. */
  readonly sample: number;
  /** Whether the place only fills up a short batch: its labels don't count. */
  readonly filler: boolean;
  /** Randomness of this sample's view: the same whenever a frozen list is replayed. */
  readonly viewKey: Key;
}

const batchesOf = ({ count, batchSize }: Flow): number => Math.ceil(count / batchSize);

const permuted = (key: Key, count: number): readonly number[] =>
  shuffle(key, Array.from({ length: count }, (_, index) => index));

/**
 * Counts the updates of one epoch: those of the longest task; the others start again meanwhile.
 *
 * @returns At least 1 if there is a task.
 */
export function epochLength(flows: readonly Flow[]): number {
  return Math.max(0, ...flows.map(batchesOf));
}

/**
 * Lists the samples of an update.
 *
 * `shuffled` reads one endless stream of permutations, so that every batch is full. `frozen` lists the batches of one
 * epoch once and replays them; a task that is exhausted within the epoch starts again, and its last batch may be short.
 *
 * @param step The update, from 0.
 * @param options.key The randomness of the task in this stage.
 * @param options.epoch From {@link epochLength}.
 * @returns `batchSize` places.
 *
 * @example Two samples in batches of three
 * ```ts
 * import { batchAt } from "./order.ts";
 * import { keyFromSeed } from "../core/key.ts";
 * import assert from "node:assert/strict";
 * const flow = { count: 2, batchSize: 3, keepsOrder: true };
 * const slots = batchAt(0, flow, { order: "frozen", key: keyFromSeed(1), epoch: 1 });
 * assert.deepEqual(slots.map(({ sample, filler }) => [sample, filler]), [[0, false], [1, false], [0, true]]);
 * ```
 *
 * Source of `frozen`: the released loader.
 */
export function batchAt(
  step: number,
  flow: Flow,
  options: { readonly order: Order; readonly key: Key; readonly epoch: number },
): readonly Slot[] {
  const { order, key, epoch } = options;
  const { count, batchSize, keepsOrder } = flow;
  const at = order === "shuffled" ? step : step % epoch;
  const viewKey = (place: number): Key => fold(fold(fold(key, "view"), at), place);
  const places = Array.from({ length: batchSize }, (_, place) => place);
  if (order === "shuffled") {
    return places.map((place) => {
      const index = at * batchSize + place;
      const pass = permuted(fold(key, Math.floor(index / count)), count);
      return { sample: pass[index % count] as number, filler: false, viewKey: viewKey(place) };
    });
  }
  const round = Math.floor(at / batchesOf(flow));
  const list = keepsOrder ? places : permuted(fold(key, round), count);
  const first = (at % batchesOf(flow)) * batchSize;
  return places.map((place) => {
    const index = first + place;
    const filler = index >= count;
    const chosen = filler ? 0 : index;
    return { sample: keepsOrder ? chosen : list[chosen] as number, filler, viewKey: viewKey(place) };
  });
}
