import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import type { Fact } from "../../lib/concept/concept.ts";
import { keyFromSeed } from "../../lib/core/key.ts";
import { evaluatedList, listedFacts, longestList, nearestFacts } from "../../lib/method/listed_facts.ts";

const DETAILS = ["a red hat", "a blue ball", "a red scarf", "a pink hat", "a white umbrella", "a blue hat"];
const PLACES = ["at the beach", "at night", "on the street", "while waving", "at sunset", "in the kitchen"];
const facts: readonly Fact[] = [...DETAILS, ...DETAILS].map((detail, index) => ({
  index,
  detail,
  text: `<mip> has ${detail} ${index % 2 === 0 ? "here and" : ""} ${PLACES[index % 6]} .`,
  split: index < 6 ? "train" : "test",
}));
const concept = { facts };
const drawn = fc.record({
  fact: fc.constantFrom(...facts),
  shown: fc.integer({ min: 1, max: 5 }),
  seed: fc.nat(),
});

describe("listedFacts()", () => {
  it("holds the needed fact, others of its split, and no two of one colour or thing", () => {
    fc.assert(fc.property(drawn, ({ fact, shown, seed }) => {
      const listed = listedFacts(concept, fact, { shown, key: keyFromSeed(seed) });
      assert.ok(listed.includes(fact) && listed.length <= shown);
      assert.ok(listed.every(({ split }) => split === fact.split));
      const words = listed.flatMap(({ detail = "" }) => detail.split(" ").slice(1));
      assert.equal(new Set(words).size, words.length);
    }));
  });

  it("puts the needed fact in every place, and draws every other that differs from it", () => {
    const [needed] = facts as [Fact];
    const lists = Array.from(
      { length: 200 },
      (_, seed) => listedFacts(concept, needed, { shown: 3, key: keyFromSeed(seed) }),
    );
    const places = new Set(lists.filter(({ length }) => length === 3).map((list) => list.indexOf(needed)));
    assert.deepEqual([...places].toSorted(), [0, 1, 2]);
    assert.deepEqual([...new Set(lists.flat().map(({ index }) => index))].toSorted(), [0, 1, 4]);
  });

  it("lists all facts of a short concept in random order, and all in file order where told", () => {
    const few = { facts: facts.slice(0, 5) };
    const needed = facts[2] as Fact;
    const listed = listedFacts(few, needed, { shown: 5, key: keyFromSeed(1) });
    assert.deepEqual(listed.map(({ index }) => index).toSorted(), [0, 1, 2, 3, 4]);
    assert.notDeepEqual(listed, listedFacts(few, needed, { shown: 5, key: keyFromSeed(2) }));
    assert.deepEqual(listedFacts(concept, needed, { shown: 0, key: keyFromSeed(1) }), facts);
  });
});

describe("evaluatedList()", () => {
  it("is fixed for a fact and an order, and differs between orders", () => {
    const lists = [0, 0, 1, 2].map((order) => evaluatedList(concept, facts[7] as Fact, { shown: 4, order }));
    assert.deepEqual(lists[0], lists[1]);
    assert.ok(lists.slice(2).some((list) => JSON.stringify(list) !== JSON.stringify(lists[0])));
  });
});

describe("longestList()", () => {
  it("has at least as many words as any list that is drawn", () => {
    const wordsOf = (list: readonly Fact[]): number =>
      list.map(({ text }) => text).join(" ").split(" ").length;
    fc.assert(fc.property(drawn, ({ fact, shown, seed }) => {
      const listed = listedFacts(concept, fact, { shown, key: keyFromSeed(seed) });
      assert.ok(wordsOf(longestList(concept, fact, shown)) >= wordsOf(listed));
    }));
  });
});

describe("nearestFacts()", () => {
  it("keeps the facts that share most words with a prompt, in the order of the data", () => {
    const nearest = nearestFacts(concept, "a photo of <mip> on the street .", 2);
    assert.deepEqual(nearest.map(({ index }) => index), [2, 8]);
    assert.deepEqual(nearestFacts(concept, "p", 0), facts);
  });
});
