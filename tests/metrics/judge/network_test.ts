import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { memoryCache } from "../../../lib/metrics/judge/cache.ts";
import {
  CHAT_JUDGE_DEFAULTS,
  chatJudge,
  type ChatJudgeConfig,
  type HasChat,
} from "../../../lib/metrics/judge/chat.ts";
import { networkFrom } from "../../../lib/metrics/judge/network.ts";
import { succeed } from "./fakes.ts";

const network = networkFrom(fetch);
const allowed = Deno.permissions.querySync({ name: "net", host: "127.0.0.1" }).state === "granted";
const skip = allowed ? false : "needs --allow-net=127.0.0.1";

/** Serves on this machine while `body` runs. */
const serving = async (
  handler: (request: Request) => Response | Promise<Response>,
  body: (baseUrl: string) => Promise<void>,
): Promise<void> => {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, handler);
  try {
    await body(`http://127.0.0.1:${server.addr.port}/v1`);
  } finally {
    await server.shutdown();
  }
};
const live: HasChat = {
  network,
  judgeCache: memoryCache(),
  clock: { now: () => performance.now(), date: () => new Date().toISOString() },
  log: { info: () => {}, warn: () => {}, progress: () => {} },
};
const judgeAt = (changes: Partial<ChatJudgeConfig> & { readonly baseUrl: string }) =>
  chatJudge({ ...CHAT_JUDGE_DEFAULTS, model: "stub", ...changes });

describe("networkFrom()", { skip }, () => {
  it("posts headers and body, and reads status, body and Retry-After", () =>
    serving(
      async (request) =>
        new Response(`${request.method} ${request.headers.get("x-test")} ${await request.text()}`, {
          status: 429,
          headers: { "retry-after": "2" },
        }),
      async (url) => {
        const reply = await network.post({
          url,
          headers: { "x-test": "1" },
          body: "hello",
          timeoutMs: 5000,
        })();
        assert.deepEqual(reply, { _tag: "Answer", status: 429, body: "POST 1 hello", retryAfterMs: 2000 });
      },
    ));

  it("gives up on a server that is too slow", () =>
    serving(
      () => new Promise((done) => setTimeout(() => done(new Response("late")), 300)),
      async (url) => {
        const reply = await network.post({ url, headers: {}, body: "", timeoutMs: 30 })();
        assert.ok(reply._tag === "NoAnswer" && /timeout/i.test(reply.problem), JSON.stringify(reply));
      },
    ));

  it("says so if nobody listens", async () => {
    const reply = await network.post({
      url: "http://127.0.0.1:1/v1",
      headers: {},
      body: "",
      timeoutMs: 5000,
    })();
    assert.equal(reply._tag, "NoAnswer");
  });
});

describe("chatJudge() against a server", { skip }, () => {
  it("grades over HTTP, within the bound on parallel requests, after an overload", async () => {
    let atOnce = 0, most = 0, asked = 0;
    const handler = async (request: Request): Promise<Response> => {
      assert.equal(new URL(request.url).pathname, "/v1/chat/completions");
      assert.equal(request.headers.get("authorization"), "Bearer k");
      if (asked++ === 0) return new Response("busy", { status: 503, headers: { "retry-after": "0" } });
      most = Math.max(most, ++atOnce);
      const { messages } = await request.json();
      await new Promise((done) => setTimeout(done, 5));
      atOnce--;
      const { prediction } = JSON.parse(messages[1].content);
      const content = JSON.stringify({ score: prediction === "right" ? 1 : 0 });
      return Response.json({
        choices: [{ message: { content } }],
        usage: { prompt_tokens: 1, completion_tokens: 1 },
      });
    };
    await serving(handler, async (baseUrl) => {
      const judge = judgeAt({ baseUrl, apiKey: "k", concurrency: 2 });
      const predictions = ["right", "wrong 1", "wrong 2", "wrong 3", "wrong 4", "wrong 5"];
      const scores = await Promise.all(
        predictions.map((prediction) =>
          succeed(judge.text({ question: "q", reference: "r", prediction }), live)
        ),
      );
      assert.deepEqual(scores, [1, 0, 0, 0, 0, 0]);
      assert.equal(most, 2);
      assert.equal(judge.usage().requests, 7);
    });
  });
});

// Against a real server: JUDGE_BASE_URL=… JUDGE_MODEL=… [JUDGE_API_KEY=…] deno test -A tests/metrics/judge
const [baseUrl, model] = [Deno.env.get("JUDGE_BASE_URL"), Deno.env.get("JUDGE_MODEL")];
describe("chatJudge() against the server of JUDGE_BASE_URL", {
  skip: baseUrl === undefined || model === undefined,
}, () => {
  it("tells a right answer from a wrong one", async () => {
    const judge = judgeAt({
      baseUrl: baseUrl ?? "",
      model: model ?? "",
      apiKey: Deno.env.get("JUDGE_API_KEY") ?? null,
    });
    const item = {
      question: "What does <m> wear at the beach?",
      reference: "<m> wears a red hat at the beach.",
    };
    assert.equal(await succeed(judge.text({ ...item, prediction: "A red hat." }), live), 1);
    assert.equal(await succeed(judge.text({ ...item, prediction: "A blue coat." }), live), 0);
  });
});
