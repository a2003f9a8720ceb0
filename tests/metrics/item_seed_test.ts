import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { itemSeed } from "../../lib/metrics/item_seed.ts";

describe("itemSeed()", () => {
  it("is the start of the digest of the joined names", () => {
    const name = {
      seed: 3407,
      model: "r1",
      family: "gen",
      task: "pure_gen",
      concept: "bo",
      checkpoint: "100",
      item: "x",
    };
    // printf '3407::r1::gen::pure_gen::bo::100::x' | sha256sum
    assert.equal(itemSeed(name), 0xf590c91c);
  });
});
