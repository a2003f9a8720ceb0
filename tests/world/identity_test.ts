import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { identityClauses } from "../../lib/world/identity.ts";
import { nounPhrase } from "../../lib/world/lexicon.ts";
import { allCharacters, DEFAULT_SCENE, isPerson } from "../../lib/world/scene.ts";
import { attributesOf, clauseHolds } from "../../lib/world/scene_truth.ts";
import { characters } from "./arbitrary.ts";

const truth = (character: ReturnType<typeof allCharacters>[number]) =>
  attributesOf({ ...DEFAULT_SCENE, character });

describe("identityClauses()", () => {
  it("asks for every attribute alone, all of them true of the character", () => {
    for (const character of allCharacters()) {
      const clauses = identityClauses(`<mip> is ${nounPhrase(character)} .`);
      assert.equal(clauses.length, isPerson(character) ? 4 : 3);
      assert.ok(
        clauses.every((clause) => clauseHolds(clause, truth(character)) === true),
        clauses.join(", "),
      );
    }
  });

  it("loses one clause for each attribute in which another character of the kind differs", () => {
    fc.assert(fc.property(characters, characters, (character, other) => {
      fc.pre(character.kind === other.kind);
      const wrong = identityClauses(nounPhrase(character)).filter((clause) =>
        !clauseHolds(clause, truth(other))
      );
      const [mine, theirs] = [character, other].map((each) => Object.values(each));
      assert.equal(wrong.length, mine?.filter((value, index) => value !== theirs?.[index]).length);
    }));
  });

  it("is silent about what is not described attribute by attribute", () => {
    for (const info of ["<bo> is a white dog.", "<bo> is my mug.", "<bo> is a man with grey hair."]) {
      assert.deepEqual(identityClauses(info), []);
    }
  });
});
