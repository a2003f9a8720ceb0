import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { showoModel, withConcept } from "../../lib/showo/model.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { useTestBackend } from "../support/backend.ts";
import { config } from "./fixture_model.ts";
import { leaked, numbers } from "./fixture_weights.ts";

await useTestBackend();

describe("showoModel()", () => {
  it("wraps whole functions and parts without changing them", () => {
    const x = tf.tensor1d([1, 2]);
    for (const compile of ["model", "block", "none"] as const) {
      const model = showoModel(config, { compile });
      const double = model.part("double", (a: tf.Tensor): tf.Tensor => tf.mul(a, 2));
      const run = model.whole("run", (a: tf.Tensor) => ({ y: tf.add(double(a), 1) }));
      const found = run(x);
      assert.deepEqual(numbers(found.y), [3, 5]);
      found.y.dispose();
      assert.equal(leaked(() => run(x).y.dispose()), 0);
    }
    x.dispose();
  });
});

describe("withConcept()", () => {
  it("changes the vocabulary alone", () => {
    const concept = withConcept(config, 4);
    assert.equal(concept.vocabulary.size, config.vocabulary.size + 4);
    assert.deepEqual({ ...concept, vocabulary: config.vocabulary }, config);
  });
});
