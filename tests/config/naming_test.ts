import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { camelCase, flagName, nearestName, snakeCase } from "../../lib/config/naming.ts";

describe("naming", () => {
  it("snakeCase() and camelCase() are inverse on YAML keys", () => {
    const word = fc.stringMatching(/^[a-z][a-z]{0,6}[0-9]?$/);
    fc.assert(fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), (words) => {
      const key = words.join("_");
      assert.equal(snakeCase(camelCase(key)), key);
    }));
  });

  it("snakeCase() keeps digits with the word before", () => {
    assert.equal(snakeCase("beta1"), "beta1");
    assert.equal(snakeCase("numVqTokens"), "num_vq_tokens");
    assert.equal(flagName("numImages"), "num-images");
  });

  it("nearestName() finds swapped letters, camelCase and dashes, and nothing far away", () => {
    const known = ["learning_rate", "seed", "num_images"];
    assert.equal(nearestName("learnig_rate", known), "learning_rate");
    assert.equal(nearestName("sede", known), "seed");
    assert.equal(nearestName("numImages", known), "num_images");
    assert.equal(nearestName("num-images", known), "num_images");
    assert.equal(nearestName("temperature", known), undefined);
  });

  it("nearestName() returns a known name for itself", () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{3,10}$/), { minLength: 1, maxLength: 6 });
    fc.assert(fc.property(names, (known) => {
      for (const name of known) assert.equal(nearestName(name, known), name);
    }));
  });
});
