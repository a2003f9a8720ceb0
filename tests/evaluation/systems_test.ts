import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { decodeConfig } from "../../lib/config/load.ts";
import { keyFromSeed } from "../../lib/core/key.ts";
import type { HasEvaluation } from "../../lib/evaluation/session.ts";
import { EVALUATION, type EvaluationSettings } from "../../lib/evaluation/settings.ts";
import { endpointConfig, endpointSystem } from "../../lib/evaluation/systems.ts";
import { liveBlobs } from "../../lib/run/blobs.ts";
import { completion, fakeWorld } from "../metrics/judge/fakes.ts";
import { problem, right } from "../run/outcome.ts";
import { succeed, world, worldConcept } from "./world_fixture.ts";

const mip = await worldConcept("mip");
const settingsOf = (endpoint: object) =>
  (right(decodeConfig(EVALUATION, { endpoint })) as EvaluationSettings).endpoint;
const address = { baseUrl: "http://server/v1", model: "m" };

describe("endpointConfig()", () => {
  it("takes the key from the environment and needs a model", () => {
    const variable = (name: string) => name === "KEY" ? "k" : undefined;
    const config = right(
      endpointConfig(address, settingsOf({ key_variable: "KEY", timeout_seconds: 3 }), variable),
    );
    assert.deepEqual([config.apiKey, config.timeoutMs, config.model], ["k", 3000, "m"]);
    assert.match(
      problem(endpointConfig({ ...address, model: "" }, settingsOf({}), variable)),
      /no model is named/,
    );
  });
});

describe("endpointSystem()", () => {
  const ask = async (endpoint: object) => {
    const { capabilities, requests } = fakeWorld(() => completion("x"));
    const settings = settingsOf(endpoint);
    const config = right(endpointConfig(address, settings, () => undefined));
    const needs: HasEvaluation = { ...world().capabilities, blobs: liveBlobs, network: capabilities.network };
    const { assistant } = await succeed(endpointSystem(config, settings)(mip), needs);
    await succeed(assistant.answer([{ question: "where is <mip> ?", image: null, key: keyFromSeed(1) }]), {});
    return JSON.parse(requests[0]?.body ?? "{}").messages[0].content;
  };

  it("introduces the concept in words, or with its first photos", async () => {
    assert.match(await ask({}), /^name: mip\ninfo: /);
    const content = await ask({ prompt: "images", references: 2 });
    assert.deepEqual(content.map(({ type }: { type: string }) => type), ["image_url", "image_url", "text"]);
  });
});
