import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import { checkConcept, conceptSummary } from "../../lib/concept/concept_check.ts";
import { changedFiles, testWorld } from "../support/files.ts";

const roots = ["assets/world", "assets/photos"];

describe("checkConcept()", () => {
  it("finds nothing wrong with a bundled concept and says what it has", async () => {
    const world = testWorld(changedFiles());
    const checked = await checkConcept("mip", roots)(world)();
    assert(E.isRight(checked));
    assert.deepEqual([checked.right.unreadable, checked.right.nearDuplicates], [[], 0]);
    assert.deepEqual(world.warnings, []);
    assert.deepEqual(conceptSummary(checked.right.concept).slice(1, 3), [
      "photos: 6 to train, 4 to test, 4 look-alikes, 10 of other things",
      "facts: 5 to train, 5 to test",
    ]);
  });

  it("counts each photo that can't be read once", async () => {
    const broken = "assets/world/concept/test/mip/0.png";
    const world = testWorld(changedFiles({ [broken]: "no picture" }));
    const checked = await checkConcept("mip", roots)(world)();
    assert.deepEqual(E.isRight(checked) && checked.right.unreadable, [broken]);
    assert.equal(world.warnings.length, 1);
    assert.match(world.warnings[0] ?? "", /^skipped .*test\/mip\/0\.png: not an image/);
  });

  it("refuses what training refuses", async () => {
    const world = testWorld(changedFiles({ "assets/world/concept/train/mip/info.json": "{" }));
    const checked = await checkConcept("assets/world/mip", roots)(world)();
    assert.match(E.isLeft(checked) ? JSON.stringify(checked.left) : "", /info\.json.*no valid JSON/);
    assert(E.isLeft(await checkConcept("nobody", roots)(world)()));
  });
});
