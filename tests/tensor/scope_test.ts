import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import * as E from "fp-ts/lib/Either.js";
import { tidyE } from "../../lib/tensor/scope.ts";
import { tf } from "../../lib/tensor/tf.ts";

await tf.setBackend("cpu");

describe("tidyE()", () => {
  it("frees intermediates and turns a throw into an error", () => {
    const before = tf.memory().numTensors;
    const ok = tidyE("sum", () => tf.sum(tf.ones([3])));
    assert.ok(E.isRight(ok));
    assert.equal(tf.memory().numTensors, before + 1);
    ok.right.dispose();
    const bad = tidyE("add", () => tf.add(tf.ones([2]), tf.ones([3])));
    assert.equal(E.isLeft(bad) && bad.left._tag, "TensorFailure");
    assert.equal(tf.memory().numTensors, before);
  });
});
