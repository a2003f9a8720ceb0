import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { keyFromSeed } from "../../lib/core/key.ts";
import { nextTokenLoss, t2iLoss } from "../../lib/showo/losses.ts";
import { additive, mmuVisibility, t2iVisibility } from "../../lib/showo/mask.ts";
import { IGNORE, unconditionalPrompt } from "../../lib/showo/prompt.ts";
import { dialogueBatch, drawingBatch, textLength } from "../../lib/cold_start/batches.ts";
import type { Slot } from "../../lib/cold_start/order.ts";
import { dialogueTokens, drawingTokens } from "../../lib/cold_start/wording.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { disposeTree } from "../../lib/tensor/tree.ts";
import { useTestBackend } from "../support/backend.ts";
import { tinyRuntime } from "./tiny.ts";

await useTestBackend();
const runtime = tinyRuntime();
const { vocabulary, numVqTokens, textBlock } = runtime.config;
const wording = { prompts: "name_block", stage: "stage2", perceptionTokens: 0 } as const;
const codes = (first: number) => Int32Array.from({ length: numVqTokens }, (_, index) => (first + index) % 32);
const dialogues = ["is this <mip> ?", "what does <mip> do ?"].map((question, index) => ({
  text: dialogueTokens({ image: null, exchanges: [{ question, answer: "yes ." }] }, runtime, wording),
  views: [codes(index)],
}));
const drawings = ["a photo of <mip> .", "<mip> waving ."].map((prompt, index) => ({
  textIds: drawingTokens({ prompt }, runtime, wording),
  views: [codes(index), codes(index + 9)],
}));
const slot = (sample: number, filler = false): Slot => ({ sample, filler, viewKey: keyFromSeed(sample) });
const rowsOf = (tensor: tf.Tensor): number[][] => tensor.arraySync() as number[][];
const options = {
  speaker: runtime,
  length: textLength(dialogues.map(({ text }) => text)),
  prompts: "name_block",
} as const;

describe("textLength()", () => {
  it("is a multiple of 16 that all dialogues fit in", () => {
    const sized = (length: number) => ({ ids: Array<number>(length).fill(0), labels: [] });
    assert.equal(textLength([sized(16), sized(3)]), 16);
    assert.equal(textLength([sized(17)]), 32);
    assert.equal(textLength([]), 16);
  });
});

describe("dialogueBatch()", () => {
  it("has one mask that is right for all rows", () => {
    const batch = dialogueBatch([slot(0), slot(1)], dialogues, options);
    assert.deepEqual(batch.ids.shape, [2, numVqTokens + 4 + options.length]);
    const length = batch.ids.shape[1] as number;
    assert.deepEqual(batch.mask.shape, [1, 1, length, length]);
    for (const ids of rowsOf(batch.ids)) {
      assert.deepEqual([...batch.mask.dataSync()], [...additive(mmuVisibility(vocabulary, ids))]);
    }
    disposeTree(batch);
  });
  it("fills up with rows that change no loss", () => {
    const policy = { base: runtime.base, rows: runtime.startRows };
    const loss = (slots: readonly Slot[]) => {
      const batch = dialogueBatch(slots, dialogues, options);
      const value = tf.tidy(() =>
        nextTokenLoss(policy, batch, { model: runtime.model }).dataSync()[0] as number
      );
      disposeTree(batch);
      return value;
    };
    assert.ok(Math.abs(loss([slot(1)]) - loss([slot(1), slot(0, true)])) < 1e-5);
  });
  it("loses nothing when only positions behind the picture predict", () => {
    const batch = dialogueBatch([slot(0), slot(1)], dialogues, options);
    const policy = { base: runtime.base, rows: runtime.startRows };
    const [all, late] = [0, numVqTokens + 2].map((from) =>
      tf.tidy(() => nextTokenLoss(policy, batch, { model: runtime.model, from }).dataSync()[0] as number)
    );
    assert.ok(Math.abs((all as number) - (late as number)) < 1e-5);
    disposeTree(batch);
  });
});

describe("drawingBatch()", () => {
  const draw = (
    slots: readonly Slot[],
    changes: { readonly dropCondition?: number; readonly seed?: number } = {},
  ) => {
    const { dropCondition = 0, seed = 1 } = changes;
    return drawingBatch(slots, drawings, { speaker: runtime, dropCondition, key: keyFromSeed(seed) });
  };
  it("hides codes, labels exactly those, and soi and eoi", () => {
    const batch = draw([slot(0), slot(1)]);
    const [ids, labels] = [rowsOf(batch.ids), rowsOf(batch.labels)];
    ids.forEach((row, index) => {
      const image = row.slice(textBlock + 1, -1);
      const targets = (labels[index] as number[]).slice(textBlock + 1, -1);
      assert.ok(image.includes(vocabulary.maskTokenId));
      image.forEach((id, n) => assert.equal(id === vocabulary.maskTokenId, targets[n] !== IGNORE));
      const full = image.map((id, n) => id === vocabulary.maskTokenId ? targets[n] as number : id);
      const views = (drawings[index]?.views ?? []).map((view) =>
        [...view].map((code) => vocabulary.firstImageId + code)
      );
      assert.ok(views.some((view) => view.join() === full.join()));
      assert.equal((labels[index] as number[]).at(-1), vocabulary.special["<|eoi|>"]);
    });
    const mask = batch.mask.dataSync();
    const size = mask.length / 2;
    ids.forEach((row, index) =>
      assert.deepEqual([...mask.slice(index * size, (index + 1) * size)], [
        ...additive(t2iVisibility(vocabulary, row)),
      ])
    );
    disposeTree(batch);
  });
  it("hides other codes in another update and drops prompts as often as asked", () => {
    const [one, two, dropped] = [
      draw([slot(0)]),
      draw([slot(0)], { seed: 2 }),
      draw([slot(0)], { dropCondition: 1 }),
    ];
    assert.notDeepEqual(rowsOf(one.ids), rowsOf(two.ids));
    assert.deepEqual(rowsOf(dropped.ids)[0]?.slice(0, textBlock), unconditionalPrompt(vocabulary, textBlock));
    disposeTree([one, two, dropped]);
  });
  it("fills up with rows that change no loss", () => {
    const policy = { base: runtime.base, rows: runtime.startRows };
    const loss = (slots: readonly Slot[]) => {
      const batch = draw(slots);
      const value = tf.tidy(() => t2iLoss(policy, batch, runtime.model).dataSync()[0] as number);
      disposeTree(batch);
      return value;
    };
    assert.ok(Math.abs(loss([slot(1)]) - loss([slot(1), slot(0, true)])) < 1e-5);
  });
});
