import { describe, it } from "@std/testing/bdd";
import {
  captionTrials,
  compareIdentities,
  identityTrials,
  rankQuality,
} from "../../../../lab/pretrain/experts/quality.ts";
import { similarCharacters } from "../../../../lib/world/concept.ts";
import { characterId, charactersOf } from "../../../../lib/world/scene.ts";
import assert from "node:assert/strict";

describe("rankQuality()", () => {
  it("counts how often the true one is higher, over all and by group; a tie is no success", () => {
    const quality = rankQuality([
      { group: "a", right: 1, wrong: 0 },
      { group: "a", right: 0.5, wrong: 0.5 },
      { group: "b", right: 0.6, wrong: 0.1 },
    ], "x_");
    assert.deepEqual(quality, {
      x_ranked: 0.667,
      x_right: 0.7,
      x_wrong: 0.2,
      x_ranked_a: 0.5,
      x_ranked_b: 1,
    });
  });
});

describe("captionTrials()", () => {
  it("has different captions and every kind of change", () => {
    const trials = captionTrials(28, { size: 64, fits: () => true });
    assert.ok(trials.length >= 26);
    assert.ok(trials.every(({ right, wrong }) => right !== wrong));
    assert.equal(new Set(trials.map(({ change }) => change)).size, 7);
  });
});

describe("identityTrials()", () => {
  const options = {
    size: 64,
    characters: charactersOf("heldout"),
    rivals: similarCharacters,
    differ: (one: Parameters<typeof characterId>[0], two: Parameters<typeof characterId>[0]) =>
      characterId(one) !== characterId(two),
  };
  it("draws the same trials again, half of them against similar characters", () => {
    const [trials, again] = [identityTrials(4, options), identityTrials(4, options)];
    assert.deepEqual(trials, again);
    assert.deepEqual(trials.map(({ group }) => group), ["similar", "random", "similar", "random"]);
  });
  it("leaves trials without a vector out", () => {
    const trials = identityTrials(2, options);
    const [x, y] = [Float32Array.of(1, 0), Float32Array.of(0, 1)];
    assert.deepEqual(compareIdentities(trials, [x, x, y, x, null, y]), [{
      group: "similar",
      right: 1,
      wrong: 0,
    }]);
  });
});
