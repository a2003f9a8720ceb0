import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { choiceAccuracy, choseRight } from "../../lib/metrics/choice.ts";

const options = { A: "a park", B: "a beach" };
const right = (answer: string, rule?: "letter" | "text" | "either"): boolean =>
  choseRight({ options, correct: "B", answer }, rule);

describe("choseRight()", () => {
  const cases: readonly (readonly [string, boolean])[] = [
    ["B", true],
    ["b.", true],
    ["(B) a beach", true],
    ["B: a beach", true],
    ["The answer is B.", true],
    ["Answer: (B)", true],
    ["It is at a beach.", true],
    ["A", false],
    ["A. a beach", false],
    ["a park", false],
    ["A beach", true],
    ["a park, not a beach", false],
    ["", false],
    ["C", false],
  ];
  for (const [answer, expected] of cases) {
    it(`reads "${answer}" as ${expected ? "right" : "wrong"}`, () => assert.equal(right(answer), expected));
  }
  it("looks at the letter or the text alone if told so", () => {
    assert.equal(right("It is at a beach.", "letter"), false);
    assert.equal(right("B", "text"), false);
    assert.equal(right("A. a beach", "text"), true);
  });
  it("takes option texts literally", () =>
    assert.ok(choseRight({ options: { A: "$50 (new)", B: "50" }, correct: "B", answer: "50." })));
});

describe("choiceAccuracy()", () => {
  it("is the fraction of right answers", () => {
    const items = ["A", "B", "B", "?"].map((answer) => ({ options, correct: "B", answer }));
    assert.equal(choiceAccuracy(items), 0.5);
    assert.equal(choiceAccuracy([]), null);
  });
});
