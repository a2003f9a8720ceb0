import { describe, it } from "@std/testing/bdd";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { inScope, procedure } from "../../../lab/parity/procedure.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import assert from "node:assert/strict";
import { problem, right } from "../../run/outcome.ts";
import { useTestBackend } from "../../support/backend.ts";

await useTestBackend();

describe("procedure()", () => {
  it("runs stages in order with the capabilities of the caller", async () => {
    const sum = procedure<{ readonly base: number }, number>("sum", async (run) => {
      const base = await run(RTE.asks(({ base }: { readonly base: number }) => base));
      return base + await run(RTE.right(2));
    });
    assert.equal(right(await sum({ base: 40 })()), 42);
  });
  it("ends with the first error, and turns what is thrown into one", async () => {
    const missing = { _tag: "FileMissing", path: "a", remedy: "make it" } as const;
    const stopped = procedure<unknown, number>("x", (run) => run(RTE.left(missing)));
    assert.equal(problem(await stopped({})()), "a: file not found; make it");
    const thrown = procedure<unknown, number>("x", () => Promise.reject(new Error("broken")));
    assert.equal(problem(await thrown({})()), "x: broken");
  });
});

describe("inScope()", () => {
  it("returns plain data and frees the tensors", () => {
    const before = tf.memory().numTensors;
    assert.equal(inScope(() => tf.add(1, 2).dataSync()[0]), 3);
    assert.equal(tf.memory().numTensors, before);
  });
});
