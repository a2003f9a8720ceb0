import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { describe as describeError } from "../../lib/core/error.ts";
import { solidImage } from "../../lib/image/image.ts";
import { PAPER_WEIGHTS } from "../../lib/rewards/ensemble.ts";
import type { RewardConcept, RewardExpert } from "../../lib/rewards/expert.ts";
import { ferExpert } from "../../lib/rewards/fer.ts";
import { silentRewards } from "../../lib/rewards/silent.ts";
import { right } from "../run/outcome.ts";

const photos = [solidImage(2, 2, [9, 9, 9]), solidImage(2, 2, [99, 99, 99])];
const concept: RewardConcept = {
  ...{ id: "ana", token: "<ana>", className: "woman", category: "human" },
  references: photos,
};
const expert = (name: string, score: number): RewardExpert => ({
  name,
  score: (rows) => RTE.right(new Float32Array(rows.length).fill(score)),
});
/** Sees a face in the photos with these indices. */
const faces = (...seen: readonly number[]): RewardExpert =>
  ferExpert({
    embed: (images) =>
      RTE.right(images.map((image) => seen.includes(photos.indexOf(image)) ? Float32Array.of(1, 0) : null)),
  });
const others = [expert("tier", 0.5), expert("ber", 0.5), expert("der", 0.5)];
const notes = (...experts: readonly RewardExpert[]) =>
  silentRewards(concept, { experts, weights: PAPER_WEIGHTS })({})();

describe("silentRewards()", () => {
  it("says once that no photo shows a face, and what the weights are without it", async () => {
    assert.deepEqual(right(await notes(...others, faces())), [
      "reward fer has nothing to go by: no face is found in any training photo; its weight falls to the others, " +
      "which now count tier 0.50, ber 0.25, der 0.25",
    ]);
  });
  it("says nothing where one photo shows a face, be it not the first", async () => {
    assert.deepEqual(right(await notes(...others, faces(1))), []);
  });
  it("names every expert without an opinion, also one that nobody foresaw", async () => {
    const found = right(await notes(expert("tier", 0.5), expert("ber", NaN), expert("der", 0), faces()));
    assert.equal(found.length, 2);
    assert.match(
      found[0] ?? "",
      /^reward ber .* no opinion on the training photos; .* tier 0\.67, der 0\.33$/,
    );
  });
  it("leaves out what does not count, and refuses where nothing is left", async () => {
    const animal = { ...concept, category: "animal" as const };
    const logged = await silentRewards(animal, { experts: [...others, faces()], weights: PAPER_WEIGHTS })(
      {},
    )();
    assert.deepEqual(right(logged), []);
    const outcome = await silentRewards(concept, {
      ...{ experts: [expert("a", NaN), expert("b", NaN)], weights: { a: 1, b: 1 } },
    })({})();
    assert.ok(outcome._tag === "Left");
    assert.match(
      describeError(outcome.left),
      /^rewards: none has anything to go by: a, b; give another expert/,
    );
  });
  it("refuses weights that are all 0 for the category, and says what 0 means", async () => {
    const weights = { tier: 0, ber: { human: 0, animal: 1, object: 1 }, der: 0 };
    const found = await silentRewards(concept, { experts: others, weights })({})();
    assert.ok(found._tag === "Left");
    assert.match(
      describeError(found.left),
      /every weight is 0 for the category human.*0 means that it is logged only/,
    );
  });
});
