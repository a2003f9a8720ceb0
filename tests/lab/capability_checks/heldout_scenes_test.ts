import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { heldoutScenes } from "../../../lab/capability_checks/heldout_scenes.ts";
import { characterId, charactersOf } from "../../../lib/world/scene.ts";

describe("heldoutScenes()", () => {
  const scenes = heldoutScenes({ count: 48, seed: 3 });
  it("shows held-out characters only", () => {
    const held = new Set(charactersOf("heldout").map(characterId));
    assert.equal(scenes.length, 48);
    assert.ok(scenes.every(({ character }) => held.has(characterId(character))));
  });
  it("depends on the seed, and on each scene's place alone", () => {
    assert.deepEqual(heldoutScenes({ count: 5, seed: 3 }), scenes.slice(0, 5));
    assert.notDeepEqual(heldoutScenes({ count: 5, seed: 4 }), scenes.slice(0, 5));
    assert.ok(new Set(scenes.map((scene) => JSON.stringify(scene))).size > 40);
  });
});
