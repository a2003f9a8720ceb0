import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { solidImage } from "../../lib/image/image.ts";
import { encodePng } from "../../lib/image/png.ts";
import { namedConcepts } from "../../lib/evaluation/named_concepts.ts";
import { memoryFiles } from "../support/files.ts";
import { failure, succeed, world } from "./world_fixture.ts";

const load = async (reference: string): Promise<readonly string[]> =>
  (await succeed(namedConcepts(reference), world().capabilities)).concepts.map(({ id }) => id);

const PNG = encodePng(solidImage(1, 1));

describe("namedConcepts()", () => {
  it("takes an id, a path, or a whole data set", async () => {
    assert.deepEqual(await load("biscuit"), ["biscuit"]);
    assert.deepEqual(await load("toko"), ["toko"]);
    assert.deepEqual(await load("assets/world/mip"), ["mip"]);
    assert.deepEqual((await load("assets/world")).length, 6);
  });

  it("knows the other layouts by their folders", async () => {
    const files = memoryFiles({
      "y/yollava-data/train/bo/0.png": PNG,
      "y/yollava-data/test/bo/0.png": PNG,
      "d/dataset/dog/00.jpg": PNG,
      "m/two_concept/concept/train/a/0.png": PNG,
      "m/two_concept/concept/test/a/0.png": PNG,
    });
    const found = async (reference: string) => {
      const { bench, concepts } = await succeed(namedConcepts(reference), { ...world().capabilities, files });
      return [bench, concepts.map(({ id }) => id).join()];
    };
    assert.deepEqual(await found("y"), ["yollava", "bo"]);
    assert.deepEqual(await found("d"), ["dreambench", "dog"]);
    assert.deepEqual(await found("m"), ["mcllava", "a"]);
  });

  it("says which concepts there are", async () => {
    assert.match(
      await failure(namedConcepts("nobody"), world().capabilities),
      /nobody: no such concept; choose one of .*mip/,
    );
  });
});
