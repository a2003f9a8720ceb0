import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { HAIR_PAINT, LIGHTS, mix, PAINT, SKIN_PAINT, tint } from "../../lib/world/palette.ts";
import type { Rgb } from "../../lib/world/raster.ts";
import { TIMES } from "../../lib/world/scene.ts";

const distance = (a: Rgb, b: Rgb): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

describe("the palette", () => {
  it("keeps all colours of one table apart, in every light", () => {
    for (const time of TIMES) {
      for (const table of [PAINT, HAIR_PAINT, SKIN_PAINT]) {
        const colours = Object.values(table).map((colour) => tint(colour, LIGHTS[time].figure));
        colours.forEach((a, index) => {
          for (const b of colours.slice(index + 1)) assert.ok(distance(a, b) > 45, `${time}: ${a} and ${b}`);
        });
      }
    }
  });

  it("lets the light act on the character by a third", () => {
    for (const { scenery, figure } of Object.values(LIGHTS)) {
      scenery.forEach((factor, channel) =>
        assert.ok(Math.abs((1 - factor) / 3 - (1 - (figure[channel] ?? 0))) < 1e-9)
      );
    }
  });
});

describe("tint() and mix()", () => {
  it("multiply and interpolate", () => {
    assert.deepEqual(tint([200, 100, 50], 0.5), [100, 50, 25]);
    assert.deepEqual(tint([200, 100, 50], [1, 0.5, 0]), [200, 50, 0]);
    assert.deepEqual(mix([0, 100, 200], [100, 0, 200], 0.25), [25, 75, 200]);
  });
});
