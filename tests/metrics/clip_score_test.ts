import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { cosine } from "../../lib/core/cosine.ts";
import {
  clipImageScore,
  clipText,
  clipTextScore,
  prototypeScore,
  realImagesScore,
} from "../../lib/metrics/clip_score.ts";

const near = (a: number | null, b: number): void =>
  assert.ok(a !== null && Math.abs(a - b) < 1e-9, `${a} ${b}`);
const vectors = fc.array(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 3, maxLength: 3 }), {
  minLength: 1,
  maxLength: 4,
});

describe("clipImageScore()", () => {
  it("equals a loop over all pairs", () =>
    fc.assert(fc.property(vectors, vectors, (references, generated) => {
      let sum = 0;
      for (const a of references) for (const b of generated) sum += cosine(a, b);
      near(clipImageScore(references, generated), sum / references.length / generated.length);
    })));
  it("does not see the length of embeddings", () =>
    near(clipImageScore([[1, 2]], [[3, 1]]), clipImageScore([[10, 20]], [[0.3, 0.1]]) as number));
  it("is undefined without pairs", () => {
    assert.equal(clipImageScore([], [[1]]), null);
    assert.equal(clipTextScore([1], []), null);
  });
});

describe("realImagesScore()", () => {
  it("compares each photo with itself as well", () => near(realImagesScore([[1, 0], [0, 1]]), 0.5));
});

describe("prototypeScore()", () => {
  it("weights long embeddings more, unlike the mean over pairs", () => {
    near(prototypeScore([[9, 0], [0, 1]], [[1, 0]]), 9 / Math.sqrt(82));
    near(clipImageScore([[9, 0], [0, 1]], [[1, 0]]), 0.5);
    assert.equal(prototypeScore([], [[1]]), null);
  });
});

describe("clipText()", () => {
  const named = { token: "<bo>", className: "dog" };
  it("writes the class noun, or leaves the token", () => {
    assert.equal(clipText("a <bo> in the jungle", named), "a dog in the jungle");
    assert.equal(clipText("A photo of <bo> running.", named), "A photo of the dog running.");
    assert.equal(clipText("a <bo> in the jungle", named, { token: "literal" }), "a <bo> in the jungle");
  });
});
