import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { growthText } from "../../bench/growth.ts";
import { drawGrowth } from "../../bench/growth_figure.ts";

const MIB = 2 ** 20;
const points = [1, 2, 4].map((value) => ({ value, seconds: 0.5 * value, peak: 300 * MIB }));

describe("growthText()", () => {
  it("calls growth in proportion linear, and memory that stays the same flat", () => {
    const text = growthText("G", points);
    assert.match(text, /\| seconds \| 0\.500 \| 1\.000 \| 2\.000 \|/);
    assert.match(text, /\| peak MiB \| 300 \| 300 \| 300 \|/);
    assert.match(text, /seconds ≈ 0\.500 · G .* \(R² 1\.000\); grow as G\^1\.00, memory as G\^0\.00/);
  });
});

describe("drawGrowth()", () => {
  it("draws every curve and the proportional one", async () => {
    const curve = {
      name: "G",
      points: points.map(({ value }) => ({ factor: value, seconds: value, memory: 1 })),
    };
    const svg = await drawGrowth([curve]);
    assert.match(svg, /^<svg/);
    for (const name of ["G", "proportional"]) assert.ok(svg.includes(`>${name}<`), name);
  });
});
