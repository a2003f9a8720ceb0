import { describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import assert from "node:assert/strict";
import { solidImage } from "../../lib/image/image.ts";
import { keyFromSeed } from "../../lib/core/key.ts";
import { localAssistant } from "../../lib/trained/local_assistant.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { useTestBackend } from "../support/backend.ts";
import { right, runtimeFor, smallSettings } from "../method/tiny_run.ts";

await useTestBackend("wasm");
const settings = smallSettings();
const runtime = runtimeFor(settings);
const assistant = localAssistant(runtime, { base: runtime.base, rows: runtime.startRows }, settings);
const asks = Array.from({ length: 10 }, (_, index) => ({
  question: index % 2 === 0 ? "is this <mip> ?" : "what does <mip> wear ?",
  image: index % 3 === 0 ? null : solidImage(16, 16, [index * 20, 90, 10]),
  key: keyFromSeed(index),
}));
const draws = Array.from(
  { length: 6 },
  (_, index) => ({ prompt: "a photo of <mip> .", key: keyFromSeed(index) }),
);

describe("localAssistant()", () => {
  it("answers greedily, the same alone and among others, whatever the key", async () => {
    const all = right(await assistant.answer(asks)({})());
    assert.equal(all.length, asks.length);
    const last = asks.slice(-1).map((ask) => ({ ...ask, key: keyFromSeed(99) }));
    assert.deepEqual(right(await assistant.answer(last)({})()), all.slice(-1));
  });
  it("draws from the key, the same alone and among others", async () => {
    const all = right(await assistant.draw(draws)({})());
    assert.deepEqual(right(await assistant.draw(draws.slice(5))({})()), all.slice(5));
    assert.ok(new Set(all.map(({ data }) => data.join())).size > 1);
  });
  it("needs nothing for nothing", async () => {
    assert.deepEqual(right(await assistant.answer([])({})()), []);
    assert.deepEqual(right(await assistant.draw([])({})()), []);
  });
  it("turns what is thrown into an error", async () => {
    const broken = localAssistant(
      {
        ...runtime,
        encodeText: () => {
          throw new Error("no words");
        },
      },
      { base: runtime.base, rows: runtime.startRows },
      settings,
    );
    const found = await broken.answer(asks)({})();
    assert.ok(E.isLeft(found) && found.left._tag === "TensorFailure" && found.left.problem === "no words");
  });
  it("leaves no tensor behind", async () => {
    const before = tf.memory().numTensors;
    await assistant.answer(asks.slice(0, 2))({})();
    await assistant.draw(draws.slice(0, 2))({})();
    assert.equal(tf.memory().numTensors, before);
    runtime.dispose();
  });
});
