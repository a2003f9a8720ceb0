import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { keyFromSeed } from "../../../lib/core/key.ts";
import { correlationFigure, costFigure, simulationFigures } from "../../../lab/dsog/dsog_figures.ts";
import { correlations, costsOfReward } from "../../../lab/dsog/dsog_numbers.ts";
import { SCORE_DISTRIBUTIONS, simulateDsog } from "../../../lab/dsog/dsog_simulation.ts";
import { groups, previews } from "./dsog_rows.ts";

const key = keyFromSeed(1);

/** Points of lines: their moves and lines to. */
const points = (svg: string): number =>
  [...svg.matchAll(/class="mark-line[\s\S]*?<\/g>/g)].reduce(
    (sum, [part]) => sum + [...part.matchAll(/[ML]-?[\d.]+,-?[\d.]+/g)].length,
    0,
  );

describe("simulationFigures()", () => {
  it("have a panel per distribution and a line per bounded variant, as long as asked", async () => {
    const simulations = simulateDsog({ key, updates: 40 });
    const { threshold, passRate } = await simulationFigures(simulations, 10);
    const bounded = simulations.filter(({ variant }) => variant.bounded);
    for (const svg of [threshold, passRate]) {
      assert.ok(SCORE_DISTRIBUTIONS.every(({ name }) => svg.includes(name)));
      assert.ok(bounded.every(({ variant }) => svg.includes(variant.name)));
      assert.doesNotMatch(svg, /no bound|NaN/);
      assert.equal(points(svg), bounded.length * 10);
    }
    assert.notEqual(threshold, passRate);
  });
});

describe("correlationFigure()", () => {
  it("has a point per step and target, and none where no group has spread", async () => {
    const symbols = (svg: string) => [...svg.matchAll(/aria-roledescription="point"/g)].length;
    const found = correlations(previews, key);
    assert.equal(symbols(await correlationFigure(found)), 4);
    const [first, ...others] = found;
    const flat = [{ ...first as typeof found[number], mean: null, interval: null }, ...others];
    assert.equal(symbols(await correlationFigure(flat)), 3);
  });
});

describe("costFigure()", () => {
  it("draws both ways in two panels", async () => {
    const svg = await costFigure(costsOfReward(groups));
    for (
      const text of ["with DSOG", "without DSOG", "seconds per trajectory", "decoding steps per trajectory"]
    ) {
      assert.ok(svg.includes(text), text);
    }
  });
});
