import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { keyFromSeed } from "../../lib/core/key.ts";
import type { ConceptRows } from "../../lib/showo/concept_rows.ts";
import { nextTokenLoss, t2iLoss } from "../../lib/showo/losses.ts";
import { showoModel } from "../../lib/showo/model.ts";
import { makeVocabulary } from "../../lib/showo/vocabulary.ts";
import type { ShowoWeights } from "../../lib/showo/weights.ts";
import { type ColdStartBatch, dialogueBatch, drawingBatch } from "../../lib/cold_start/batches.ts";
import {
  initialRowState,
  type Knobs,
  rowGradients,
  type RowState,
  rowUpdate,
} from "../../lib/cold_start/row_update.ts";
import { dialogueTokens, drawingTokens } from "../../lib/cold_start/wording.ts";
import { valueAndGrad } from "../../lib/tensor/grad.ts";
import { adamw, applyUpdates } from "../../lib/tensor/optimizer.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { disposeTree, mapTree } from "../../lib/tensor/tree.ts";
import { numbers, snapshot } from "../showo/fixture_weights.ts";
import { useTestBackend } from "../support/backend.ts";
import { assertClose } from "../support/fixture.ts";
import { tinyRuntime, tinySizes } from "./tiny.ts";

await useTestBackend();
const runtime = tinyRuntime();
const { numVqTokens, vocabulary } = runtime.config;
const wording = { prompts: "name_block", stage: "stage2", perceptionTokens: 0 } as const;
const codes = Int32Array.from({ length: numVqTokens }, (_, index) => (index * 7) % 32);
const text = dialogueTokens(
  { image: null, exchanges: [{ question: "is this <mip> ?", answer: "yes , <mip> ." }] },
  runtime,
  wording,
);
const drawing = {
  textIds: drawingTokens({ prompt: "a photo of <mip> ." }, runtime, wording),
  views: [codes],
};
const slots = [{ sample: 0, filler: false, viewKey: keyFromSeed(1) }];
const batch = {
  mmu: dialogueBatch(slots, [{ text, views: [codes] }], {
    speaker: runtime,
    length: 32,
    prompts: "name_block",
  }),
  t2i: drawingBatch(slots, [drawing], { speaker: runtime, dropCondition: 0, key: keyFromSeed(2) }),
};
const constants = { epsilon: 1e-8, weightDecay: 1e-3 };
const gradients = rowGradients(runtime.model);
const update = rowUpdate(runtime.model, gradients, constants);
const TRAINABLE = [1, 1, 1, 0, 0];
const knobs = (changes: Partial<Record<"learningRate" | "mmu" | "t2i" | "l2", number>> = {}): Knobs => ({
  learningRate: tf.scalar(changes.learningRate ?? 0.01),
  mmu: tf.scalar(changes.mmu ?? 0.2),
  t2i: tf.scalar(changes.t2i ?? 0.8),
  l2: tf.scalar(changes.l2 ?? 0),
  trainable: tf.tensor1d(TRAINABLE),
  anchor: mapTree(runtime.startRows, (leaf) => tf.clone(leaf)),
});

function run(
  steps: number,
  setting: Knobs,
  on: ColdStartBatch = batch,
): { state: RowState; losses: number[] } {
  let state = initialRowState(runtime.startRows);
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const next = update(state, runtime.base, on, setting);
    losses.push(numbers(next.metrics.loss)[0] as number);
    disposeTree([state, next.metrics]);
    state = next.state;
  }
  return { state, losses };
}

/** The reference: concept rows stand inside the tables, all tables are trained, frozen rows are restored. */
type Tables = { readonly embed: tf.Tensor; readonly headBias: tf.Tensor; readonly headWeight: tf.Tensor };
const first = vocabulary.firstConceptRow;
const count = vocabulary.conceptRows;
const inserted = (table: tf.Tensor, rows: tf.Tensor): tf.Tensor => {
  const [text, image] = tf.split(table, [first, (table.shape[0] as number) - first], 0) as [
    tf.Tensor,
    tf.Tensor,
  ];
  return tf.concat([text, rows, image], 0);
};
const wideTables = ({ embed, headBias, headWeight }: ConceptRows): Tables => ({
  embed: inserted(runtime.base.embed, embed),
  headBias: inserted(runtime.base.head.bias as tf.Tensor, headBias),
  headWeight: inserted(runtime.base.head.weight, headWeight),
});
const { special, specialRows, textSize, endOfText, codebookSize } = vocabulary;
const wideVocabulary = makeVocabulary({
  textSize,
  endOfText,
  codebookSize,
  special,
  specialRows: specialRows + count,
});
const wideModel = showoModel({ ...tinySizes, vocabulary: wideVocabulary }, { compile: "none" });
const wideBase = ({ embed, headBias, headWeight }: Tables): ShowoWeights => ({
  ...runtime.base,
  embed,
  head: { weight: headWeight, bias: headBias },
});

function wideLoss(tables: Tables): tf.Scalar {
  const policy = { base: wideBase(tables) };
  const mmu = nextTokenLoss(policy, batch.mmu, { model: wideModel });
  return tf.add(tf.mul(mmu, 0.2), tf.mul(t2iLoss(policy, batch.t2i, wideModel), 0.8)) as tf.Scalar;
}

const conceptPart = (tables: Tables): ConceptRows =>
  mapTree(
    tables as Tables,
    (leaf) =>
      tf.slice(
        leaf,
        leaf.shape.map((_, axis) => axis === 0 ? first : 0),
        leaf.shape.map((_, axis) => axis === 0 ? count : -1),
      ),
  );

