import { describe, it } from "@std/testing/bdd";
import {
  contrastingCharacters,
  faceOf,
  faceSimilarity,
  identitySimilarity,
  similarityTensor,
} from "../../../../lab/pretrain/experts/identities.ts";
import { type Character, characterId, charactersOf } from "../../../../lib/world/scene.ts";
import assert from "node:assert/strict";
import { useTestBackend } from "../../../support/backend.ts";
import { KEY } from "./tiny.ts";

await useTestBackend();
const dog: Character = { kind: "dog", colour: "blue", pattern: "plain" };
const man: Character = { kind: "man", colour: "blue", hair: "grey", skin: "dark" };

describe("contrastingCharacters()", () => {
  it("draws different characters, many with a near miss among them", () => {
    const characters = contrastingCharacters(KEY, 24, charactersOf("pretrain"));
    assert.equal(new Set(characters.map(characterId)).size, 24);
    const similar = characters.filter((one) =>
      characters.some((other) => one !== other && identitySimilarity(one, other) > 0.39)
    );
    assert.ok(similar.length >= 12);
  });
});

describe("identitySimilarity()", () => {
  it("is 1 for equal characters and grows with what they share", () => {
    assert.equal(identitySimilarity(dog, { ...dog }), 1);
    assert.ok(Math.abs(identitySimilarity(dog, { ...dog, colour: "red" }) - 0.4) < 1e-9);
    assert.equal(identitySimilarity(dog, man), 0.15);
    assert.equal(identitySimilarity(dog, { ...man, colour: "red" }), 0);
  });
});

describe("faceSimilarity()", () => {
  it("does not see clothes", () => {
    assert.equal(faceOf(man), "man-grey-dark");
    assert.equal(faceSimilarity(man, { ...man, colour: "red" }), 1);
    assert.ok(Math.abs(faceSimilarity(man, { ...man, hair: "black" }) - 0.4) < 1e-9);
  });
});

describe("similarityTensor()", () => {
  it("compares all with all", () => {
    const tensor = similarityTensor([dog, man], identitySimilarity);
    assert.deepEqual([...tensor.dataSync()].map((value) => Math.round(100 * value)), [100, 15, 15, 100]);
    tensor.dispose();
  });
});
