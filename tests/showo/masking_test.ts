import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { keyFromSeed } from "../../lib/core/key.ts";
import { hiddenCount, maskImage, maskingDraws } from "../../lib/showo/masking.ts";
import { maskRatio } from "../../lib/showo/schedule.ts";
import { arrays, cases, vocabulary } from "./fixture_model.ts";

const { masking } = cases;
const uniforms = arrays.get("masking.position_uniforms")?.data as Float32Array;

describe("maskImage()", () => {
  it("equals the reference from its draws", () => {
    masking.image_codes.forEach((codes, row) => {
      const draws = { t: masking.t[row] as number, positions: uniforms.subarray(row * 16, row * 16 + 16) };
      const masked = maskImage(vocabulary, codes, { draws });
      assert.equal(maskRatio("cosine", draws.t), masking.mask_prob[row]);
      assert.equal(masked.count, masking.num_masked[row]);
      assert.deepEqual(masked.imageIds, masking.input_image_ids[row]);
      assert.deepEqual(masked.imageLabels, masking.image_labels[row]);
    });
  });

  it("hides exactly the count, and labels exactly what is hidden", () => {
    fc.assert(fc.property(fc.nat(), fc.integer({ min: 1, max: 40 }), (seed, numTokens) => {
      const codes = Array.from({ length: numTokens }, (_, index) => index);
      const { imageIds, imageLabels, count } = maskImage(vocabulary, codes, {
        draws: maskingDraws(keyFromSeed(seed), numTokens),
      });
      assert.equal(imageIds.filter((id) => id === vocabulary.maskTokenId).length, count);
      imageIds.forEach((id, p) =>
        assert.equal(imageLabels[p], id === vocabulary.maskTokenId ? vocabulary.firstImageId + p : -100)
      );
    }));
  });
});

describe("hiddenCount()", () => {
  it("hides all at t = 0 and at least one near t = 1", () => {
    assert.equal(hiddenCount(0, 64), 64);
    assert.equal(hiddenCount(1 - 2 ** -24, 64), 1);
  });

  it("rounds halves to even", () => {
    assert.equal(hiddenCount(0.5, 5, "linear"), 2);
    assert.equal(hiddenCount(0.5, 7, "linear"), 4);
  });
});
