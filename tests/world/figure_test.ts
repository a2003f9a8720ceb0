import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { makeBrush } from "../../lib/world/brush.ts";
import { boxTop, paintFigure, paintSnore } from "../../lib/world/figure.ts";
import { type Canvas, makeCanvas } from "../../lib/world/raster.ts";
import { allCharacters, DEFAULT_SCENE, KINDS, type Scene } from "../../lib/world/scene.ts";

function figure(scene: Scene): Canvas {
  const canvas = makeCanvas(64, 4);
  paintFigure(makeBrush(canvas, { origin: [16, 16], light: [1, 1, 1] }), scene);
  return canvas;
}

const covered = ({ samples, scale }: Canvas): number =>
  samples.filter((sample) => sample !== 0).length / scale ** 2;

const sceneOf = (kind: typeof KINDS[number]): Scene => {
  const character = allCharacters().find((each) => each.kind === kind);
  assert.ok(character !== undefined);
  return { ...DEFAULT_SCENE, character };
};

describe("paintFigure()", () => {
  it("fills a good part of its box and hardly anything beside it", () => {
    for (const kind of KINDS) {
      const canvas = figure(sceneOf(kind));
      assert.ok(covered(canvas) > 600 && covered(canvas) < 32 * 56, `${kind}: ${covered(canvas)}`);
      const outside = canvas.samples.filter((sample, index) => {
        const [x, y] = [(index % 256) / 4, Math.floor(index / 256) / 4];
        return sample !== 0 && (x < 15 || x > 49 || y < 8);
      });
      assert.equal(outside.length, 0, kind);
    }
  });

  it("draws six different outlines", () => {
    const outlines = KINDS.map((kind) => figure(sceneOf(kind)).samples.map((sample) => sample === 0 ? 0 : 1));
    outlines.forEach((a, index) => {
      for (const b of outlines.slice(index + 1)) {
        const different = a.filter((value, at) => value !== b[at]).length / 16;
        assert.ok(different > 40, `${different} square units`);
      }
    });
  });
});

describe("boxTop() and paintSnore()", () => {
  it("lift a jump by one token patch and put letters over a sleeper", () => {
    assert.equal(boxTop("standing") - boxTop("jumping"), 8);
    const canvas = makeCanvas(64, 4);
    paintSnore(makeBrush(canvas, { origin: [16, 16], light: [1, 1, 1] }));
    assert.ok(covered(canvas) > 30);
  });
});
