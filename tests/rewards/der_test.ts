import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { solidImage } from "../../lib/image/image.ts";
import { derExpert, derScore, type PatchComparison, patchSimilarity } from "../../lib/rewards/der.ts";
import type { ImageFeatures } from "../../lib/rewards/features.ts";
import { colourEncoder, DOG, failWith, rewardRow, succeed } from "./fakes.ts";

const COMPARISONS: readonly PatchComparison[] = ["patchMean", "cls", "patchBestMatch", "patchAligned"];
const comparison = fc.constantFrom(...COMPARISONS);
const values = (length: number) =>
  fc.array(fc.integer({ min: 1, max: 20 }), { minLength: length, maxLength: length }).map((list) =>
    Float32Array.from(list)
  );
const features: fc.Arbitrary<ImageFeatures> = fc.record({ cls: values(3), patches: values(12) });
const near = (a: number, b: number): void => assert.ok(Math.abs(a - b) < 1e-9, `${a} ${b}`);

describe("patchSimilarity()", () => {
  it("is 1 for equal features, symmetric and bounded", () =>
    fc.assert(fc.property(features, features, comparison, (a, b, how) => {
      near(patchSimilarity(a, a, how), 1);
      near(patchSimilarity(a, b, how), patchSimilarity(b, a, how));
      assert.ok(Math.abs(patchSimilarity(a, b, how)) <= 1);
    })));
  it("equals worked examples", () => {
    const a = { cls: Float32Array.of(1, 0), patches: Float32Array.of(3, 4, 3, 4) };
    const b = { cls: Float32Array.of(0, 1), patches: Float32Array.of(1, 0, 0, 1) };
    near(patchSimilarity(a, b, "cls"), 0);
    near(patchSimilarity(a, b, "patchMean"), 7 / (5 * Math.SQRT2));
    near(patchSimilarity(a, b, "patchAligned"), (0.6 + 0.8) / 2);
    near(patchSimilarity(a, b, "patchBestMatch"), (0.8 + (0.6 + 0.8) / 2) / 2);
  });
  it("does not see where patches are, but for `patchAligned`", () =>
    fc.assert(fc.property(features, features, fc.constantFrom("patchMean", "patchBestMatch"), (a, b, how) => {
      const turned = {
        cls: a.cls,
        patches: Float32Array.from([...a.patches.subarray(3), ...a.patches.subarray(0, 3)]),
      };
      near(patchSimilarity(turned, b, how as "cls"), patchSimilarity(a, b, how as "cls"));
    })));
});

describe("derScore()", () => {
  it("scores an identical picture highest", () =>
    fc.assert(fc.property(features, features, comparison, (photo, other, comparison) => {
      assert.ok(derScore(photo, [photo], { comparison }) >= derScore(other, [photo], { comparison }) - 1e-9);
    })));
  it("is undefined without references", () =>
    assert.ok(Number.isNaN(derScore({ cls: Float32Array.of(1), patches: Float32Array.of(1) }, []))));
});

describe("derExpert()", () => {
  it("scores the picture that equals the photo 1, others lower", async () => {
    const rows = [rewardRow(), rewardRow({ image: solidImage(2, 2, [250, 10, 10]) })];
    const scores = await succeed(derExpert(colourEncoder().encoder).score(rows));
    near(scores[0] as number, 1);
    assert.ok((scores[1] as number) < 1);
  });
  it("encodes photos once per concept and pictures in one batch", async () => {
    const { encoder, batches } = colourEncoder();
    const expert = derExpert(encoder);
    await succeed(expert.score([rewardRow(), rewardRow()]));
    await succeed(expert.score([rewardRow()]));
    assert.deepEqual(batches, [2, 1, 1]);
  });
  it("is undefined for a concept without photos", async () => {
    const row = rewardRow({ concept: { ...DOG, references: [] } });
    assert.ok(Number.isNaN((await succeed(derExpert(colourEncoder().encoder).score([row])))[0]));
  });
  it("fails if the network drops an answer", async () => {
    const { encoder } = colourEncoder();
    const broken = derExpert({ embed: (images) => encoder.embed(images.slice(1)) });
    assert.equal((await failWith(broken.score([rewardRow()]))).expert, "der");
  });
});
