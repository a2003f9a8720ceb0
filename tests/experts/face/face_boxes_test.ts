import { describe, it } from "@std/testing/bdd";
import {
  candidates,
  cellBox,
  type Corners,
  correct,
  landmarksIn,
  pyramidScales,
  scaledSize,
  squared,
  suppress,
  windowOf,
} from "../../../lib/experts/face/face_boxes.ts";
import fc from "fast-check";
import assert from "node:assert/strict";
import { assertClose, readJson } from "../../support/fixture.ts";

const { cases } = readJson<
  { cases: { width: number; height: number; scales: number[]; pyramid_hw?: number[][] }[] }
>("experts/mtcnn/cases.json");

describe("pyramidScales() and scaledSize()", () => {
  it("equal the reference for every picture", () => {
    for (const { width, height, scales, pyramid_hw } of cases) {
      const found = pyramidScales({ width, height }, { minFace: 20, factor: 0.709 });
      assertClose(found, scales, 1e-12);
      const sizes = found.map((scale) => scaledSize({ width, height }, scale));
      if (pyramid_hw !== undefined) {
        assert.deepEqual(sizes.map((size) => [size.height, size.width]), pyramid_hw);
      }
    }
  });
});

describe("cellBox()", () => {
  it("equals the reference, the rounding of 18 / 0.6 included", () => {
    assert.deepEqual(cellBox({ x: 5, y: 3 }, 0.6), [18, 11, 36, 29]);
    assert.deepEqual(cellBox({ x: 2, y: 7 }, 0.6), [8, 24, 26, 43]);
  });
});

describe("candidates()", () => {
  it("takes the cells at or above the threshold, row by row", () => {
    const outputs = {
      scores: Float32Array.of(0.1, 0.6, 0.7, 0.2),
      boxes: Float32Array.from({ length: 16 }, (_, i) => i),
    };
    const found = candidates(outputs, { columns: 2, scale: 0.6, threshold: 0.6 });
    assert.deepEqual(found.map(({ correction }) => correction), [[4, 5, 6, 7], [8, 9, 10, 11]]);
    assert.deepEqual(found.map(({ box }) => box), [
      cellBox({ x: 1, y: 0 }, 0.6),
      cellBox({ x: 0, y: 1 }, 0.6),
    ]);
  });
});

const area = ([x1, y1, x2, y2]: Corners): number => (x2 - x1) * (y2 - y1);
const side = fc.double({ min: 1, max: 40, noNaN: true });
const place = fc.double({ min: -20, max: 60, noNaN: true });
const box = fc.tuple(place, place, side, side).map(([x, y, w, h]): Corners => [x, y, x + w, y + h]);

describe("suppress()", () => {
  it("keeps boxes that overlap no better one, and drops the others", () => {
    const boxes = fc.array(fc.record({ box, score: fc.double({ min: 0, max: 1, noNaN: true }) }), {
      maxLength: 12,
    });
    fc.assert(fc.property(boxes, (all) => {
      const kept = suppress(all, 0.5).map((index) => all[index] as typeof all[number]);
      const overlap = (a: Corners, b: Corners) => {
        const width = Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0]));
        const inter = width * Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));
        return inter / (area(a) + area(b) - inter);
      };
      kept.forEach((a, index) =>
        kept.slice(0, index).forEach((b) => assert.ok(overlap(a.box, b.box) <= 0.5))
      );
      for (const one of all) {
        if (kept.includes(one)) continue;
        assert.ok(kept.some((other) => other.score >= one.score && overlap(other.box, one.box) > 0.5));
      }
    }));
  });
});

describe("squared()", () => {
  it("keeps the centre, takes the longer side, and changes a square no more", () => {
    fc.assert(fc.property(box, (one) => {
      const square = squared(one);
      assertClose([square[2] - square[0]], [square[3] - square[1]], 1e-9);
      assertClose([square[0] + square[2], square[1] + square[3]], [one[0] + one[2], one[1] + one[3]], 1e-9);
      assertClose(squared(square), square, 1e-9);
    }));
  });
});

describe("correct()", () => {
  it("moves corners by fractions of the size", () => {
    assertClose(correct([10, 20, 50, 100], [0.1, -0.1, 0.05, 0.02], 1), [14.1, 11.9, 52.05, 101.62], 1e-9);
    assertClose(correct([10, 20, 50, 100], [0.1, -0.1, 0.05, 0.02], 0), [14, 12, 52, 101.6], 1e-9);
  });
});

describe("windowOf()", () => {
  it("never leaves the picture, and gives nothing for a box outside", () => {
    const size = { width: 30, height: 40 };
    fc.assert(fc.property(box, (one) => {
      const window = windowOf(one, size);
      if (window === null) return;
      assert.ok(window.left >= 0 && window.top >= 0 && window.width > 0 && window.height > 0);
      assert.ok(window.left + window.width <= 30 && window.top + window.height <= 40);
    }));
    assert.equal(windowOf([31, 5, 50, 20], size), null);
    assert.equal(windowOf([-20, 5, -1, 20], size), null);
  });
});

describe("landmarksIn()", () => {
  it("places the points in the box, whose first pixel is 1", () => {
    const points = [0, 0.5, 1, 0, 0, 0, 0, 1, 0, 0.5];
    assert.deepEqual(landmarksIn([11, 21, 20, 40], points), [[10, 20], [15, 20], [20, 40], [10, 20], [
      10,
      30,
    ]]);
  });
});
