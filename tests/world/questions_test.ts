import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { vocabularyWords } from "../../lib/world/lexicon.ts";
import {
  isAnswerable,
  openQuestion,
  questionsOf,
  recognitionQuestion,
  shortAnswer,
  TOPICS,
  yesNoQuestion,
} from "../../lib/world/questions.ts";
import { characterId, type Scene } from "../../lib/world/scene.ts";
import { attributesOf, clauseHolds } from "../../lib/world/scene_truth.ts";
import { characters, keys, scenes } from "./arbitrary.ts";

const topics = fc.constantFrom(...TOPICS);
const vocabulary = new Set(vocabularyWords());

const DOG: Scene = {
  character: { kind: "dog", colour: "blue", pattern: "spotted" },
  accessory: { item: "umbrella", colour: "red" },
  place: "forest",
  time: "sunset",
  activity: "jumping",
  position: "right",
};

describe("openQuestion()", () => {
  it("asks and answers as expected", () => {
    const ask = (topic: typeof TOPICS[number], scene = DOG) => {
      const { question, answer } = openQuestion(scene, topic);
      return `${question} ${answer}`;
    };
    assert.deepEqual(TOPICS.filter((topic) => isAnswerable(DOG, topic)).map((topic) => ask(topic)), [
      "what kind of character is this ? a dog .",
      "what colour is the dog ? blue .",
      "what pattern does the dog have ? spotted .",
      "what does the dog wear or hold ? a red umbrella .",
      "what colour is the umbrella ? red .",
      "where is the dog ? in the forest .",
      "when is this ? at sunset .",
      "what is the dog doing ? jumping .",
      "on which side is the dog ? on the right .",
    ]);
    const man = { kind: "man", colour: "pink", hair: "grey", skin: "dark" } as const;
    assert.equal(ask("colour", { ...DOG, character: man }), "what colour is the shirt of the man ? pink .");
    assert.equal(ask("skin", { ...DOG, character: man }), "is the skin of the man light or dark ? dark .");
    assert.equal(ask("accessory", { ...DOG, accessory: null }), "what does the dog wear or hold ? nothing .");
  });

  it("gives different answers to scenes that differ in the topic", () => {
    fc.assert(fc.property(scenes, scenes, topics, (a, b, topic) => {
      fc.pre(isAnswerable(a, topic) && isAnswerable(b, topic) && topic !== "accessory");
      assert.equal(
        shortAnswer(a, topic) === shortAnswer(b, topic),
        attributesOf(a)[topic] === attributesOf(b)[topic],
      );
    }));
  });
});

describe("yesNoQuestion()", () => {
  it("tells the truth", () => {
    fc.assert(
      fc.property(scenes, topics, keys, (scene, topic, key) => {
        fc.pre(topic !== "accessory_colour" && isAnswerable(scene, topic));
        const { question, answer } = yesNoQuestion(scene, topic, { key });
        const claims = question.replace(`the ${scene.character.kind}`, "");
        assert.equal(answer === "yes .", clauseHolds(claims, attributesOf(scene)), `${question} ${answer}`);
      }),
      { numRuns: 400 },
    );
  });

  it("says yes and no about equally often", () => {
    const yes = Array.from({ length: 400 }, (_, seed) => yesNoQuestion(DOG, "place", { key: [1, seed] }))
      .filter(({ answer }) => answer === "yes .").length;
    assert.ok(Math.abs(yes - 200) < 50, `${yes}`);
  });
});

describe("recognitionQuestion()", () => {
  it("says yes to the character of the scene alone", () => {
    fc.assert(fc.property(scenes, characters, keys, (scene, asked, key) => {
      const named = recognitionQuestion(scene, { key, asked, subject: "<mip>" });
      assert.equal(named.answer === "yes .", characterId(asked) === characterId(scene.character));
      assert.ok(named.question.includes("<mip>"));
    }));
  });

  it("describes whom it asks for in words if there is no name", () => {
    fc.assert(
      fc.property(scenes, keys, (scene, key) => {
        const { question, answer } = recognitionQuestion(scene, { key });
        const fits = clauseHolds(question.replace("can you see", ""), attributesOf(scene));
        assert.equal(answer === "yes .", fits, question);
      }),
      { numRuns: 200 },
    );
  });
});

describe("questionsOf()", () => {
  it("asks every topic once, in the closed vocabulary", () => {
    fc.assert(fc.property(scenes, keys, (scene, key) => {
      const questions = questionsOf(scene, key);
      const open = questions.filter(({ yesNo }) => !yesNo).map(({ topic }) => topic);
      assert.deepEqual(open.sort(), TOPICS.filter((topic) => isAnswerable(scene, topic)).sort());
      for (const { question, answer } of questions) {
        for (const word of `${question} ${answer}`.split(" ")) assert.ok(vocabulary.has(word), `"${word}"`);
      }
    }));
  });
});
