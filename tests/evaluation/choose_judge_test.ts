import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { decodeConfig } from "../../lib/config/load.ts";
import {
  chatConfig,
  type HasJudging,
  type JudgeContext,
  openJudge,
} from "../../lib/evaluation/choose_judge.ts";
import { EVALUATION, type EvaluationSettings } from "../../lib/evaluation/settings.ts";
import { completion, fakeWorld } from "../metrics/judge/fakes.ts";
import { right } from "../run/outcome.ts";
import { memoryFiles } from "../support/files.ts";
import { failure, succeed } from "./world_fixture.ts";

const settingsOf = (judge: object): EvaluationSettings["judge"] =>
  (right(decodeConfig(EVALUATION, { judge })) as EvaluationSettings).judge;
const context: JudgeContext = {
  concept: { id: "bo", root: "data" },
  reader: null,
  variable: () => undefined,
};
const item = { question: "q", reference: "r", prediction: "p" };
const capabilities = (content: Record<string, string> = {}, reply = '{"score": 0.5}') => {
  const world = fakeWorld(() => completion(reply));
  return { world, needs: { ...world.capabilities, files: memoryFiles(content) } as HasJudging };
};

describe("openJudge()", () => {
  it("has none where none is asked for, or auto finds no concept of the world", async () => {
    const { needs } = capabilities();
    for (const kind of ["none", "auto"]) {
      const { judge, bill } = await succeed(openJudge(settingsOf({ kind }), context), needs);
      assert.deepEqual([judge, bill()], [null, null]);
    }
  });

  it("takes the attribute reader for a concept of the world", async () => {
    const { needs } = capabilities({ "data/concept/test/bo/world.json": "{}" });
    const reading = openJudge(settingsOf({}), { ...context, reader: "judge" });
    assert.match(
      await failure(reading, needs),
      /^judge\/config\.json: file not found/,
      "it tries to load it",
    );
    assert.match(
      await failure(openJudge(settingsOf({ kind: "world" }), context), needs),
      /no attribute reader/,
    );
  });

  it("asks a chat server by settings or environment, and says what it cost", async () => {
    const { world, needs } = capabilities();
    const variable = (name: string) => ({ OPENAI_BASE_URL: "http://server/v1", MY_KEY: "k" })[name];
    const judging = settingsOf({
      ...{
        kind: "chat",
        model: "m",
        key_variable: "MY_KEY",
        cache: ":memory:",
        input_price: 1,
        output_price: 1,
      },
    });
    const { judge, bill, close } = await succeed(openJudge(judging, { ...context, variable }), needs);
    assert.ok(judge !== null);
    assert.equal(await succeed(judge.text(item), {}), 0.5);
    assert.equal(await succeed(judge.text(item), {}), 0.5);
    assert.equal(world.requests.length, 1);
    assert.equal(world.requests[0]?.url, "http://server/v1/chat/completions");
    assert.equal(world.requests[0]?.headers["authorization"], "Bearer k");
    assert.match(
      bill() ?? "",
      /^judge m: 1 requests, 1 from the cache, 0 without a score, 10 \+ 2 tokens, cost 0\.0000$/,
    );
    close();
    assert.match(
      await failure(openJudge(judging, context), needs),
      /set judge\.base_url or the variable OPENAI_BASE_URL/,
    );
  });

  it("records what a judge says, and judges from the record", async () => {
    const { needs } = capabilities();
    const variable = () => "http://server/v1";
    const chat = settingsOf({ kind: "chat", model: "m", cache: ":memory:", record: "scores.jsonl" });
    const first = await succeed(openJudge(chat, { ...context, variable }), needs);
    await succeed(first.judge?.text(item) ?? (() => () => Promise.reject()), {});
    first.close();
    const again = settingsOf({ kind: "recorded", file: "scores.jsonl" });
    const { judge } = await succeed(openJudge(again, context), needs);
    assert.equal(judge?.id, "recorded: m");
    assert.equal(await succeed(judge?.text(item) ?? (() => () => Promise.reject()), {}), 0.5);
  });
});

describe("chatConfig()", () => {
  it("prefers the settings to the environment", () => {
    const config = chatConfig(settingsOf({ base_url: "http://a", timeout_seconds: 2 }), () => "http://b");
    assert.deepEqual([config?.baseUrl, config?.timeoutMs, config?.price], ["http://a", 2000, null]);
    assert.equal(chatConfig(settingsOf({}), () => undefined), undefined);
  });
});
