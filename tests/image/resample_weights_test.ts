import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import assert from "node:assert/strict";
import { resampleMatrix, type Resampling, weightRows } from "../../lib/image/resample_weights.ts";

const rules: readonly Resampling[] = [
  "bicubic",
  "bilinear",
  "box",
  "bicubic-torch",
  "bilinear-torch",
  "area",
];

describe("weightRows()", () => {
  it("gives PyTorch's rows for 37 to 16, output row 3", () => {
    const expected: Readonly<Record<string, Readonly<Record<number, number>>>> = {
      "bicubic-torch": { 6: -0.073494, 7: 0.468437, 8: 0.712471, 9: -0.107414 },
      "bicubic": {
        3: -0.000039,
        4: -0.023772,
        5: -0.020246,
        6: 0.130994,
        7: 0.371346,
        8: 0.401723,
        9: 0.178137,
        10: -0.008052,
        11: -0.028344,
        12: -0.001748,
      },
    };
    for (const [rule, weights] of Object.entries(expected)) {
      const row = resampleMatrix(rule as Resampling, 37, 16).subarray(3 * 37, 4 * 37);
      row.forEach((weight, index) =>
        assert.ok(Math.abs(weight - (weights[index] ?? 0)) < 1e-6, `${rule} ${index}`)
      );
    }
  });

  it("sums to 1 and stays inside the input", () => {
    const side = fc.integer({ min: 1, max: 60 });
    fc.assert(fc.property(side, side, fc.constantFrom(...rules), (from, to, rule) => {
      for (const { start, weights } of weightRows(rule, from, to)) {
        assert.ok(start >= 0 && start + weights.length <= from);
        assert.ok(Math.abs(weights.reduce((sum, weight) => sum + weight, 0) - 1) < 1e-9);
      }
    }));
  });

  it("is the identity where the size stays", () => {
    for (const rule of rules) {
      const matrix = resampleMatrix(rule, 5, 5);
      matrix.forEach((weight, index) => assert.equal(Math.abs(weight), index % 6 === 0 ? 1 : 0, rule));
    }
  });

  it("averages the cells of adaptive pooling", () => {
    assert.deepEqual(weightRows("area", 5, 3).map(({ start, weights }) => [start, weights.length]), [
      [0, 2],
      [1, 3],
      [3, 2],
    ]);
    assert.deepEqual(weightRows("area", 2, 3).map(({ start, weights }) => [start, weights.length]), [
      [0, 1],
      [0, 2],
      [1, 1],
    ]);
  });
});
