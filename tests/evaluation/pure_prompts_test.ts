import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { HasFiles } from "../../lib/core/capability.ts";
import { readPurePrompts } from "../../lib/evaluation/pure_prompts.ts";
import { memoryFiles } from "../support/files.ts";
import { failure, succeed } from "./world_fixture.ts";

const cat = { root: "data", generationType: "live_subject" } as const;
const file = (content: object): HasFiles => ({
  files: memoryFiles({
    "data/prompts_to_eval.json": JSON.stringify(content),
    "mine.json": JSON.stringify(content),
  }),
});
const lists = { object: ["a <sks> on a rug"], live_subject: ["a <sks> in a hat"] };

describe("readPurePrompts()", () => {
  it("takes the list of the concept's type from the data set, or from a named file", async () => {
    assert.deepEqual(await succeed(readPurePrompts(cat, ""), file(lists)), ["a <sks> in a hat"]);
    assert.deepEqual(
      await succeed(readPurePrompts({ ...cat, generationType: "object" }, "mine.json"), file(lists)),
      [
        "a <sks> on a rug",
      ],
    );
  });

  it("leaves it to DreamBench where the data set has no list", async () => {
    assert.equal(await succeed(readPurePrompts(cat, ""), { files: memoryFiles() }), undefined);
  });

  it("refuses a named file that is missing, and a prompt without the mark", async () => {
    assert.match(
      await failure(readPurePrompts(cat, "no.json"), { files: memoryFiles() }),
      /^no\.json: file not found/,
    );
    const wrong = file({ ...lists, live_subject: ["a <sks>", "a dog"] });
    assert.match(
      await failure(readPurePrompts(cat, ""), wrong),
      /`live_subject\[1\]` does not contain <sks>|live_subject\[1\].*<sks>/,
    );
  });
});
