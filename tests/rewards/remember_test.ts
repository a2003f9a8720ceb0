import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import * as E from "fp-ts/lib/Either.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { type RgbImage, solidImage } from "../../lib/image/image.ts";
import type { Stage } from "../../lib/core/stage.ts";
import { rememberFor, rememberImages, rememberTexts } from "../../lib/rewards/remember.ts";
import { letterEncoder, succeed } from "./fakes.ts";

describe("rememberFor()", () => {
  it("computes once per object, and again for an equal one", async () => {
    let computed = 0;
    const size = rememberFor((list: readonly number[]) => RTE.fromIO(() => (computed++, list.length)));
    const list = [1, 2];
    assert.deepEqual([await succeed(size(list)), await succeed(size(list)), computed], [2, 2, 1]);
    await succeed(size([1, 2]));
    assert.equal(computed, 2);
  });
  it("does not remember a failure", async () => {
    let attempts = 0;
    const flaky = rememberFor((_: object): Stage<unknown, number> => () => () =>
      Promise.resolve(
        ++attempts === 1
          ? E.left({ _tag: "RewardFailed", expert: "x", problem: "once" } as const)
          : E.right(attempts),
      )
    );
    const input = {};
    assert.ok(E.isLeft(await flaky(input)({})()));
    assert.equal(await succeed(flaky(input)), 2);
    assert.equal(await succeed(flaky(input)), 2);
  });
});

describe("rememberTexts()", () => {
  it("encodes only new texts, each once, in the order asked", async () => {
    const { encoder, batches } = letterEncoder();
    const vectors = rememberTexts(encoder, "tier");
    await succeed(vectors(["a", "b", "a"]));
    const [b, c] = await succeed(vectors(["b", "c"]));
    assert.deepEqual(batches, [2, 1]);
    assert.deepEqual([b?.[2], c?.[3]], [1, 1]);
  });
});

describe("rememberImages()", () => {
  it("embeds each image once, in order, and asks only for new ones", async () => {
    const asked: number[] = [];
    const encoder = rememberImages({
      embed: (images: readonly RgbImage[]) =>
        RTE.fromIO(() => {
          asked.push(images.length);
          return images.map(({ data }) => ({
            cls: Float32Array.of(data[0] ?? 0),
            patches: new Float32Array(),
          }));
        }),
    }, "der");
    const [one, two, three] = [1, 2, 3].map((value) => solidImage(1, 1, [value, 0, 0])) as [
      RgbImage,
      RgbImage,
      RgbImage,
    ];
    const firsts = async (images: readonly RgbImage[]) =>
      (await succeed(encoder.embed(images))).map(({ cls }) => cls[0]);
    assert.deepEqual(await firsts([one, two, one]), [1, 2, 1]);
    assert.deepEqual(await firsts([three, two]), [3, 2]);
    assert.deepEqual(await firsts([one]), [1]);
    assert.deepEqual(asked, [2, 1]);
  });
});
