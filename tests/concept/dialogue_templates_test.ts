import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import {
  knowledgeExchanges,
  photoExchanges,
  recognitionExchanges,
  withArticle,
} from "../../lib/concept/dialogue_templates.ts";

const dog = { token: "<m>", className: "dog", category: "animal", info: "<m> is white." } as const;

describe("recognitionExchanges()", () => {
  it("asks for one word in the way the test does, and answers as the benchmark counts", () => {
    for (const [truth, answer] of [[true, "Yes."], [false, "No."]] as const) {
      for (let index = 0; index < 5; index++) {
        const [sentence, word] = recognitionExchanges("<m>", truth, index);
        assert.equal(word?.answer, answer);
        assert.match(word?.question ?? "", /^Can you see <m> in this photo\? .+ Yes or No\.$/);
        assert.ok(sentence?.answer.startsWith(truth ? "Yes" : "No"));
        assert.ok(!/@/.test(JSON.stringify([sentence, word])));
      }
    }
  });
});

describe("photoExchanges() and knowledgeExchanges()", () => {
  it("speak of the concept by its token", () => {
    assert.deepEqual(photoExchanges(dog)[0], {
      question: "Which dog is in this photo?",
      answer: "This is <m>.",
    });
    assert.equal(photoExchanges({ ...dog, category: "human" })[0]?.question, "Who is in this photo?");
    const answers = knowledgeExchanges(dog, ["<m> naps."]).map(({ answer }) => answer);
    assert.deepEqual(answers, ["<m> is a dog.", "<m> is white.", "<m> naps."]);
  });
});

describe("withArticle()", () => {
  it("goes by the first letter", () => {
    assert.deepEqual(["owl", "dog", "Easel"].map(withArticle), ["an owl", "a dog", "an Easel"]);
  });
});
