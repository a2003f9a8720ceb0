import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { loadEvalItems, loadTrainingSamples } from "../../lib/concept/sample_files.ts";
import { memoryFiles } from "../support/files.ts";
import { failureOf, valueOf } from "./expect_failure.ts";

const turns = [{ from: "human", value: "<image>\nWho?" }, { from: "gpt", value: "<m>." }];
const world = (value: unknown) => ({
  files: memoryFiles({ "d/f.json": JSON.stringify(value), "d/concept/0.png": "x" }),
});
const item = (type: string) => ({ image: "/nas/concept/0.png", type, conversations: turns });

describe("loadTrainingSamples()", () => {
  const load = async (value: unknown) => await loadTrainingSamples("d/f.json", { root: "d" })(world(value))();

  it("re-roots images and keeps samples without one", async () => {
    const exchanges = [{ question: "Who?", answer: "<m>." }];
    assert.deepEqual(
      valueOf(await load([{ image: "/nas/concept/0.png", conversations: turns }, { conversations: turns }])),
      [
        { image: "d/concept/0.png", exchanges },
        { image: null, exchanges },
      ],
    );
    assert.deepEqual(valueOf(await loadTrainingSamples("d/none.json", { root: "d" })(world([]))()), []);
  });

  it("names the field that is wrong", async () => {
    assert.match(
      failureOf(await load([{ image: "x.png", conversations: turns }])),
      /^d\/f\.json: \[0\]\.image: no image file/,
    );
    assert.match(failureOf(await load([{}])), /^d\/f\.json: missing field `\[0\]\.conversations`; /);
    const turn = [{ conversations: [{ from: "dog", value: "wow" }] }];
    assert.match(
      failureOf(await load(turn)),
      /`\[0\]\.conversations\[0\]\.from`: expected .*human.* got the string "dog"/,
    );
  });
});

describe("loadEvalItems()", () => {
  const load = async (value: unknown) => await loadEvalItems("d/f.json", { root: "d" })(world(value))();

  it("knows the four kinds; any name with choice is a choice", async () => {
    const items = valueOf(await load(["rec", "vqa", "text_only", "choice", "vqa_choice"].map(item)));
    assert.deepEqual(items.map(({ kind }) => kind), ["rec", "vqa", "text_only", "choice", "choice"]);
    assert.deepEqual(items[0], { kind: "rec", image: "d/concept/0.png", question: "Who?", answer: "<m>." });
  });

  it("refuses other kinds and missing images", async () => {
    assert.match(
      failureOf(await load([item("rec"), item("riddle")])),
      /^d\/f\.json: \[1\]\.type: unknown type "riddle"; /,
    );
    assert.match(
      failureOf(await load([{ type: "rec", conversations: turns }])),
      /missing field `\[0\]\.image`/,
    );
  });
});
