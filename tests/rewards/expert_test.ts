import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { solidImage } from "../../lib/image/image.ts";
import { berExpert } from "../../lib/rewards/ber.ts";
import { derExpert } from "../../lib/rewards/der.ts";
import { PAPER_WEIGHTS } from "../../lib/rewards/ensemble.ts";
import { type RewardExpert, type RewardRow, scoreAll } from "../../lib/rewards/expert.ts";
import { ferExpert } from "../../lib/rewards/fer.ts";
import { tierExpert } from "../../lib/rewards/tier.ts";
import {
  colourEncoder,
  faceEncoder,
  failWith,
  letterEncoder,
  redScorer,
  rewardRow,
  succeed,
  WOMAN,
} from "./fakes.ts";

const fixed = (name: string, values: readonly number[]): RewardExpert => ({
  name,
  score: () => RTE.right(Float32Array.from(values)),
});
const allExperts = (): readonly RewardExpert[] => [
  tierExpert(letterEncoder().encoder),
  berExpert(redScorer().scorer),
  derExpert(colourEncoder().encoder),
  ferExpert(faceEncoder().encoder),
];
const row: fc.Arbitrary<RewardRow> = fc.record({
  reasoning: fc.constantFrom("<bo> wears a red hat.", "<bo> sleeps on a sofa.", "", "beach"),
  red: fc.integer({ min: 0, max: 255 }),
  human: fc.boolean(),
}).map(({ reasoning, red, human }) =>
  rewardRow({ reasoning, image: solidImage(2, 2, [red, 90, 40]), ...(human ? { concept: WOMAN } : {}) })
);

describe("scoreAll()", () => {
  it("logs an expert of weight 0 without counting it", async () => {
    const experts = [fixed("a", [1, 0]), fixed("b", [0.25, 0.75])];
    const { experts: logged, total } = await succeed(
      scoreAll(experts, { a: 0, b: 1 })([rewardRow(), rewardRow()]),
    );
    assert.deepEqual([...total], [0.25, 0.75]);
    assert.deepEqual([...logged.a ?? []], [1, 0]);
  });
  it("weights by the category of each row's concept", async () => {
    const weights = { a: { human: 1, animal: 0, object: 0 }, b: { human: 0, animal: 1, object: 0 } };
    const rows = [rewardRow({ concept: WOMAN }), rewardRow()];
    const { total } = await succeed(scoreAll([fixed("a", [1, 1]), fixed("b", [0, 0])], weights)(rows));
    assert.deepEqual([...total], [1, 0]);
  });
  it("gives NaN where no expert applies", async () => {
    const { total } = await succeed(scoreAll([fixed("a", [NaN])], { a: 1 })([rewardRow()]));
    assert.ok(Number.isNaN(total[0]));
  });
  it("fails on a wrong length, an infinite score, and weights that do not fit", async () => {
    const one = [rewardRow()];
    assert.match(
      (await failWith(scoreAll([fixed("a", [1, 2])], { a: 1 })(one))).problem,
      /2 scores for 1 rows/,
    );
    assert.match((await failWith(scoreAll([fixed("a", [Infinity])], { a: 1 })(one))).problem, /row 0/);
    assert.equal((await failWith(scoreAll([fixed("a", [1])], {})(one))).expert, "a");
  });
  it("keeps every score and the reward in [0, 1], and permutes with its rows", () =>
    fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 4 }), async (rows) => {
        const run = scoreAll(allExperts(), PAPER_WEIGHTS);
        const forward = await succeed(run(rows));
        const backward = await succeed(run(rows.toReversed()));
        assert.deepEqual([...backward.total], [...forward.total].toReversed());
        for (const scores of [...Object.values(forward.experts), forward.total]) {
          assert.ok(scores.every((score) => Number.isNaN(score) || (score >= 0 && score <= 1 + 1e-6)));
        }
      }),
      { numRuns: 30 },
    ));
  it("rewards the right fact and the right picture most", async () => {
    const rows = [
      rewardRow(),
      rewardRow({ reasoning: "<bo> sleeps on a sofa." }),
      rewardRow({ image: solidImage(2, 2, [40, 20, 240]) }),
    ];
    const { total } = await succeed(scoreAll(allExperts(), PAPER_WEIGHTS)(rows));
    assert.ok((total[0] as number) > (total[1] as number) && (total[0] as number) > (total[2] as number));
  });
});
