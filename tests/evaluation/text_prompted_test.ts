import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { keyFromSeed } from "../../lib/core/key.ts";
import { textPrompt, textPrompted } from "../../lib/evaluation/text_prompted.ts";
import { oracle, succeed, worldConcept } from "./world_fixture.ts";

const mip = await worldConcept("mip");
const key = keyFromSeed(1);

describe("textPrompt()", () => {
  it("leaves the token where the model is to use it as a name", () => {
    assert.equal(
      textPrompt("what is <mip> ?", mip, { token: "literal", template: "{name}: {info}\n" }),
      `mip: ${mip.info}\nwhat is <mip> ?`,
    );
  });
});

describe("textPrompted()", () => {
  it("introduces the concept in front of every question and prompt, and keeps keys and photos", async () => {
    const model = oracle(({ question }) => question);
    const assistant = textPrompted(model.assistant, mip);
    const [answer] = await succeed(
      assistant.answer([{ question: "where is <mip> ?", image: null, key }]),
      {},
    );
    assert.ok(answer?.startsWith("name: mip\ninfo: The man is a man with blond hair"));
    assert.ok(answer?.endsWith("\nwhere is the man ?"));
    await succeed(assistant.draw([{ prompt: "a photo of <mip> at night .", key }]), {});
    assert.ok(model.drawn[0]?.prompt.endsWith("a photo of the man at night ."));
    assert.equal(model.drawn[0]?.key, key);
    assert.ok(!`${answer}${model.drawn[0]?.prompt}`.includes("<mip>"));
  });
});
