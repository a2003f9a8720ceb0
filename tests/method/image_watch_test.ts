import { describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import assert from "node:assert/strict";
import { type RgbImage, solidImage } from "../../lib/image/image.ts";
import { fold, keyFromSeed } from "../../lib/core/key.ts";
import type { ImageEncoder } from "../../lib/rewards/features.ts";
import { rememberImages } from "../../lib/rewards/remember.ts";
import { type GroupLook, imageWatch, LOOK_METRICS, lookMetrics } from "../../lib/method/image_watch.ts";
import { renderScene } from "../../lib/world/draw.ts";
import { charactersOf, sampleScene } from "../../lib/world/scene.ts";
import { right } from "../run/outcome.ts";

const characters = charactersOf("heldout").slice(2, 3);
const scenes = Array.from(
  { length: 8 },
  (_, index) => renderScene(sampleScene(fold(keyFromSeed(5), index), { characters }), { size: 64 }),
);
const [photos, drawn] = [scenes.slice(0, 4), scenes.slice(4)];

/** Looks at the corners of an image, and counts how often. */
function cornerEncoder(): { readonly encoder: ImageEncoder; readonly seen: RgbImage[] } {
  const seen: RgbImage[] = [];
  const cls = ({ data }: RgbImage): Float32Array =>
    Float32Array.from([0, 150, 6000, 12000].map((at) => (data[at] ?? 0) + 1));
  return {
    seen,
    encoder: {
      embed: (images) =>
        RTE.fromIO(() => {
          seen.push(...images);
          return images.map((image) => ({ cls: cls(image), patches: new Float32Array() }));
        }),
    },
  };
}
const looking = async (images: readonly RgbImage[], encoder: ImageEncoder | null): Promise<GroupLook> =>
  right(await imageWatch(photos, encoder)(images)({})());

describe("imageWatch()", () => {
  it("catches a group that copies training photos, and one whose images are all the same", async () => {
    const { encoder } = cornerEncoder();
    const [fresh, copied, same] = [
      await looking(drawn, encoder),
      await looking([...photos.slice(0, 2), ...drawn.slice(0, 2)], encoder),
      await looking(drawn.map(() => drawn[0] as RgbImage), encoder),
    ];
    assert.deepEqual([fresh.copies, copied.copies], [0, 0.5]);
    assert.ok((copied.nearest_cosine ?? 0) > (fresh.nearest_cosine ?? 1));
    assert.ok((fresh.diversity ?? 0) > 0 && Math.abs(same.diversity ?? 1) < 1e-6);
  });
  it("catches flat images", async () => {
    const flat = await looking(drawn.map(() => solidImage(64, 64, [90, 90, 90])), null);
    assert.deepEqual([flat.edge_density, flat.colour_entropy, flat.saturation], [0, 0, 0]);
    assert.ok((await looking(drawn, null)).edge_density > 0.05);
  });
  it("measures pixels alone without a network", async () => {
    const { diversity, nearest_cosine, copies } = await looking([...photos.slice(0, 1), ...drawn], null);
    assert.deepEqual([diversity, nearest_cosine, copies], [null, null, 0.2]);
  });
  it("embeds the photos once, and shares its pass with whoever else asks for the same images", async () => {
    const { encoder, seen } = cornerEncoder();
    const shared = rememberImages(encoder, "der");
    const watch = imageWatch(photos, shared);
    await shared.embed(drawn)({})();
    for (let update = 0; update < 2; update++) right(await watch(drawn)({})());
    assert.equal(seen.length, photos.length + drawn.length);
  });
  it("refuses a network that does not answer for every image", async () => {
    const silent: ImageEncoder = { embed: () => RTE.right([]) };
    const found = await imageWatch(photos, silent)(drawn)({})();
    assert.ok(E.isLeft(found) && found.left._tag === "RewardFailed");
  });
});

describe("lookMetrics()", () => {
  it("writes the metrics that are announced", async () => {
    assert.deepEqual(Object.keys(lookMetrics(await looking(drawn, null))), LOOK_METRICS);
  });
});
