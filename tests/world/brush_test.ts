import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { type Brush, makeBrush } from "../../lib/world/brush.ts";
import { boxFilter, makeCanvas, type Rgb } from "../../lib/world/raster.ts";

const LIT: Rgb = [1, 1, 1];

/** The colour of pixel (x, y) after painting on a black canvas of 16 units. */
function painted(options: Parameters<typeof makeBrush>[1], paint: (brush: Brush) => void) {
  const canvas = makeCanvas(16, 4);
  paint(makeBrush(canvas, options));
  const { data } = boxFilter(canvas, 16);
  return (x: number, y: number) => [...data.slice((y * 16 + x) * 3, (y * 16 + x) * 3 + 3)];
}

describe("makeBrush()", () => {
  it("moves and tints", () => {
    const at = painted(
      { origin: [4, 2], light: [1, 0.5, 0] },
      (brush) => brush.rectangle([0, 0, 2, 2], [200, 100, 50]),
    );
    assert.deepEqual(at(4, 2), [200, 50, 0]);
    assert.deepEqual(at(3, 2), [0, 0, 0]);
  });

  it("mirrors every shape about the middle of its box", () => {
    const paint = (brush: Brush) => {
      brush.rectangle([0, 0, 2, 2], [200, 0, 0]);
      brush.ellipse([3, 8], [2, 2], [0, 200, 0]);
      brush.line([[1, 14], [5, 14]], 2, [0, 0, 200]);
    };
    const plain = painted({ origin: [0, 0], light: LIT }, paint);
    const mirrored = painted({ origin: [0, 0], light: LIT, mirror: 16 }, paint);
    for (let y = 0; y < 16; y++) {
      for (let x = 0; x < 16; x++) assert.deepEqual(mirrored(15 - x, y), plain(x, y));
    }
  });

  it("outlines shapes in half of their own colour", () => {
    const at = painted({ origin: [0, 0], light: LIT }, (brush) => {
      brush.outlinedEllipse([8, 8], [6, 6], [200, 100, 40]);
      brush.outlinedPolygon([[0, 0], [4, 0], [4, 1], [0, 1]], [0, 0, 0]);
    });
    assert.deepEqual(at(8, 8), [200, 100, 40]);
    const [red = 0, green = 0, blue = 0] = at(8, 2);
    assert.ok(red < 160 && Math.abs(red / green - 2) < 0.1 && Math.abs(green / blue - 2.5) < 0.2);
  });
});
