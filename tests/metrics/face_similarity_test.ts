import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { faceSimilarity } from "../../lib/metrics/face_similarity.ts";

describe("faceSimilarity()", () => {
  it("averages over pairs that both show a face", () => {
    const score = faceSimilarity([[1, 0], null, [0, 1]], [[1, 0], [1, 0], null, null]);
    assert.deepEqual(score, { faceSim: 0.5, faceSimZeroFill: 0.25, detectionRate: 0.5 });
  });
  it("is undefined without faces, but reports the rate", () => {
    assert.deepEqual(faceSimilarity([null], [[1]]), {
      faceSim: null,
      faceSimZeroFill: null,
      detectionRate: 1,
    });
    assert.deepEqual(faceSimilarity([[1]], [null]), { faceSim: null, faceSimZeroFill: 0, detectionRate: 0 });
    assert.deepEqual(faceSimilarity([[1]], []), {
      faceSim: null,
      faceSimZeroFill: null,
      detectionRate: null,
    });
  });
});
