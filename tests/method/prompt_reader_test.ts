import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openPromptReader, unreadWords, warnUnread } from "../../lib/method/prompt_reader.ts";
import { liveFiles } from "../../lib/run/live.ts";
import { valueOf } from "../concept/expect_failure.ts";

const naming = { token: "<mip>", semanticTokens: 4, generationTokens: 2, mentions: "first" as const };
const opened = await openPromptReader({ unified: "assets/nano/unified" }, naming)({ files: liveFiles() })();
const reader = valueOf(opened);

const LONG = "a photo of <mip> in the kitchen , holding a yellow umbrella , wearing a pink hat , " +
  "jumping on the left , the fridge is behind <mip> , the sun is low , in the evening on the street .";

describe("unreadWords()", () => {
  it("is empty for a prompt that fits", () =>
    assert.equal(unreadWords(reader, "a photo of <mip> in the kitchen ."), ""));

  it("is the tail of one that is too long", () => {
    const words = unreadWords(reader, LONG);
    assert.ok(words.length > 0 && LONG.endsWith(words), words);
  });

  it("never takes the concept's name", () => {
    const prompt = `${LONG.replaceAll("<mip>", "the dog")} <mip> .`;
    const words = unreadWords(reader, prompt);
    assert.ok(words.length > 0 && !words.includes("mip"), words);
  });
});

describe("warnUnread()", () => {
  it("names each prompt once, with the words that are not read", async () => {
    const lines: string[] = [];
    const log = { info: () => {}, progress: () => {}, warn: (line: string) => void lines.push(line) };
    const count = await warnUnread((text) => unreadWords(reader, text), [LONG, "a photo of <mip> .", LONG])({
      log,
    })();
    assert.equal(valueOf(count), 1);
    assert.equal(lines.length, 1);
    assert.ok(lines[0]?.includes(LONG) && lines[0]?.endsWith(`"${unreadWords(reader, LONG)}"`), lines[0]);
  });
});
