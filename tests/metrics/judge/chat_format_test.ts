import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import * as E from "fp-ts/lib/Either.js";
import { chatBody, readCompletion, readRefusal } from "../../../lib/metrics/judge/chat_format.ts";

const prompt = { system: "rules", user: "case" };

describe("chatBody()", () => {
  it("sends rules and case at temperature 0", () =>
    assert.deepEqual(JSON.parse(chatBody(prompt, { model: "m", maxTokens: 64, image: null })), {
      model: "m",
      temperature: 0,
      max_tokens: 64,
      messages: [{ role: "system", content: "rules" }, { role: "user", content: "case" }],
    }));
  it("sends the picture's own bytes as a data URL", () => {
    const image = { bytes: Uint8Array.of(0, 255, 7), mediaType: "image/jpeg" } as const;
    const body = JSON.parse(chatBody(prompt, { model: "m", maxTokens: 64, image }));
    assert.deepEqual(body.messages[1].content, [
      { type: "text", text: "case" },
      { type: "image_url", image_url: { url: "data:image/jpeg;base64,AP8H" } },
    ]);
  });
});

describe("readCompletion()", () => {
  it("reads text and tokens, with or without counts", () => {
    const choices = [{ index: 0, message: { role: "assistant", content: "1" } }];
    const counted = readCompletion(
      JSON.stringify({ choices, usage: { prompt_tokens: 5, completion_tokens: 1 } }),
    );
    assert.deepEqual(counted, E.right({ content: "1", promptTokens: 5, completionTokens: 1 }));
    const uncounted = readCompletion(JSON.stringify({ choices, usage: null }));
    assert.deepEqual(uncounted, E.right({ content: "1", promptTokens: 0, completionTokens: 0 }));
    assert.ok(E.isRight(readCompletion(JSON.stringify({ choices }))));
  });
  it("names what is wrong", () => {
    assert.deepEqual(readCompletion("<html>"), E.left("is no chat completion"));
    assert.deepEqual(readCompletion('{"choices": []}'), E.left("has no text"));
    assert.deepEqual(readCompletion('{"choices": [{"message": {"content": null}}]}'), E.left("has no text"));
  });
});

describe("readRefusal()", () => {
  it("takes the server's message, or the start of the body", () => {
    assert.equal(readRefusal('{"error": {"message": "no such\\nmodel"}}'), "no such model");
    assert.equal(readRefusal('{"error": "busy"}'), "busy");
    assert.equal(readRefusal("x".repeat(500)).length, 200);
  });
});
