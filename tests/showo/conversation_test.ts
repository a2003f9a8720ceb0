import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { conversationText, conversationTokens, questionText } from "../../lib/showo/conversation.ts";
import { makeVocabulary } from "../../lib/showo/vocabulary.ts";

const vocabulary = makeVocabulary({ textSize: 600, endOfText: 599, codebookSize: 8 });
const words = new Map<string, number>();

/** Splits like a byte-level tokenizer: a space belongs to the word after it, a lone one is a token. */
const encode = (text: string): number[] =>
  (text.match(/<\|endoftext\|>| ?[A-Za-z]+| ?[^A-Za-z\s<]+| ?<(?!\|endof)|\s/g) ?? []).map((piece) => {
    if (piece === "<|endoftext|>") return 599;
    if (!words.has(piece)) words.set(piece, words.size);
    return words.get(piece) as number;
  });

const spoken = (labels: readonly number[]): string => {
  const names = new Map([...words].map(([piece, id]) => [id, piece]));
  return labels.filter((id) => id >= 0).map((id) => names.get(id) ?? "<S>").join("");
};

describe("conversationText()", () => {
  it("drops the placeholder and keeps the newline after a system text", () => {
    const rounds = [{ human: "<image>\nWho?", assistant: "Bo." }, { human: "Where?", assistant: "Here." }];
    assert.equal(
      conversationText(rounds),
      "USER: Who? ASSISTANT: Bo.<|endoftext|>USER: Where? ASSISTANT: Here.<|endoftext|>",
    );
    assert.equal(
      conversationText(rounds.slice(0, 1), { system: "<bo> is <token_0>." }),
      "USER: <bo> is <token_0>.\nWho? ASSISTANT: Bo.<|endoftext|>",
    );
  });
});

describe("questionText()", () => {
  it("stops right after the colon", () => {
    assert.equal(questionText("<image>\nWho?"), "USER: Who? ASSISTANT:");
  });
});

describe("conversationTokens()", () => {
  it("labels the answers and the token that closes each", () => {
    const text = conversationText([
      { human: "Who is it?", assistant: "It is Bo." },
      { human: "Where?", assistant: "On a hill." },
    ]);
    const { ids, labels } = conversationTokens(vocabulary, text, encode);
    assert.deepEqual(ids, encode(text));
    assert.equal(spoken(labels), " It is Bo.<S> On a hill.<S>");
  });

  it("labels nothing where a round can't be told apart", () => {
    const broken = "USER: Who? ASSISTANT: Bo. ASSISTANT: Again.<|endoftext|>";
    assert.equal(spoken(conversationTokens(vocabulary, broken, encode).labels), "");
    const unclosed = "USER: Who? ASSISTANT: Bo.";
    assert.equal(spoken(conversationTokens(vocabulary, unclosed, encode).labels), "");
  });

  it("labels nothing in a round without an answer", () => {
    const { labels } = conversationTokens(vocabulary, "USER: Who?<|endoftext|>", encode);
    assert.ok(labels.every((label) => label === -100));
  });
});
