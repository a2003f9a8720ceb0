import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import assert from "node:assert/strict";
import { BANDED, bandLine, bandPosition, bandWarnings } from "../../lib/rl/image_band.ts";

const START = {
  edge_density: 0.2,
  colour_entropy: 4.5,
  saturation: 0.4,
  dark_share: 0.05,
  diversity: 0.1,
  copies: 0,
};
const names = (now: object): readonly string[] =>
  bandWarnings(START, { ...START, ...now }).map(({ name }) => name);

describe("bandWarnings()", () => {
  it("has nothing against what stays as it was", () => assert.deepEqual(names({}), []));
  it("names what the neighbours saw: edges −60 %, colours −54 %", () => {
    const flat = { edge_density: START.edge_density * 0.4, colour_entropy: START.colour_entropy * 0.46 };
    assert.deepEqual(names(flat), ["edge_density", "colour_entropy"]);
  });
  it("names equal images, copies, darkness and glare, each with a remedy", () => {
    for (
      const [name, value] of [["diversity", 0.02], ["copies", 0.3], ["dark_share", 0.4], ["saturation", 0.9]]
    ) {
      assert.deepEqual(names({ [name as string]: value }), [name]);
      const [warning] = bandWarnings(START, { ...START, [name as string]: value });
      assert.ok(warning !== undefined && warning.seen !== "" && warning.remedy !== "");
      assert.match(bandLine(warning), new RegExp(`${name} went from .* at the cold start to `));
    }
  });
  it("does not mind more difference and fewer copies", () => {
    assert.deepEqual(names({ diversity: 0.9 }), []);
    assert.deepEqual(bandWarnings({ copies: 0.5 }, { copies: 0 }), []);
  });
  it("leaves out what was not measured", () => {
    assert.deepEqual(bandWarnings({ edge_density: null, copies: NaN }, { edge_density: 0, copies: 1 }), []);
    assert.deepEqual(bandWarnings({}, START), []);
  });
});

describe("bandPosition()", () => {
  it("grows with the value, has its sign, and is 0 at the start", () => {
    const value = fc.double({ min: 0.001, max: 10, noNaN: true });
    fc.assert(
      fc.property(fc.constantFrom(...BANDED), value, value, value, (name, start, one, other) => {
        const [low, high] = [Math.min(one, other), Math.max(one, other)];
        assert.equal(bandPosition(name, start, start), 0);
        const found = bandPosition(name, start, low);
        assert.ok(found <= bandPosition(name, start, high));
        assert.ok(found === 0 || Math.sign(found) === Math.sign(low - start));
      }),
    );
  });
});
