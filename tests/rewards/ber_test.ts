import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { solidImage } from "../../lib/image/image.ts";
import { berExpert, berText } from "../../lib/rewards/ber.ts";
import { failWith, redScorer, rewardRow, succeed } from "./fakes.ts";

describe("berText()", () => {
  it("writes the class noun in place of the token", () =>
    assert.equal(berText(rewardRow()), "A photo of the dog at a party. The dog wears a red hat."));
  it("takes the explicit prompt where there is one", () => {
    assert.equal(berText(rewardRow({ explicitPrompt: "a red <bo>" }), "explicit"), "a red dog");
    assert.equal(berText(rewardRow(), "explicit"), berText(rewardRow()));
  });
});

describe("berExpert()", () => {
  const red = rewardRow({ image: solidImage(1, 1, [255, 0, 0]) });
  const blue = rewardRow({ image: solidImage(1, 1, [51, 0, 255]) });
  it("prefers the picture that shows the prompt", async () => {
    const scores = await succeed(berExpert(redScorer().scorer).score([red, blue]));
    assert.deepEqual([...scores], [1, Math.fround(0.2)]);
  });
  it("turns around under `distance`", async () => {
    const scores = await succeed(
      berExpert(redScorer().scorer, { orientation: "distance" }).score([red, blue]),
    );
    assert.ok((scores[0] as number) < (scores[1] as number));
  });
  it("asks about all rows at once", async () => {
    const { scorer, texts } = redScorer();
    await succeed(berExpert(scorer).score([red, blue]));
    assert.equal(texts.length, 2);
  });
  it("fails if the network drops an answer", async () => {
    const broken = berExpert({ score: () => RTE.right(new Float32Array(1)) });
    assert.equal((await failWith(broken.score([red, blue]))).expert, "ber");
  });
});
