import { describe, it } from "@std/testing/bdd";
import { fold } from "../../../../lib/core/key.ts";
import {
  factTrials,
  type Meaning,
  sampleMeanings,
  statementOf,
  statementSimilarity,
} from "../../../../lab/pretrain/experts/fact_wordings.ts";
import { isHeldOutFact } from "../../../../lib/world/facts.ts";
import { constraintsOf } from "../../../../lib/world/scene_truth.ts";
import assert from "node:assert/strict";
import { KEY } from "./tiny.ts";

const meanings = sampleMeanings(KEY, 30);

describe("sampleMeanings()", () => {
  it("draws different meanings that pretraining may show", () => {
    assert.equal(meanings.length, 30);
    assert.equal(
      new Set(meanings.map((meaning) => JSON.stringify([meaning.accessory, meaning.condition]))).size,
      30,
    );
    for (const { accessory, condition } of meanings) {
      assert.ok(condition === null || !isHeldOutFact({ accessory, condition }));
    }
  });
  it("holds pairs that share two of three parts", () => {
    const alike = meanings.filter((one) =>
      meanings.some((other) => one !== other && statementSimilarity(one, other) >= 0.6)
    );
    assert.ok(alike.length >= 8, `${alike.length}`);
  });
});

describe("statementSimilarity()", () => {
  it("adds the shares of equal parts", () => {
    const one: Meaning = {
      accessory: { item: "hat", colour: "red" },
      condition: { part: "time", value: "night" },
    };
    assert.equal(statementSimilarity(one, one), 1);
    assert.equal(statementSimilarity(one, { ...one, accessory: { item: "hat", colour: "blue" } }), 0.75);
    assert.equal(
      statementSimilarity(one, { accessory: { item: "ball", colour: "blue" }, condition: null }),
      0,
    );
  });
});

describe("statementOf()", () => {
  it("says the meaning, whatever the wording", () => {
    for (const [index, meaning] of meanings.entries()) {
      const said = constraintsOf(statementOf(fold(KEY, index), meaning).replace(/<[a-z]+>/, "it"));
      assert.equal(said.accessory, meaning.accessory.item);
      assert.equal(said.accessory_colour, meaning.accessory.colour);
      if (meaning.condition !== null) assert.equal(said[meaning.condition.part], meaning.condition.value);
    }
  });
});

describe("factTrials()", () => {
  it("asks in other words than the facts are said", () => {
    for (const { facts, truth, answer, halfRight, wrong } of factTrials(KEY, 20)) {
      assert.equal(facts.length, 5);
      assert.ok(facts[truth] !== undefined && !facts.includes(answer));
      assert.notEqual(answer, halfRight);
      assert.notEqual(answer, wrong);
    }
  });
});
