import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import type { PostReply } from "../../lib/metrics/judge/network.ts";
import { remoteExpert } from "../../lib/remote/remote_expert.ts";
import { answer, problemOf, remoteWorld, rowsWith, settingsWith, SILENCE } from "./remote_world.ts";

const URL_OF = "http://127.0.0.1:8900/bright";
const expertWith = (changes: Readonly<Record<string, unknown>> = {}, token: string | null = null) => {
  const { rewards: { remote } } = settingsWith({ bright: { url: URL_OF, ...changes } });
  return remoteExpert("bright", remote["bright"] as NonNullable<typeof remote[string]>, token);
};
const rows = rowsWith("a", "b", "c");
const half = (body: string): PostReply => answer({ scores: JSON.parse(body).rows.map(() => 0.5) });

describe("remoteExpert()", () => {
  it("sends rows in batches, and joins the scores in order", async () => {
    const { needs, requests } = remoteWorld(({ body }) => {
      const answers: string[] = JSON.parse(body as string).rows.map((row: { answer: string }) => row.answer);
      return answer({ scores: answers.map((text) => text === "b" ? null : text.charCodeAt(0)) });
    });
    const scores = await expertWith({ batch_size: 2, timeout: 7 }).score(rows)(needs)();
    assert.deepEqual(scores, E.right(Float32Array.of(97, NaN, 99)));
    assert.deepEqual(requests.map(({ url, timeoutMs }) => [url, timeoutMs]), [[URL_OF, 7000], [
      URL_OF,
      7000,
    ]]);
  });

  it("sends the token as a header, and only if there is one", async () => {
    const headersOf = async (token: string | null) => {
      const { needs, requests } = remoteWorld(({ body }) => half(body as string));
      await expertWith({}, token).score(rows)(needs)();
      return requests[0]?.headers;
    };
    const json = { "content-type": "application/json" };
    assert.deepEqual(await headersOf("word"), { ...json, authorization: "Bearer word" });
    assert.deepEqual(await headersOf(null), json);
  });

  it("ends in one line for garbage, at once, whatever on_failure says", async () => {
    for (const on_failure of ["wait", "stop", "skip"]) {
      for (
        const [body, line] of [['{"scores": [1]}', /has 1 scores for 3 rows/], [
          "<html>",
          /a web page/,
        ]] as const
      ) {
        const { needs, requests } = remoteWorld(() => answer(body));
        const problem = problemOf(await expertWith({ on_failure }).score(rows)(needs)());
        assert.match(problem, line);
        assert.match(problem, /^reward expert bright: http:\/\/127\.0\.0\.1:8900: the reply /);
        assert.ok(!problem.includes("\n") && requests.length === 1, problem);
      }
    }
  });

  it("ends with the status and a remedy for a refusal", async () => {
    const problem = async (status: number, body: unknown = "") =>
      problemOf(await expertWith().score(rows)(remoteWorld(() => answer(body, status)).needs)());
    assert.match(await problem(401, { error: "no token" }), /status 401: no token; the server wants a token/);
    assert.match(await problem(404, "<h1>Not found</h1>"), /status 404; the server has no expert/);
    assert.match(await problem(413), /batch_size/);
  });

  it("asks again after status 500, then gives up", async () => {
    const mended = remoteWorld(({ body }, number) =>
      number < 2 ? answer({ error: "oops" }, 500) : half(body as string)
    );
    assert.ok(E.isRight(await expertWith().score(rows)(mended.needs)()));
    assert.deepEqual(mended.lines, []);
    const broken = remoteWorld(() => answer({ error: "oops" }, 500));
    assert.match(
      problemOf(await expertWith({ retries: 2 }).score(rows)(broken.needs)()),
      /status 500: oops$/,
    );
    assert.equal(broken.requests.length, 3);
  });

  it("waits for a server that is away, with one line, and goes on when it is back", async () => {
    const { needs, requests, lines } = remoteWorld(({ body }, number) =>
      number < 40 ? number % 2 === 0 ? SILENCE : answer("busy", 503) : half(body as string)
    );
    const scores = await expertWith().score(rows)(needs)();
    assert.deepEqual(scores, E.right(Float32Array.of(0.5, 0.5, 0.5)));
    assert.equal(requests.length, 41);
    assert.equal(lines.length, 2, lines.join("\n"));
    assert.match(
      lines[0] as string,
      /^reward expert bright: http:\/\/127\.0\.0\.1:8900 does not answer \(.*\); waiting for it; Ctrl-C/,
    );
    assert.match(lines[1] as string, /answers again after \d+ (s|min)$/);
  });

  it("stops after its attempts under stop", async () => {
    const { needs, requests, lines } = remoteWorld(() => SILENCE);
    const problem = problemOf(await expertWith({ on_failure: "stop", retries: 1 }).score(rows)(needs)());
    assert.match(problem, /does not answer \(Connection refused\), asked 2 times; start it, then continue$/);
    assert.equal(requests.length, 2);
    assert.deepEqual(lines, []);
  });

  it("leaves its reward out under skip, asks once a batch meanwhile, and says when it is back", async () => {
    const { needs, requests, lines } = remoteWorld(({ body }, number) =>
      number < 3 ? SILENCE : half(body as string)
    );
    const expert = expertWith({ on_failure: "skip", retries: 1 });
    const skipped = E.right(Float32Array.of(NaN, NaN, NaN));
    assert.deepEqual(await expert.score(rows)(needs)(), skipped);
    assert.deepEqual(await expert.score(rows)(needs)(), skipped);
    assert.equal(requests.length, 3);
    assert.deepEqual(await expert.score(rows)(needs)(), E.right(Float32Array.of(0.5, 0.5, 0.5)));
    assert.equal(lines.length, 2, lines.join("\n"));
    assert.match(lines[0] as string, /its reward is left out until it is back$/);
  });

  it("heeds Ctrl-C while a server is away, and while a request hangs", async () => {
    const away = remoteWorld(() => SILENCE, 60_000);
    const outcome = await expertWith().score(rows)(away.needs)();
    assert.ok(E.isLeft(outcome) && outcome.left._tag === "Interrupted");
    assert.ok(away.now() < 61_000, `${away.now()}`);

    const hanging = remoteWorld(() => new Promise(() => {}), 1000);
    const ended = await expertWith().score(rows)(hanging.needs)();
    assert.ok(E.isLeft(ended) && ended.left._tag === "Interrupted");
    assert.ok(hanging.now() < 7000, `${hanging.now()}`);
  });

  it("finishes a batch that is answered although Ctrl-C was pressed", async () => {
    const { needs } = remoteWorld(({ body }) => half(body as string), 0);
    assert.ok(E.isRight(await expertWith().score(rows)(needs)()));
  });

  it("probes with no rows", async () => {
    const { needs, requests } = remoteWorld(({ body }) => half(body as string));
    assert.deepEqual(await expertWith().probe(needs)(), E.right(undefined));
    assert.deepEqual(JSON.parse(requests[0]?.body as string), { protocol: 1, concepts: [], rows: [] });
  });

  it("prints nothing of the address but host and port", async () => {
    const url = "http://127.0.0.1:8900/secret-path?k=hush";
    const { needs, lines } = remoteWorld(({ body }, number) =>
      number < 9 ? SILENCE : number < 10 ? half(body as string) : answer("<p>")
    );
    const expert = expertWith({ url });
    await expert.score(rows)(needs)();
    const all = [...lines, problemOf(await expert.score(rows)(needs)())].join("\n");
    assert.ok(all.includes("8900") && !/secret-path|hush/.test(all), all);
  });
});
