import { describe, it } from "@std/testing/bdd";
import {
  attributeLoss,
  contrastiveLoss,
  gradedLoss,
  headParameters,
  identityLoss,
  topOne,
  twoViewLoss,
} from "../../../../lab/pretrain/experts/contrast.ts";
import { initialArrays, weightsFrom } from "../../../../lib/experts/shared/parameters.ts";
import { unit } from "../../../../lib/tensor/ops.ts";
import { tf } from "../../../../lib/tensor/tf.ts";
import type { Tree } from "../../../../lib/tensor/tree.ts";
import { disposeTree } from "../../../../lib/tensor/tree.ts";
import assert from "node:assert/strict";
import { useTestBackend } from "../../../support/backend.ts";
import { KEY } from "./tiny.ts";

await useTestBackend();
const close = (a: number, b: number) => assert.ok(Math.abs(a - b) < 1e-4, `${a} is not ${b}`);
const number = (body: () => tf.Tensor): number => tf.tidy(() => body().dataSync()[0] as number);
const logSumExp = (values: readonly number[]) =>
  Math.log(values.reduce((sum, value) => sum + Math.exp(value), 0));

describe("contrastiveLoss()", () => {
  const s = [[0.9, 0.1, -0.3], [0.2, 0.4, 0.6], [0, -0.5, 0.8]];
  it("is the mean cross entropy of rows and columns", () => {
    const at = (i: number, j: number) => (s[i]?.[j] as number) / 0.5;
    const terms = [0, 1, 2].map((i) => {
      const row = logSumExp([0, 1, 2].map((j) => at(i, j))) - at(i, i);
      const column = logSumExp([0, 1, 2].map((j) => at(j, i))) - at(i, i);
      return (row + column) / 2;
    });
    close(number(() => contrastiveLoss(tf.tensor2d(s), 0.5)), terms.reduce((a, b) => a + b) / 3);
  });
  it("is ln B where nothing is told apart", () => {
    close(number(() => contrastiveLoss(tf.ones([5, 5]), 0.07)), Math.log(5));
  });
  it("goes with the share of rows whose own column is largest", () => {
    close(number(() => topOne(tf.tensor2d(s))), 2 / 3);
  });
});

describe("twoViewLoss()", () => {
  it("is ln (2N − 1) for equal vectors, and near 0 for orthogonal things", () => {
    close(number(() => twoViewLoss(unit(tf.ones([6, 4])), 0.1)), Math.log(5));
    const views = [[1, 0, 0], [0, 1, 0], [0, 0, 1]];
    assert.ok(number(() => twoViewLoss(tf.tensor2d([...views, ...views]), 0.05)) < 1e-3);
  });
});

describe("gradedLoss()", () => {
  it("is the mean squared distance of the cosines", () => {
    const loss = number(() => gradedLoss(tf.tensor2d([[1, 0], [0, 1]]), tf.tensor2d([[1, 0.5], [0.5, 1]])));
    close(loss, 0.125);
  });
});

describe("identityLoss()", () => {
  it("is the weighted sum of its terms, each of which is reported", () => {
    tf.tidy(() => {
      const heads = { kind: { weight: tf.eye(2), bias: tf.zeros([2]) } };
      const vectors = tf.tensor2d([[1, 0], [0, 1], [1, 0], [0.6, 0.8]]);
      const features = tf.mul(vectors, 3);
      const truth = { similarities: tf.eye(4), labels: { kind: tf.tensor1d([0, 1, 1, 0], "int32") } };
      const section = { temperature: 0.5, graded: 2, attributes: 0.25 };
      const { loss, aux } = identityLoss({ vectors, features, heads }, truth, section);
      const of = (term: tf.Tensor | undefined): number => number(() => term as tf.Tensor);
      close(of(aux["contrast"]), number(() => twoViewLoss(vectors, 0.5)));
      close(of(aux["graded"]), number(() => gradedLoss(vectors, truth.similarities)));
      close(of(aux["seen"]), number(() => attributeLoss(heads, features, truth.labels)));
      close(of(loss), of(aux["contrast"]) + 2 * of(aux["graded"]) + 0.25 * of(aux["seen"]));
    });
  });
});

describe("attributeLoss()", () => {
  it("skips what is not said", () => {
    const schema = headParameters("heads", 3, ["kind", "skin"]);
    const heads = weightsFrom(schema, initialArrays(KEY, schema));
    const features = tf.ones([2, 3]);
    const loss = (skin: number[]) =>
      number(() =>
        attributeLoss(heads, features, {
          kind: tf.tensor1d([0, 1], "int32"),
          skin: tf.tensor1d(skin, "int32"),
        })
      );
    assert.ok(loss([1, 2]) > loss([-1, -1]));
    disposeTree([heads as Tree, features]);
  });
});
