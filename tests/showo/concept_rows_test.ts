import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { keyFromSeed, normals } from "../../lib/core/key.ts";
import { type ConceptRows, embedIds, headLogits, initialConceptRows } from "../../lib/showo/concept_rows.ts";
import { trainingLoss } from "../../lib/showo/losses.ts";
import { causalVisibility, maskTensor } from "../../lib/showo/mask.ts";
import { type Policy, showoModel, withConcept } from "../../lib/showo/model.ts";
import type { ShowoWeights } from "../../lib/showo/weights.ts";
import { valueAndGrad } from "../../lib/tensor/grad.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { disposeTree } from "../../lib/tensor/tree.ts";
import { useTestBackend } from "../support/backend.ts";
import { assertClose } from "../support/fixture.ts";
import { cases, config } from "./fixture_model.ts";
import { leaked, loadPolicy, numbers } from "./fixture_weights.ts";

await useTestBackend();
const { base } = loadPolicy();
const { n_new: count, ...sources } = cases.concept_rows;
const concept = withConcept(config, count);
const { vocabulary } = concept;

/** Row surgery on whole tables, as the reference does it. */
function surgery(rows: ConceptRows): ShowoWeights {
  const at = vocabulary.firstConceptRow;
  const insert = (table: tf.Tensor, own: tf.Tensor): tf.Tensor => {
    const [before, after] = tf.split(table, [at, (table.shape[0] as number) - at]) as [tf.Tensor, tf.Tensor];
    return tf.concat([before, own, after]);
  };
  const head = {
    weight: insert(base.head.weight, rows.headWeight),
    bias: insert(base.head.bias as tf.Tensor, rows.headBias),
  };
  return { ...base, embed: insert(base.embed, rows.embed), head };
}

const noise = (seed: number, shape: number[]): tf.Tensor =>
  tf.tensor(normals(keyFromSeed(seed), shape.reduce((a, b) => a * b, 1)), shape);
const rows: ConceptRows = {
  embed: noise(1, [count, 64]),
  headWeight: noise(2, [count, 64]),
  headBias: noise(3, [count]),
};

describe("initialConceptRows()", () => {
  it("copies the rows that the reference leaves behind", () => {
    const rowsOf = (table: tf.Tensor, ids: number[]) => numbers(tf.gather(table, tf.tensor1d(ids, "int32")));
    tf.tidy(() => {
      const whole = surgery(initialConceptRows(base, count, config));
      assert.deepEqual(numbers(whole.embed), rowsOf(base.embed, sources.embed_source_row));
      assert.deepEqual(numbers(whole.head.weight), rowsOf(base.head.weight, sources.head_weight_source_row));
      const bias = base.head.bias as tf.Tensor;
      assert.deepEqual(numbers(whole.head.bias as tf.Tensor), rowsOf(bias, sources.head_bias_source_row));
    });
  });
});

describe("concept rows as an overlay", () => {
  const ids = Array.from({ length: vocabulary.size }, (_, id) => id);

  it("look up what row surgery would, for every id", () => {
    tf.tidy(() => {
      const all = tf.tensor2d([ids], undefined, "int32");
      assertClose(
        numbers(embedIds({ base, rows }, all, vocabulary)),
        numbers(tf.gather(surgery(rows).embed, all.flatten())),
        1e-6,
      );
    });
  });

  it("give the logits that row surgery would, in each range", () => {
    tf.tidy(() => {
      const hidden = noise(4, [2, 3, 64]);
      const { head } = surgery(rows);
      const flat = tf.matMul(hidden.reshape([6, 64]), head.weight as tf.Tensor2D, false, true);
      const whole = tf.add(flat, head.bias as tf.Tensor);
      const expected = (from: number, size: number) => numbers(tf.slice(whole, [0, from], [6, size]));
      const found = (columns: "all" | "image" | "text") =>
        numbers(headLogits({ base, rows }, hidden, { columns, vocabulary }));
      assertClose(found("all"), expected(0, vocabulary.size), 1e-5);
      assertClose(found("text"), expected(0, vocabulary.firstImageId), 1e-5);
      assertClose(found("image"), expected(vocabulary.firstImageId, vocabulary.codebookSize), 1e-5);
    });
  });

  it("get the gradient that row surgery would give them", () => {
    const model = showoModel(concept);
    const shifted = (cases.forward.ids[0] as number[]).map((id) =>
      id < vocabulary.firstConceptRow ? id : id + count
    );
    shifted.splice(7, 3, 70, 72, 70);
    const batch = {
      ids: tf.tensor2d([shifted], undefined, "int32"),
      labels: tf.tensor2d([shifted], undefined, "int32"),
      mask: maskTensor([causalVisibility(29)]),
    };
    const weights = { t2i: 1, lm: 1, mmu: 0 };
    const loss = (policy: Policy, compiled: typeof model) =>
      trainingLoss(policy, { t2i: batch, lm: batch }, { model: compiled, weights });
    const [own, whole] = tf.tidy(() => {
      const { grads } = valueAndGrad((r: ConceptRows) => loss({ base, rows: r }, model))(rows);
      // The whole table behaves like a base vocabulary with more text rows.
      const text = { ...config, vocabulary: { ...vocabulary, conceptRows: 0 } };
      const full = valueAndGrad((b: ShowoWeights) =>
        loss({ base: b }, showoModel(text))
      )(surgery(rows)).grads;
      const at = [vocabulary.firstConceptRow, 0];
      return [
        [grads.embed, grads.headWeight, grads.headBias].map(numbers),
        [
          tf.slice(full.embed, at, [count, -1]),
          tf.slice(full.head.weight, at, [count, -1]),
          tf.slice(full.head.bias as tf.Tensor, at.slice(0, 1), [count]),
        ].map(numbers),
      ];
    }) as unknown as [number[][], number[][]];
    own.forEach((gradient, index) => {
      assert.ok(gradient.some((x) => Math.abs(x) > 1e-3));
      assertClose(gradient, whole[index] as number[], 2e-4);
    });
    disposeTree(batch);
  });

  it("refuse a vocabulary of another number of rows", () => {
    const ids = tf.tensor2d([[1]], undefined, "int32");
    assert.throws(() => embedIds({ base }, ids, vocabulary), /3 concept rows, the policy 0/);
    ids.dispose();
  });

  it("leak nothing", () => {
    const hidden = noise(5, [2, 64]);
    assert.equal(
      leaked(() => tf.tidy(() => void headLogits({ base, rows }, hidden, { columns: "all", vocabulary }))),
      0,
    );
    hidden.dispose();
  });
});
