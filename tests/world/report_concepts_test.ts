import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { bundledMembers } from "../../lib/world/bundled.ts";
import { categoryOf } from "../../lib/world/concept_folder.ts";
import { CONCEPT_NAMES } from "../../lib/world/names.ts";
import { reportMembers, reportRoot, triedCharacters } from "../../lib/world/report_concepts.ts";
import { characterId, characterSplit } from "../../lib/world/scene.ts";

const members = reportMembers();

describe("reportMembers()", () => {
  it("are twelve people, animals and objects that pretraining never saw", () => {
    const count = (category: string) =>
      members.filter(({ character }) => categoryOf(character.kind) === category).length;
    assert.deepEqual(["human", "animal", "object"].map(count), [4, 6, 2]);
    assert.ok(members.every(({ character }) => characterSplit(character) === "heldout"));
    assert.equal(new Set(members.map(({ character }) => characterId(character))).size, 12);
  });

  it("share neither name nor character with concepts that settings are tuned on", () => {
    const bundled = [...bundledMembers("heldout"), ...bundledMembers("dev")].map(({ name }) => name);
    const tuned = new Set([...bundled, "pilu", "duvi", "jabo"]);
    for (const { name, character } of members) {
      assert.ok(!tuned.has(name), name);
      assert.ok((CONCEPT_NAMES as readonly string[]).includes(name), name);
      assert.ok(!triedCharacters().has(characterId(character)), name);
    }
  });
});

describe("reportRoot()", () => {
  it("holds them all, each with five training and five test facts", () => {
    const root = reportRoot();
    assert.deepEqual(JSON.parse(String(root.get("concepts_list.json"))), members.map(({ name }) => name));
    for (const { name } of members) {
      const info = JSON.parse(String(root.get(`concept/train/${name}/info.json`)));
      assert.deepEqual([info.extra_info.length, info.num_testing_info], [10, 5]);
    }
  });
});
