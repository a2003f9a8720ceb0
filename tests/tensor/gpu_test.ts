import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import * as E from "fp-ts/lib/Either.js";
import { openBackend } from "../../lib/tensor/backend.ts";
import { locateLibraries } from "../../lib/tensor/tensorflow/locate.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { makeWorkload } from "../../lib/tensor/workload.ts";
import { computeCases, relativeError } from "../support/equality_cases.ts";

/** Relative to the larger of 1 and the number. */
const TOLERANCE = 2e-4;

const silent = { info: () => {}, warn: () => {}, progress: () => {} };
const opened = typeof await locateLibraries() === "string"
  ? null
  : await openBackend({ device: "tensorflow" })({ log: silent })();
const isGpu = opened !== null && E.isRight(opened) && opened.right.isGpu;
if (!isGpu) console.log("skipped: no GPU");

describe("tensorflow on a GPU", { skip: isGpu ? false : "no GPU" }, () => {
  it("multiplies in full float32", () => {
    const values = Float32Array.from({ length: 64 * 64 }, (_, index) => Math.sin(index) + 1e-3 * index);
    const expected = (row: number, column: number): number =>
      Array.from(
        { length: 64 },
        (_, inner) => (values[row * 64 + inner] as number) * (values[inner * 64 + column] as number),
      ).reduce((a, b) => a + b, 0);
    const found = tf.tidy(() => {
      const a = tf.tensor2d(values, [64, 64]);
      return Float32Array.from(tf.matMul(a, a).dataSync()) as unknown as tf.TensorContainer;
    }) as unknown as Float32Array;
    for (const [row, column] of [[0, 0], [5, 60], [63, 63]] as const) {
      const value = expected(row, column);
      const error = Math.abs((found[row * 64 + column] as number) - value);
      assert.ok(error <= 1e-5 * Math.max(1, Math.abs(value)), `${row}, ${column}: ${error}`);
    }
  });

  it("trains a small transformer", () => {
    const workload = makeWorkload();
    const losses = [workload.trainStep(), workload.trainStep(), workload.trainStep()];
    workload.dispose();
    assert.ok(losses.every(Number.isFinite) && (losses[2] as number) < (losses[0] as number), `${losses}`);
  });

  it("computes what cpu computes", async () => {
    const found = computeCases();
    await openBackend({ device: "cpu" })({ log: silent })();
    for (const [name, expected] of Object.entries(computeCases())) {
      const error = relativeError(found[name] ?? [], expected);
      assert.ok(error <= TOLERANCE, `${name}: ${error}`);
    }
  });
});
