import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { IGNORE } from "../../lib/showo/prompt.ts";
import {
  dialogueTokens,
  drawingPrompt,
  drawingTokens,
  encodeVerbatim,
  understandingSequence,
} from "../../lib/cold_start/wording.ts";
import { useTestBackend } from "../support/backend.ts";
import { tinyRuntime } from "./tiny.ts";

await useTestBackend();
const runtime = tinyRuntime();
const { vocabulary } = runtime.config;
const shown = (ids: readonly number[]): string => runtime.decodeText(ids);
const block = { prompts: "name_block", stage: "stage2", perceptionTokens: 1 } as const;
const released = { ...block, prompts: "released" } as const;
const dialogue = { image: null, exchanges: [{ question: "is this <mip> ?", answer: "yes , <mip> ." }] };

describe("encodeVerbatim()", () => {
  it("keeps mentions single", () => {
    const ids = encodeVerbatim("<mip> and <mip> .", runtime);
    assert.equal(ids.filter((id) => id === vocabulary.firstConceptRow).length, 2);
    assert.equal(shown(ids), "<mip> and <mip> .");
  });
  it("equals the tokenizer on text without mentions", () =>
    assert.deepEqual(encodeVerbatim("<token_0> waves .", runtime), runtime.encodeText("<token_0> waves .")));
});

describe("dialogueTokens()", () => {
  it("names the concept by its name block in the question, as at inference", () => {
    const { ids, labels } = dialogueTokens(dialogue, runtime, block);
    assert.equal(
      shown(ids),
      "USER: is this <token_0><token_1><token_2><token_3><mip> ? ASSISTANT: yes , <mip> .<|endoftext|>",
    );
    const asked = runtime.encodeText("USER: is this <mip> ? ASSISTANT:");
    assert.deepEqual(ids.slice(0, asked.length), asked);
    assert.deepEqual(labels.slice(0, asked.length), asked.map(() => IGNORE));
    assert.deepEqual(labels.slice(asked.length), ids.slice(asked.length));
  });
  it("labels the answers of every round", () => {
    const twice = {
      image: null,
      exchanges: [...dialogue.exchanges, { question: "what does it do ?", answer: "waving ." }],
    };
    const { ids, labels } = dialogueTokens(twice, runtime, block);
    assert.equal(
      shown(ids.filter((_, index) => (labels[index] as number) >= 0)),
      " yes , <mip> .<|endoftext|> waving .<|endoftext|>",
    );
  });
  it("can say the released system sentence: semantic tokens, in stage 3 perception tokens", () => {
    const text = (stage: "stage1" | "stage2" | "stage3") =>
      shown(dialogueTokens(dialogue, runtime, { ...released, stage }).ids);
    const rest = "\nis this <mip> ? ASSISTANT: yes , <mip> .<|endoftext|>";
    assert.equal(text("stage1"), `USER: <mip> is <token_0><token_1>.${rest}`);
    assert.equal(text("stage2"), text("stage1"));
    assert.equal(text("stage3"), `USER: <mip> is <token_0><token_1><token_3>.${rest}`);
  });
});

describe("understandingSequence()", () => {
  it("puts mmu soi image eoi S in front and pads on the right; released without S", () => {
    const text = dialogueTokens(dialogue, runtime, block);
    const codes = Int32Array.from({ length: 16 }, (_, index) => index);
    const options = { speaker: runtime, length: text.ids.length + 3 };
    const own = understandingSequence(text, codes, { ...options, prompts: "name_block" });
    const { special, endOfText, firstImageId } = vocabulary;
    assert.deepEqual(own.ids.slice(0, 20), [
      special["<|mmu|>"],
      special["<|soi|>"],
      ...codes.map((code) => firstImageId + code),
      special["<|eoi|>"],
      endOfText,
    ]);
    assert.deepEqual(own.ids.slice(-3), Array(3).fill(special["[PAD]"]));
    assert.deepEqual(own.labels.slice(-3), Array(3).fill(IGNORE));
    assert.deepEqual(own.ids.slice(20, -3), text.ids);
    const published = understandingSequence(text, codes, { ...options, prompts: "released" });
    assert.deepEqual(published.ids, own.ids.filter((_, index) => index !== 19));
    assert.equal(published.labels.length, published.ids.length);
  });
});

describe("drawingTokens()", () => {
  it("names the concept by its name block", () =>
    assert.equal(
      shown(drawingTokens({ prompt: "a photo of <mip> ." }, runtime, block)),
      "a photo of <token_0><token_1><token_2><token_3><mip> .",
    ));
  it("can write the released prompt: no perception tokens, a space before the concept", () =>
    assert.equal(
      shown(drawingTokens({ prompt: "a photo of <mip> ." }, runtime, released)),
      "a photo of <token_0><token_1><token_2> <mip> .",
    ));
});

describe("drawingPrompt()", () => {
  it("is the prompt part of a picture, or that of no text", () => {
    const ids = drawingTokens({ prompt: "a photo of <mip> ." }, runtime, block);
    const prompt = drawingPrompt(ids, runtime, false);
    assert.equal(prompt.length, runtime.config.textBlock);
    assert.deepEqual(prompt.slice(-1 - ids.length, -1), ids);
    assert.deepEqual(drawingPrompt(ids, runtime, true).slice(-3), [
      vocabulary.special["<|t2i|>"],
      vocabulary.endOfText,
      vocabulary.endOfText,
    ]);
  });
});
