import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { overWhite } from "../../lib/image/over_white.ts";

describe("overWhite()", () => {
  it("rounds (s * a + 255 * (255 - a)) / 255 to the nearest for all values and alphas", () => {
    const data = new Uint8Array(256 * 256 * 4);
    for (let pixel = 0; pixel < 256 * 256; pixel++) {
      data.fill(pixel >> 8, pixel * 4, pixel * 4 + 3)[pixel * 4 + 3] = pixel & 255;
    }
    const flat = overWhite({ width: 256, height: 256, data }).data;
    for (let pixel = 0; pixel < 256 * 256; pixel++) {
      const [value, alpha] = [pixel >> 8, pixel & 255];
      const exact = value * alpha + 255 * (255 - alpha);
      const expected = Math.floor(exact / 255) + (exact % 255 > 127 ? 1 : 0);
      if (flat[pixel * 3] !== expected) {
        assert.fail(`value ${value}, alpha ${alpha}: ${flat[pixel * 3]}, not ${expected}`);
      }
    }
    assert.equal(flat.length, 256 * 256 * 3);
  });
});
