import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { memoryCache } from "../../../lib/metrics/judge/cache.ts";
import { CHAT_JUDGE_DEFAULTS, chatJudge, type ChatJudgeConfig } from "../../../lib/metrics/judge/chat.ts";
import { completion, fail, fakeWorld, refusal, succeed } from "./fakes.ts";

const config: ChatJudgeConfig = { ...CHAT_JUDGE_DEFAULTS, baseUrl: "http://judge.test/v1", model: "m" };
const item = { question: "q", reference: "a red hat", prediction: "a hat" };
const image = { bytes: Uint8Array.of(1, 2, 3), mediaType: "image/png" } as const;
const clauses = ["a dog", "at noon", "by the sea"];
const scored = (scores: readonly number[]) =>
  completion(JSON.stringify({ segments: scores.map((score, i) => ({ i, score })) }));

describe("chatJudge().text()", () => {
  it("grades an answer", async () => {
    const world = fakeWorld(() => completion('{"score": 0.5}'));
    const judge = chatJudge(config);
    assert.equal(await succeed(judge.text(item), world.capabilities), 0.5);
    assert.equal(judge.id, "m");
    assert.deepEqual(JSON.parse(JSON.parse(world.requests[0]?.body ?? "").messages[1].content), item);
  });

  it("asks nothing twice, not even in another process with the same cache", async () => {
    const cache = memoryCache();
    const world = fakeWorld(() => completion("1"), cache);
    const judge = chatJudge({ ...config, price: { input: 1, output: 1 } });
    await succeed(judge.text(item), world.capabilities);
    await succeed(judge.text(item), world.capabilities);
    const rerun = fakeWorld(() => refusal(500), cache);
    assert.equal(await succeed(chatJudge(config).text(item), rerun.capabilities), 1);
    assert.deepEqual([world.requests.length, rerun.requests.length], [1, 0]);
    assert.deepEqual(judge.usage(), {
      requests: 1,
      cached: 1,
      unscored: 0,
      promptTokens: 10,
      completionTokens: 2,
      cost: 12e-6,
    });
  });

  it("asks again for another model, rubric or answer", async () => {
    const cache = memoryCache();
    const world = fakeWorld(() => completion("1"), cache);
    await succeed(chatJudge(config).text(item), world.capabilities);
    await succeed(chatJudge({ ...config, model: "other" }).text(item), world.capabilities);
    await succeed(chatJudge(config).text({ ...item, rubric: "rewrite" }), world.capabilities);
    await succeed(chatJudge(config).text({ ...item, prediction: "hat" }), world.capabilities);
    assert.equal(world.requests.length, 4);
  });

  it("sends the same question once while it is under way", async () => {
    const world = fakeWorld(() => completion("1"));
    const judge = chatJudge(config);
    const both = await Promise.all([1, 2].map(() => succeed(judge.text(item), world.capabilities)));
    assert.deepEqual([both, world.requests.length], [[1, 1], 1]);
  });

  it("gives null and a warning for an unreadable reply, which is not cached", async () => {
    const cache = memoryCache();
    const world = fakeWorld(() => completion("no comment"), cache);
    const judge = chatJudge({ ...config, retries: 1 });
    assert.equal(await succeed(judge.text(item), world.capabilities), null);
    assert.deepEqual(world.warnings, ["judge m: no score, the reply is no JSON"]);
    assert.equal(judge.usage().unscored, 1);
    const later = fakeWorld(() => completion("1"), cache);
    assert.equal(await succeed(judge.text(item), later.capabilities), 1);
  });

  it("fails when the server is away, and goes on from the cache afterwards", async () => {
    const cache = memoryCache();
    const away = fakeWorld((_, number) => number === 0 ? completion("1") : refusal(503, "overloaded"), cache);
    const judge = chatJudge({ ...config, retries: 0 });
    await succeed(judge.text(item), away.capabilities);
    assert.equal(
      (await fail(judge.text({ ...item, prediction: "x" }), away.capabilities))._tag,
      "JudgeFailed",
    );
    const back = fakeWorld(() => completion("0"), cache);
    await succeed(judge.text(item), back.capabilities);
    await succeed(judge.text({ ...item, prediction: "x" }), back.capabilities);
    assert.equal(back.requests.length, 1);
  });
});

describe("chatJudge().segments()", () => {
  it("scores all clauses with one request and the picture", async () => {
    const world = fakeWorld(() => scored([1, 0.5, 0]));
    assert.deepEqual(await succeed(chatJudge(config).segments(image, clauses), world.capabilities), [
      1,
      0.5,
      0,
    ]);
    assert.equal(world.requests.length, 1);
    assert.ok(world.requests[0]?.body.includes("data:image/png;base64,AQID"));
  });

  it("scores each clause with its own request if told so", async () => {
    const world = fakeWorld((request) => completion(request.body.includes("at noon") ? "0" : "1"));
    const judge = chatJudge({ ...config, segmentsPerCall: "one" });
    assert.deepEqual(await succeed(judge.segments(image, clauses), world.capabilities), [1, 0, 1]);
    assert.equal(world.requests.length, 3);
  });

  it("gives null for every clause if the reply misses one", async () => {
    const world = fakeWorld(() => scored([1, 1]));
    const judge = chatJudge({ ...config, retries: 0 });
    assert.deepEqual(await succeed(judge.segments(image, clauses), world.capabilities), [null, null, null]);
  });

  it("asks nothing about no clauses, and again about another picture", async () => {
    const world = fakeWorld(() => scored([1, 1, 1]));
    const judge = chatJudge(config);
    assert.deepEqual(await succeed(judge.segments(image, []), world.capabilities), []);
    await succeed(judge.segments(image, clauses), world.capabilities);
    await succeed(judge.segments({ ...image, bytes: Uint8Array.of(9) }, clauses), world.capabilities);
    assert.equal(world.requests.length, 2);
  });
});
