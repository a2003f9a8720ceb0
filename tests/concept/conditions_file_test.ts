import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { readConditions } from "../../lib/concept/conditions_file.ts";
import { failureOf, valueOf } from "./expect_failure.ts";

const context = {
  id: "m",
  token: "<m>",
  className: "dog",
  facts: ["<m> wears a pink bib.", "<m> digs in the sand."],
  splits: ["train", "test"] as const,
  where: "t2i.json",
};
const good = {
  personalized_driven_generation: ["A photo of <m> going out.", "A photo of <m> at the beach."],
  explicit_personalized_driven_generation: ["A photo of <m> in a pink bib.", null],
  dense_prompt_generation: ["A photo of <m> on a bench. Trees stand behind."],
  personalized_dense_prompt_generation: ["A photo of <m> at the beach, at noon."],
  personalized_dense_facts: [[1]],
};
const problem = (extra: Record<string, unknown>): string =>
  failureOf(readConditions({ ...good, ...extra }, context));

describe("readConditions()", () => {
  it("links prompts to facts and leaves a missing explicit text out", () => {
    const { facts, dense, denseRea, base } = valueOf(readConditions({ ...good, later: 1 }, context));
    assert.deepEqual(facts, [
      {
        index: 0,
        text: "<m> wears a pink bib.",
        split: "train",
        reasoningPrompt: "A photo of <m> going out.",
        explicitPrompt: "A photo of <m> in a pink bib.",
      },
      {
        index: 1,
        text: "<m> digs in the sand.",
        split: "test",
        reasoningPrompt: "A photo of <m> at the beach.",
      },
    ]);
    assert.deepEqual(base, ["A photo of <m>."]);
    assert.deepEqual(dense[0], {
      id: "dense_0",
      text: "A photo of <m> on a bench. Trees stand behind.",
      segments: ["A photo of the dog on a bench", "Trees stand behind"],
    });
    assert.deepEqual(denseRea[0]?.segments, ["A photo of the dog at the beach", "at noon"]);
    assert.deepEqual([denseRea[0]?.factIndices, denseRea[0]?.explicitText], [[1], undefined]);
  });

  it("reads further wordings and new combinations, and wants the token in all of them", () => {
    const wordings = [["A picture of <m> going out."], []];
    const told = {
      fact: "<m> wears a blue bib.",
      prompts: ["A picture of <m>.", "Picture of <m>."],
      explicit: "<m> in blue.",
      detail: "blue",
    };
    const { facts, newCombinations } = valueOf(
      readConditions(
        { ...good, personalized_driven_wordings: wordings, new_combinations: [told] },
        context,
      ),
    );
    assert.deepEqual(facts.map(({ otherWordings }) => otherWordings), [
      ["A picture of <m> going out."],
      undefined,
    ]);
    assert.deepEqual(newCombinations, [{
      index: 0,
      text: "<m> wears a blue bib.",
      split: "test",
      detail: "blue",
      explicitPrompt: "<m> in blue.",
      reasoningPrompt: "A picture of <m>.",
      otherWordings: ["Picture of <m>."],
    }]);
    assert.match(
      problem({ personalized_driven_wordings: [["no name"], []] }),
      /personalized_driven_wordings\[0\].*<m>/,
    );
    assert.match(problem({ new_combinations: [{ ...told, prompts: ["x"] }] }), /new_combinations\[0\].*<m>/);
    assert.match(problem({ personalized_driven_wordings: [[]] }), /1 items, `extra_info` has 2/);
  });

  it("takes clauses from the file, else from the explicit text", () => {
    const explicit = { explicit_personalized_dense_prompt_generation: ["<m> digging, at noon."] };
    const split = valueOf(readConditions({ ...good, ...explicit }, context)).denseRea[0];
    assert.deepEqual(split?.segments, ["the dog digging", "at noon"]);
    const stored = { ...explicit, explicit_personalized_dense_segments: [["one", "two"]] };
    assert.deepEqual(valueOf(readConditions({ ...good, ...stored }, context)).denseRea[0]?.segments, [
      "one",
      "two",
    ]);
  });

  it("keeps unknown keys", () => {
    assert.deepEqual(valueOf(readConditions({ ...good, later: 1 }, context)).unknownKeys, { later: 1 });
  });

  it("refuses lists of different length, with both lengths", () => {
    const short = { personalized_driven_generation: ["<m>"] };
    assert.match(
      problem(short),
      /^t2i\.json: concept m: `personalized_driven_generation` has 1 items, `extra_info` has 2; /,
    );
    for (
      const [extra, key] of [
        [{ explicit_personalized_driven_generation: [] }, "explicit_personalized_driven_generation"],
        [{ details: ["a"] }, "details"],
        [{ dense_segments: [] }, "dense_segments"],
        [{ personalized_dense_facts: [] }, "personalized_dense_facts"],
        [{ explicit_personalized_dense_segments: [[], []] }, "explicit_personalized_dense_segments"],
      ] as const
    ) assert.match(problem(extra), new RegExp(`concept m: \`${key}\` has \\d items`));
  });

  it("refuses a prompt without the token, a fact number out of range and wrong types", () => {
    assert.match(
      problem({ dense_prompt_generation: ["A photo of a dog."] }),
      /`dense_prompt_generation\[0\]` does not contain <m>/,
    );
    assert.match(
      problem({ personalized_dense_facts: [[2]] }),
      /`personalized_dense_facts\[0\]` names a fact outside 0…1/,
    );
    assert.match(
      problem({ dense_prompt_generation: [3] }),
      /`dense_prompt_generation\[0\]`: expected string, got the number 3/,
    );
    const { personalized_driven_generation: _, ...without } = good;
    assert.match(
      failureOf(readConditions(without, context)),
      /missing field `personalized_driven_generation`/,
    );
  });
});
