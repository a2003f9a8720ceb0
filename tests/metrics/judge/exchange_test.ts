import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { chatExchange, type ChatServer } from "../../../lib/metrics/judge/exchange.ts";
import { makeLimiter } from "../../../lib/metrics/judge/limiter.ts";
import { parseScore } from "../../../lib/metrics/judge/reply.ts";
import { makeUsageCounter } from "../../../lib/metrics/judge/usage.ts";
import { completion, fail, fakeWorld, refusal, succeed } from "./fakes.ts";

const server: ChatServer = {
  baseUrl: "http://judge.test/v1/",
  model: "m",
  apiKey: "secret",
  retries: 3,
  timeoutMs: 5000,
  maxTokens: 64,
};
const asked = { name: "case", prompt: { system: "rules", user: "case" }, image: null, read: parseScore };
const exchange = (changes: Partial<ChatServer> = {}) => {
  const usage = makeUsageCounter(null);
  const limit = makeLimiter({ concurrency: 2, requestsPerMinute: null });
  return { usage, ask: chatExchange({ ...server, ...changes }, { limit, usage })(asked) };
};

describe("chatExchange()", () => {
  it("sends one request to the server's address, with the key in a header only", async () => {
    const world = fakeWorld(() => completion("0.5"));
    const outcome = await succeed(exchange().ask, world.capabilities);
    assert.ok(outcome._tag === "Read" && outcome.value === 0.5);
    const request = world.requests[0];
    assert.equal(request?.url, "http://judge.test/v1/chat/completions");
    assert.equal(request?.headers.authorization, "Bearer secret");
    assert.equal(request?.timeoutMs, 5000);
    assert.ok(!request?.body.includes("secret"));
  });

  it("sends no key to a server without keys", async () => {
    const world = fakeWorld(() => completion("1"));
    await succeed(exchange({ apiKey: null }).ask, world.capabilities);
    assert.equal(world.requests[0]?.headers.authorization, undefined);
  });

  it("asks again at once for a reply that it can't read, and counts all tokens", async () => {
    const world = fakeWorld((_, number) => completion(number < 2 ? "I think 0.5" : '{"score": 0.5}'));
    const { ask, usage } = exchange();
    const outcome = await succeed(ask, world.capabilities);
    assert.ok(outcome._tag === "Read" && outcome.value === 0.5);
    assert.deepEqual([world.requests.length, world.waits.length], [3, 0]);
    assert.deepEqual([usage.read().requests, usage.read().promptTokens], [3, 30]);
  });

  it("gives up on a case whose reply stays unreadable", async () => {
    const world = fakeWorld(() => completion("no comment"));
    const outcome = await succeed(exchange().ask, world.capabilities);
    assert.deepEqual(outcome, { _tag: "Unread", problem: "the reply is no JSON" });
    assert.equal(world.requests.length, 4);
  });

  it("waits longer each time for a busy server, and as long as it asks", async () => {
    const replies = [refusal(429), refusal(503), refusal(429, "", 7000), completion("1")];
    const world = fakeWorld((_, number) => replies[number] ?? completion("0"));
    await succeed(exchange().ask, world.capabilities);
    const [first = 0, second = 0, third] = world.waits;
    assert.ok(first >= 500 && first < 1000 && second >= 1000 && second < 2000);
    assert.equal(third, 7000);
  });

  it("fails if the server stays away, with the last reason", async () => {
    const world = fakeWorld(() => ({ _tag: "NoAnswer", problem: "connection refused" }));
    const error = await fail(exchange({ retries: 1 }).ask, world.capabilities);
    assert.deepEqual(error, {
      _tag: "JudgeFailed",
      judge: "m",
      problem: "no answer: connection refused (after 2 attempts)",
    });
    assert.equal(world.requests.length, 2);
  });

  it("fails at once for a wrong key, and never names it", async () => {
    const world = fakeWorld(() => refusal(401, "invalid key"));
    const error = await fail(exchange().ask, world.capabilities);
    assert.ok(error._tag === "JudgeFailed" && error.problem === "status 401: invalid key");
    assert.ok(!JSON.stringify(error).includes("secret"));
    assert.equal(world.requests.length, 1);
  });

  it("gives up on a case that the server won't take", async () => {
    const world = fakeWorld(() => refusal(400, "content policy"));
    const outcome = await succeed(exchange().ask, world.capabilities);
    assert.deepEqual(outcome, { _tag: "Unread", problem: "status 400: content policy" });
    assert.equal(world.requests.length, 1);
  });
});
