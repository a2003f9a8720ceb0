import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { vegaSvg } from "../../lib/run/vega_svg.ts";

const plot = (title: string) =>
  vegaSvg({
    data: { values: [{ step: 1, loss: 2 }, { step: 2, loss: 1 }] },
    mark: "line",
    encoding: {
      x: { field: "step", type: "quantitative", title },
      y: { field: "loss", type: "quantitative" },
    },
  });

describe("vegaSvg()", () => {
  it("draws what the specification says, the same each time", async () => {
    const svg = await plot("updates made");
    assert.match(svg, /^<svg[^>]*>.*updates made.*<\/svg>$/s);
    assert.equal(await plot("updates made"), svg);
  });
});
