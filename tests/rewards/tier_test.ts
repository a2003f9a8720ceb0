import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { tierExpert, type TierOptions, tierScore } from "../../lib/rewards/tier.ts";
import { failWith, letterEncoder, rewardRow, succeed } from "./fakes.ts";

const near = (a: number, b: number, tolerance = 1e-12): void =>
  assert.ok(Math.abs(a - b) <= tolerance, `${a} ${b}`);
const cosines = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 6 });
const options: fc.Arbitrary<TierOptions> = fc.record({
  scores: fc.constantFrom("raw", "sumNormalised", "softmax") as fc.Arbitrary<"raw">,
  distance: fc.constantFrom("euclidean", "squared") as fc.Arbitrary<"euclidean">,
  postThreshold: fc.boolean(),
});

describe("tierScore()", () => {
  // Values worked out by hand from the formula.
  const table: readonly (readonly [readonly number[], number, number | null])[] = [
    [[1, 0, 0, 0], 1, 1],
    [[0.95, 0.6, 0.5, 0.4], 0.5605, null],
    [[0.9, 0.9, 0.9, 0.9], 0.2190, null],
    [[0.25, 0.25, 0.25, 0.25], 0.5670, 0.6250],
    [[0, 1, 0, 0], 0.2929, 0],
  ];
  for (const [similarities, euclidean, squared] of table) {
    it(`scores (${similarities})`, () => {
      near(tierScore(similarities, 0), euclidean, 5e-5);
      if (squared !== null) near(tierScore(similarities, 0, { distance: "squared" }), squared);
    });
  }
  it("stays in [0, 1]", () =>
    fc.assert(fc.property(cosines, options, (similarities, given) => {
      const score = tierScore(similarities, 0, given);
      assert.ok(score >= 0 && score <= 1);
    })));
  it("never falls when the answer moves towards the right fact", () =>
    fc.assert(
      fc.property(
        cosines,
        fc.double({ min: 0, max: 1, noNaN: true }),
        options,
        (similarities, step, given) => {
          const closer = similarities.map((c, i) => i === 0 ? c + (1 - c) * step : c);
          assert.ok(tierScore(closer, 0, given) >= tierScore(similarities, 0, given) - 1e-9);
        },
      ),
    ));
  it("does not depend on the order of the other candidates", () =>
    fc.assert(fc.property(cosines, options, ([truth = 0, ...others], given) => {
      near(
        tierScore([truth, ...others], 0, given),
        tierScore([...others.toReversed(), truth], others.length, given),
        1e-9,
      );
    })));
  it("is (1 + c)/2 for a single candidate, however scores are prepared", () =>
    fc.assert(fc.property(fc.double({ min: -1, max: 1, noNaN: true }), (c) => {
      near(tierScore([c], 0), (1 + c) / 2);
      near(tierScore([c], 0, { scores: "sumNormalised" }), (1 + c) / 2);
    })));
  it("equals the released text score on normalised similarities", () => {
    // b = (0.6, 0.2, 0) normalised (0.75, 0.25, 0); d = 0.0625 + 0.0625; f = 0.9375; t = 2(f − 0.5).
    const released = { scores: "sumNormalised", distance: "squared", postThreshold: true } as const;
    near(tierScore([0.6, 0.2, 0], 0, released), 0.875);
    near(tierScore([0, 0, 0], 0, released), 0);
  });
  it("is undefined without a right candidate", () => {
    assert.ok(Number.isNaN(tierScore([0.5], -1)));
    assert.ok(Number.isNaN(tierScore([0.5], 1)));
    assert.ok(Number.isNaN(tierScore([], 0)));
  });
});

describe("tierExpert()", () => {
  it("scores the right fact above a wrong one, and an empty answer 0", async () => {
    const rows = ["<bo> wears a red hat.", "<bo> sleeps on a sofa.", "  "].map((reasoning) =>
      rewardRow({ reasoning })
    );
    const scores = await succeed(tierExpert(letterEncoder().encoder).score(rows));
    assert.ok((scores[0] as number) > (scores[1] as number));
    assert.equal(scores[2], 0);
  });
  it("is undefined where no candidate is right", async () => {
    const row = rewardRow({ truthIndex: -1, reasoning: "" });
    assert.ok(Number.isNaN((await succeed(tierExpert(letterEncoder().encoder).score([row])))[0]));
  });
  it("encodes the facts once and the answers in one batch", async () => {
    const { encoder, batches } = letterEncoder();
    const expert = tierExpert(encoder);
    await succeed(expert.score([rewardRow(), rewardRow()]));
    await succeed(expert.score([rewardRow()]));
    assert.deepEqual(batches, [2, 3, 1]);
  });
  it("permutes with its rows", async () => {
    const rows = ["hat", "sofa", "beach"].map((reasoning) => rewardRow({ reasoning }));
    const expert = tierExpert(letterEncoder().encoder);
    const forward = await succeed(expert.score(rows));
    assert.deepEqual([...await succeed(expert.score(rows.toReversed()))], [...forward].toReversed());
  });
  it("fails if the network drops an answer", async () => {
    const { encoder } = letterEncoder();
    const broken = tierExpert({ embed: (texts) => encoder.embed(texts.slice(1)) });
    assert.equal((await failWith(broken.score([rewardRow()]))).expert, "tier");
  });
});
