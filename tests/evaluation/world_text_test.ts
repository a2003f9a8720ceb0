import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { gradeText } from "../../lib/evaluation/world_text.ts";
import { worldConcept } from "./world_fixture.ts";

const mip = await worldConcept("mip");
const grade = (reference: string, prediction: string) => gradeText({ question: "", reference, prediction });

describe("gradeText(), answers", () => {
  it("gives the full score to every right answer of the test data", () => {
    for (const { question, answer: reference, kind } of mip.evalItems) {
      if (kind === "rec") continue;
      assert.equal(gradeText({ question, reference, prediction: reference }), 1, `${question} ${reference}`);
    }
    for (const { text } of mip.facts) assert.equal(grade(text, text), 1);
  });

  it("takes a colour alone for the colour of what was asked about", () => {
    assert.equal(grade("red .", "the ball is red ."), 0.5 * 2);
    assert.equal(grade("a blue ball .", "blue"), 0.5);
  });

  it("does not let an answer name two values", () => {
    assert.equal(grade("in the park .", "in the park or at the beach"), 0.5);
    assert.equal(grade("in the park .", "at the beach"), 0);
    assert.equal(grade("in the park .", ""), 0);
  });

  it("compares the first yes or no", () => {
    assert.deepEqual([grade("no .", "No."), grade("no .", "yes"), grade("yes .", "")], [1, 0, 0]);
  });

  it("gives no score where the grammar knows nothing of the reference", () => {
    assert.deepEqual([grade("a rock wall", "A rock wall."), grade("a rock wall", "the sea")], [1, null]);
  });
});

describe("gradeText(), rewritten prompts", () => {
  const rewrite = (question: string, reference: string, prediction: string) =>
    gradeText({ question, reference, prediction, rubric: "rewrite" });

  it("asks for the details that the prompt lacks", () => {
    for (const { text, explicitText, factIndices } of mip.denseRea) {
      const facts = mip.facts.map((fact) => `${text} ${fact.text}`);
      facts.forEach((prediction, index) => {
        const score = rewrite(text, explicitText as string, prediction);
        assert.equal(score === 1, factIndices.includes(index), prediction);
        assert.ok(score !== null);
      });
      assert.equal(rewrite(text, explicitText as string, text), 0);
    }
  });

  it("takes half away for a contradiction", () => {
    const reference = "a photo of <mip> at night holding a blue ball .";
    assert.equal(
      rewrite("a photo of <mip> at night .", reference, "a photo of <mip> by day holding a blue ball ."),
      0.5,
    );
  });
});
