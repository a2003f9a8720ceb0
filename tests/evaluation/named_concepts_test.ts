import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { namedConcepts } from "../../lib/evaluation/named_concepts.ts";
import { failure, succeed, world } from "./world_fixture.ts";

const load = async (reference: string): Promise<readonly string[]> =>
  (await succeed(namedConcepts(reference), world().capabilities)).map(({ id }) => id);

describe("namedConcepts()", () => {
  it("takes an id, a path, or a whole data set", async () => {
    assert.deepEqual(await load("biscuit"), ["biscuit"]);
    assert.deepEqual(await load("toko"), ["toko"]);
    assert.deepEqual(await load("assets/world/mip"), ["mip"]);
    assert.deepEqual((await load("assets/world")).length, 6);
  });

  it("says which concepts there are", async () => {
    assert.match(
      await failure(namedConcepts("nobody"), world().capabilities),
      /nobody: no such concept; choose one of .*mip/,
    );
  });
});
