import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import {
  boxFilter,
  type Canvas,
  fillEllipse,
  fillPolygon,
  fillRectangle,
  makeCanvas,
  type Point,
  strokeLine,
} from "../../lib/world/raster.ts";

const WHITE = [255, 255, 255] as const;
const area = (canvas: Canvas): number =>
  canvas.samples.filter((sample) => sample !== 0).length / canvas.scale ** 2;

/** Draws by asking of every sample's centre whether it is inside. */
function oracle(scale: number, inside: (point: Point) => boolean): Uint32Array {
  const side = 16 * scale;
  return Uint32Array.from({ length: side * side }, (_, index) => {
    const point: Point = [(index % side + 0.5) / scale, (Math.floor(index / side) + 0.5) / scale];
    return inside(point) ? 0xffffff : 0;
  });
}

/** Coordinates a little off the samples, differently in x and y, so that no sample lies on an edge. */
const coordinate = (offset: number) => fc.integer({ min: -40, max: 200 }).map((tenth) => tenth / 10 + offset);
const point: fc.Arbitrary<Point> = fc.tuple(coordinate(0.013), coordinate(0.0271));

describe("fillPolygon()", () => {
  it("fills what the even–odd rule says, for any triangle", () => {
    fc.assert(fc.property(fc.tuple(point, point, point), (corners) => {
      const canvas = makeCanvas(16, 3);
      fillPolygon(canvas, corners, WHITE);
      const side = (p: Point, a: Point, b: Point) =>
        (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]);
      const expected = oracle(3, (p) => {
        const signs = corners.map((corner, index) =>
          Math.sign(side(p, corner, corners[(index + 1) % 3] as Point))
        );
        return signs.every((sign) => sign > 0) || signs.every((sign) => sign < 0);
      });
      const wrong = canvas.samples.filter((sample, index) => sample !== expected[index]).length;
      assert.ok(wrong <= 2, `${wrong} samples differ`);
    }));
  });
});

describe("fillEllipse()", () => {
  it("fills the samples whose centres are inside", () => {
    const radius = fc.integer({ min: 5, max: 90 }).map((tenth) => tenth / 10 + 0.007);
    fc.assert(fc.property(point, fc.tuple(radius, radius), (centre, radii) => {
      const canvas = makeCanvas(16, 3);
      fillEllipse(canvas, { centre, radius: radii }, WHITE);
      const expected = oracle(
        3,
        ([x, y]) => ((x - centre[0]) / radii[0]) ** 2 + ((y - centre[1]) / radii[1]) ** 2 < 1,
      );
      const wrong = canvas.samples.filter((sample, index) => sample !== expected[index]).length;
      assert.ok(wrong <= 2, `${wrong} samples differ`);
    }));
  });
});

describe("fillRectangle() and strokeLine()", () => {
  it("fill the area they should", () => {
    const canvas = makeCanvas(16, 8);
    fillRectangle(canvas, [2, 3, 7, 5], WHITE);
    assert.equal(area(canvas), 10);
    const line = makeCanvas(16, 8);
    strokeLine(line, [[3, 8], [13, 8]], { width: 4, colour: WHITE });
    assert.ok(Math.abs(area(line) - (40 + Math.PI * 4)) < 0.5);
  });

  it("clip what lies outside", () => {
    const canvas = makeCanvas(16, 4);
    fillRectangle(canvas, [-9, -9, 99, 99], WHITE);
    assert.equal(area(canvas), 256);
    strokeLine(canvas, [[-50, -50], [-40, -40]], { width: 3, colour: [0, 0, 0] });
    assert.equal(area(canvas), 256);
  });
});

describe("boxFilter()", () => {
  it("averages and rounds", () => {
    const canvas = makeCanvas(16, 4);
    fillRectangle(canvas, [0, 0, 0.5, 1], [255, 100, 2]);
    assert.deepEqual([...boxFilter(canvas, 16).data.slice(0, 3)], [128, 50, 1]);
  });
});
