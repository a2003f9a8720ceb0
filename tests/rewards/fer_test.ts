import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { solidImage } from "../../lib/image/image.ts";
import type { RewardExpert } from "../../lib/rewards/expert.ts";
import { ferExpert, ferScore } from "../../lib/rewards/fer.ts";
import { faceEncoder, rewardRow, succeed, WOMAN } from "./fakes.ts";

const face = (...values: number[]): Float32Array => Float32Array.from(values);
const same = rewardRow({ concept: WOMAN, image: solidImage(2, 2, [200, 120, 90]) });
const other = rewardRow({ concept: WOMAN, image: solidImage(2, 2, [90, 10, 250]) });
const nobody = rewardRow({ concept: WOMAN, image: solidImage(2, 2) });
const animal = rewardRow();

describe("ferScore()", () => {
  it("averages over the photos that show a face", () => {
    assert.equal(ferScore(face(1, 0), [face(1, 0), null, face(0, 1)]), 0.5);
    assert.equal(ferScore(face(1, 0), [face(1, 0), face(0, 1)], { aggregation: "max" }), 1);
  });
  it("applies the threshold per photo before it averages", () => {
    const half = face(1, Math.sqrt(3));
    assert.ok(Math.abs(ferScore(face(1, 0), [face(1, 0), half], { range: "threshold" }) - 0.5) < 1e-6);
  });
  it("scores a picture without a face 0 or not at all", () => {
    assert.equal(ferScore(null, [face(1, 0)]), 0);
    assert.ok(Number.isNaN(ferScore(null, [face(1, 0)], { noFace: "undefined" })));
  });
  it("is undefined without a face in any photo", () => {
    assert.ok(Number.isNaN(ferScore(face(1), [null])));
    assert.ok(Number.isNaN(ferScore(null, [])));
  });
});

describe("ferExpert()", () => {
  it("ranks same face, other face, no face; animals do not apply", async () => {
    const [a, b, c, d] = await succeed(ferExpert(faceEncoder().encoder).score([same, other, nobody, animal]));
    assert.ok((a as number) > (b as number));
    assert.equal(c, 0);
    assert.ok(Number.isNaN(d));
  });
  it("does not look at pictures of animals", async () => {
    const { encoder, batches } = faceEncoder();
    await succeed(ferExpert(encoder).score([animal, same, animal]));
    await succeed(ferExpert(encoder).score([animal]));
    assert.deepEqual(batches, [1, 2]);
  });
  it("falls back to another expert for pictures without a face", async () => {
    const asked: number[] = [];
    const fallback: RewardExpert = {
      name: "clip",
      score: (rows) => RTE.fromIO(() => (asked.push(rows.length), new Float32Array(rows.length).fill(0.25))),
    };
    const expert = ferExpert(faceEncoder().encoder, { noFace: "fallback", fallback });
    const scores = await succeed(expert.score([same, nobody, animal]));
    assert.ok((scores[0] as number) > 0.25);
    assert.equal(scores[1], 0.25);
    assert.deepEqual(asked, [1]);
  });
});