describe("rowGradients()", () => {
  it("equals the rows' part of the gradients of whole tables", () => {
    const [mmu, t2i] = [
      gradients.mmu(runtime.startRows, runtime.base, batch.mmu),
      gradients.t2i(runtime.startRows, runtime.base, batch.t2i),
    ];
    const expected = tf.tidy(() => {
      const { grads } = valueAndGrad((tables: Tables) => ({ loss: wideLoss(tables), aux: [] }))(
        wideTables(runtime.startRows),
      );
      return conceptPart(grads) as unknown as tf.TensorContainerObject;
    }) as unknown as ConceptRows;
    for (const name of ["embed", "headWeight", "headBias"] as const) {
      const found = numbers(mmu.grads[name]).map((g, i) =>
        0.2 * g + 0.8 * (numbers(t2i.grads[name])[i] as number)
      );
      assert.ok(found.some((g) => Math.abs(g) > 1e-6), `${name} has a gradient`);
      assertClose(found, numbers(expected[name]), 1e-5);
    }
    disposeTree([mmu, t2i, expected]);
  });
});

describe("rowUpdate()", () => {
  it("equals training whole tables and restoring all frozen rows after each step", () => {
    const setting = knobs();
    const { state } = run(3, setting);
    const optimizer = adamw(constants);
    const expected = tf.tidy(() => {
      let tables = wideTables(runtime.startRows);
      let moments = optimizer.init(tables);
      const snapshotRows = wideTables(runtime.startRows);
      const mask = tf.concat([tf.zeros([first]), tf.tensor1d(TRAINABLE), tf.zeros([codebookSize + 1])]);
      const keep = (fresh: tf.Tensor, old: tf.Tensor): tf.Tensor => {
        const on = fresh.rank === 1 ? mask : tf.expandDims(mask, 1);
        return tf.add(tf.mul(fresh, on), tf.mul(old, tf.sub(1, on)));
      };
      for (let step = 0; step < 3; step++) {
        const { grads } = valueAndGrad((own: Tables) => ({ loss: wideLoss(own), aux: [] }))(tables);
        const next = optimizer.update(grads, moments, {
          parameters: tables,
          learningRate: setting.learningRate as tf.Scalar,
        });
        const stepped = applyUpdates(tables, next.updates);
        const old = [snapshotRows.embed, snapshotRows.headBias, snapshotRows.headWeight];
        tables = mapTree(stepped, (leaf, index) => keep(leaf, old[index] as tf.Tensor));
        moments = next.state;
      }
      return conceptPart(tables) as unknown as tf.TensorContainerObject;
    }) as unknown as ConceptRows;
    for (const name of ["embed", "headWeight", "headBias"] as const) {
      assertClose(numbers(state.rows[name]), numbers(expected[name]), 2e-5);
    }
    disposeTree([setting, state, expected]);
  });
  it("changes every trainable row and leaves all others bit for bit as they are", () => {
    const setting = knobs();
    const before = snapshot(runtime.base);
    const { state } = run(4, setting);
    for (const name of ["embed", "headWeight", "headBias"] as const) {
      const [old, now] = [numbers(runtime.startRows[name]), numbers(state.rows[name])];
      const width = old.length / count;
      TRAINABLE.forEach((on, row) => {
        const part = (all: number[]) => all.slice(row * width, (row + 1) * width);
        if (on === 0) assert.deepEqual(part(now), part(old));
        else assert.ok(part(now).every((value, index) => value !== part(old)[index]), `${name} row ${row}`);
      });
    }
    assert.deepEqual(snapshot(runtime.base), before);
    disposeTree([setting, state]);
  });
  it("learns an answer by heart that its own rows can give", () => {
    const answer = dialogueTokens(
      { image: null, exchanges: [{ question: "is this <mip> ?", answer: "<mip><mip><mip><mip>" }] },
      runtime,
      wording,
    );
    const own = { speaker: runtime, length: 32, prompts: "name_block" } as const;
    const mmu = dialogueBatch(slots, [{ text: answer, views: [codes] }], own);
    const setting = knobs({ learningRate: 0.05, mmu: 1 });
    const { state, losses } = run(60, setting, { mmu });
    assert.ok((losses.at(-1) as number) < 0.4 * (losses[0] as number), `${losses[0]} to ${losses.at(-1)}`);
    disposeTree([setting, state, mmu]);
  });
  it("pulls the concept's own row back with l2, with the gradient 2 λ Δ", () => {
    const setting = knobs({ mmu: 0, t2i: 0, l2: 3, learningRate: 0 });
    const moved = mapTree(runtime.startRows, (leaf) => tf.add(leaf, 0.5));
    const state = initialRowState(moved);
    const { metrics, state: next } = update(state, runtime.base, batch, setting);
    const size = 2 * tinySizes.width + 1;
    assertClose(numbers(metrics.loss), [3 * size * 0.25], 1e-3);
    assertClose(numbers(metrics.gradNorm), [2 * 3 * 0.5 * Math.sqrt(size)], 1e-3);
    disposeTree([setting, moved, state, next, metrics]);
  });
  it("leaks nothing", () => {
    const setting = knobs();
    const once = () => disposeTree(run(1, setting).state);
    once();
    const before = tf.memory().numTensors;
    once();
    assert.equal(tf.memory().numTensors, before);
    disposeTree(setting);
  });
});
