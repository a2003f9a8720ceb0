import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { loadConceptImage } from "../../lib/concept/photo.ts";
import { loadConcepts } from "../../lib/concept/unifybench.ts";
import { keyFromSeed } from "../../lib/core/key.ts";
import { worldRoot } from "../../lib/world/concept_folder.ts";
import { memoryFiles, testWorld } from "../support/files.ts";
import { valueOf } from "./expect_failure.ts";

describe("loadConcepts() of the procedural world", () => {
  it("reads what the world writes, without a warning", async () => {
    const members = [
      { name: "mip", character: { kind: "dog", colour: "blue", pattern: "spotted" } },
      { name: "zed", character: { kind: "robot", colour: "red", pattern: "plain" } },
    ] as const;
    const files = worldRoot(members, keyFromSeed(1));
    const world = testWorld(
      memoryFiles(Object.fromEntries([...files].map(([path, content]) => [`w/${path}`, content]))),
    );
    const concepts = valueOf(await loadConcepts("w")(world)());
    assert.deepEqual(world.warnings, []);
    assert.deepEqual(concepts.map(({ id, className }) => [id, className]), [["mip", "dog"], [
      "zed",
      "robot",
    ]]);
    for (const concept of concepts) {
      assert.ok(concept.facts.length >= 3);
      assert.ok(
        concept.facts.every(({ reasoningPrompt, explicitPrompt }) => reasoningPrompt && explicitPrompt),
      );
      assert.deepEqual(Object.keys(concept.captions), [...concept.trainImages]);
      assert.ok(concept.evalItems.length > 0 && concept.trainingData.stage3.length > 0);
      const image = valueOf(await loadConceptImage(concept.trainImages[0] ?? "", 64)(world)());
      assert.deepEqual([image.width, image.height], [64, 64]);
    }
  });
});
