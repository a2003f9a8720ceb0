import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { readExchanges, withoutImageMark } from "../../lib/concept/exchanges.ts";
import { failureOf, valueOf } from "./expect_failure.ts";

const pair = { question: "Who?", answer: "<m>." };
const shapes: readonly unknown[] = [
  { query: "Who?", answer: "<m>." },
  { question: "Who?", answer: "<m>." },
  { Human: "Who?", AI: "<m>." },
  { Human: "<image>\nWho?", AI: " <m>. " },
  { conversations: [{ from: "human", value: "Who?<image>" }, { from: "gpt", value: "<m>." }] },
];

describe("readExchanges()", () => {
  it("reads every shape in a list, in a record of items and in a record of lists", () => {
    for (const shape of shapes) {
      assert.deepEqual(valueOf(readExchanges([shape], "a.json")), [{
        key: null,
        field: "",
        exchanges: [pair],
      }]);
      const keyed = [{ key: "0.jpg", field: '["0.jpg"]', exchanges: [pair] }];
      assert.deepEqual(valueOf(readExchanges({ "0.jpg": shape }, "a.json")), keyed);
      assert.deepEqual(valueOf(readExchanges({ "0.jpg": [shape] }, "a.json")), keyed);
    }
  });

  it("reads conversations of several turns", () => {
    const turn = (from: string, value: string) => ({ from, value });
    const conversations = [turn("human", "a"), turn("gpt", "b"), turn("human", "c"), turn("gpt", "d")];
    assert.deepEqual(valueOf(readExchanges([{ conversations }], "a.json"))[0]?.exchanges, [
      { question: "a", answer: "b" },
      { question: "c", answer: "d" },
    ]);
  });

  it("names the field that is no exchange", () => {
    const line = failureOf(
      readExchanges({ "0.jpg": [{ query: "a", answer: "b" }, { query: "c" }] }, "vqa.json"),
    );
    assert.match(line, /^vqa\.json: \["0\.jpg"\]\[1\]: is no question with an answer; /);
    assert.match(failureOf(readExchanges("text", "vqa.json")), /^vqa\.json: expected a list or a record/);
    const odd = { conversations: [{ from: "human", value: "a" }] };
    assert.match(
      failureOf(readExchanges([odd], "vqa.json")),
      /^vqa\.json: \[0\]\.conversations: expected a list/,
    );
    const twice = { conversations: [{ from: "human", value: "a" }, { from: "human", value: "b" }] };
    assert.match(failureOf(readExchanges([twice], "vqa.json")), /turns 0 and 1 are not from human and gpt/);
  });
});

describe("withoutImageMark()", () => {
  it("removes the mark and the line break beside it", () => {
    assert.deepEqual(
      ["<image>\nWho?", "Who?\n<image>", "Who is <image> there?", "Who?"].map(withoutImageMark),
      [
        "Who?",
        "Who?",
        "Who is there?",
        "Who?",
      ],
    );
  });
});
