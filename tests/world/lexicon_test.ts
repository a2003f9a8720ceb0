import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import {
  accessoryPhrase,
  garmentOf,
  nounPhrase,
  vocabularyWords,
  withArticle,
} from "../../lib/world/lexicon.ts";
import { allCharacters } from "../../lib/world/scene.ts";
import { characters } from "./arbitrary.ts";

describe("nounPhrase()", () => {
  it("describes people by hair, skin and garment, creatures by pattern and colour", () => {
    assert.equal(
      nounPhrase({ kind: "woman", colour: "orange", hair: "grey", skin: "dark" }),
      "a woman with grey hair , dark skin and an orange dress",
    );
    assert.equal(nounPhrase({ kind: "bear", colour: "orange", pattern: "plain" }), "a plain orange bear");
    assert.equal(
      nounPhrase({ kind: "bear", colour: "orange", pattern: "plain" }, { sayPlain: false }),
      "an orange bear",
    );
  });

  it("is different for every character, whether or not plain is said", () => {
    for (const sayPlain of [true, false]) {
      assert.equal(new Set(allCharacters().map((each) => nounPhrase(each, { sayPlain }))).size, 224);
    }
  });

  it("uses listed words alone", () => {
    const words = new Set(vocabularyWords());
    fc.assert(fc.property(characters, (character) => {
      for (const word of nounPhrase(character).split(" ")) assert.ok(words.has(word), word);
    }));
  });
});

describe("withArticle(), accessoryPhrase() and garmentOf()", () => {
  it("choose the right word", () => {
    assert.equal(withArticle("robot"), "a robot");
    assert.equal(accessoryPhrase({ item: "umbrella", colour: "orange" }), "an orange umbrella");
    assert.deepEqual([garmentOf("man"), garmentOf("woman"), garmentOf("cat")], ["shirt", "dress", null]);
  });
});

describe("vocabularyWords()", () => {
  it("is a closed, sorted list of about 130 words with punctuation", () => {
    const words = vocabularyWords();
    assert.equal(new Set(words).size, words.length);
    assert.ok(words.length > 110 && words.length < 180, `${words.length}`);
    assert.deepEqual(words.slice(-3), [".", ",", "?"]);
    assert.deepEqual(words.filter((word) => word !== word.toLowerCase()), []);
  });
});
