/**
 * A real OpenAI-compatible server: `transformers serve` with a tiny model that is made on the spot. Run by `deno task test:server`,
 * not by `deno task test`: installing the server takes a minute. Says so and passes where it cannot be installed.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "@std/testing/bdd";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { solidImage } from "../../lib/image/image.ts";
import { keyFromSeed } from "../../lib/core/key.ts";
import { encodePng } from "../../lib/image/png.ts";
import { endpointAssistant, type EndpointConfig } from "../../lib/evaluation/endpoint.ts";
import { memoryCache } from "../../lib/metrics/judge/cache.ts";
import { CHAT_JUDGE_DEFAULTS, chatJudge, type HasChat } from "../../lib/metrics/judge/chat.ts";
import { networkFrom } from "../../lib/metrics/judge/network.ts";
import { failure, succeed, world, worldConcept } from "./world_fixture.ts";

const PACKAGE = "transformers[serving]==5.23.0";
const REPLY = '{"score": 0.5}';
const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");

async function command(path: string, ...args: string[]): Promise<{ ok: boolean; text: string }> {
  try {
    const child = new Deno.Command(path, { args, env: { HF_HUB_OFFLINE: "1" } });
    const { success, stdout, stderr } = await child.output();
    const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    return { ok: success, text: text.trim().split("\n").at(-1) ?? "" };
  } catch (thrown) {
    return { ok: false, text: String(thrown) };
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

interface Server {
  readonly baseUrl: string;
  readonly model: string;
  readonly stop: () => Promise<void>;
}

/** Python with torch, the server package, the model: the step that fails is the reason to skip. */
async function install(folder: string): Promise<string | null> {
  const python = join(folder, "venv", "bin", "python");
  const steps: readonly (readonly [string, readonly string[]])[] = [
    ["python3", ["-m", "venv", "--system-site-packages", join(folder, "venv")]],
    [python, ["-c", "import torch"]],
    [python, ["-m", "pip", "install", "-q", "--only-binary", ":all:", PACKAGE]],
    [python, [join(here, "make_chat_model.py"), join(folder, "model"), REPLY]],
  ];
  for (const [path, args] of steps) {
    const { ok, text } = await command(path, ...args);
    if (!ok) return text;
  }
  return null;
}

async function serve(folder: string): Promise<Server> {
  const port = freePort();
  const model = join(folder, "model");
  const child = new Deno.Command(join(folder, "venv", "bin", "transformers"), {
    args: ["serve", model, "--host", "127.0.0.1", "--port", String(port), "--device", "cpu"],
    env: { HF_HUB_OFFLINE: "1" },
    stdout: "null",
    stderr: "null",
  }).spawn();
  const base = `http://127.0.0.1:${port}`;
  const isUp = (): Promise<boolean> =>
    fetch(`${base}/health`).then(async (answer) => (await answer.body?.cancel(), answer.ok), () => false);
  for (let second = 0; second < 120 && !(await isUp()); second++) {
    await new Promise((done) => setTimeout(done, 1000));
  }
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    await child.status;
  };
  return { baseUrl: `${base}/v1`, model, stop };
}

const folder = await Deno.makeTempDir({ prefix: "chat-server-" });
const missing = await install(folder);
if (missing !== null) console.log(`skipped, the server cannot be installed: ${missing}`);

describe("a real chat server", { skip: missing !== null }, () => {
  let server: Server;
  before(async () => {
    server = await serve(folder);
  });
  after(async () => {
    await server.stop();
  });

  const network = networkFrom(fetch);
  const judging = (): HasChat => ({ ...world().capabilities, network, judgeCache: memoryCache() });
  const item = { question: "what does <mip> hold ?", reference: "a blue ball .", prediction: "a ball" };
  const judgeOf = (changes: Partial<Parameters<typeof chatJudge>[0]> = {}) =>
    chatJudge({
      ...CHAT_JUDGE_DEFAULTS,
      baseUrl: server.baseUrl,
      model: server.model,
      segmentsPerCall: "one",
      ...changes,
    });

  it("grades through the judge, and is not asked twice", async () => {
    const judge = judgeOf();
    const capabilities = judging();
    assert.equal(await succeed(judge.text(item), capabilities), 0.5);
    assert.equal(await succeed(judge.text(item), capabilities), 0.5);
    const { requests, cached, promptTokens, completionTokens } = judge.usage();
    assert.deepEqual([requests, cached], [1, 1]);
    assert.ok(promptTokens > 100 && completionTokens > 5);
  });

  it("sees clauses of a picture, in parallel", async () => {
    const image = { bytes: encodePng(solidImage(8, 8, [255, 0, 0])), mediaType: "image/png" } as const;
    const judge = judgeOf();
    assert.deepEqual(await succeed(judge.segments(image, ["a dog", "a red hat", "at night"]), judging()), [
      0.5,
      0.5,
      0.5,
    ]);
    assert.equal(judge.usage().requests, 3);
  });

  /** Asks for nine grades at once; when each request started, and how many were under way at the same time. */
  async function watched(bounds: Pick<Parameters<typeof chatJudge>[0], "concurrency" | "requestsPerMinute">) {
    const begin = performance.now();
    const starts: number[] = [];
    let [inFlight, most] = [0, 0];
    const counting: HasChat = {
      ...judging(),
      network: {
        ...network,
        post: (request) => async () => {
          starts.push(performance.now() - begin);
          most = Math.max(most, ++inFlight);
          const reply = await network.post(request)();
          inFlight--;
          return reply;
        },
      },
      clock: { now: () => performance.now(), date: () => "2026-01-01T00:00:00Z" },
    };
    const cases = Array.from({ length: 9 }, (_, index) => ({ ...item, prediction: `ball ${index}` }));
    const scores = await succeed(RTE.traverseArray(judgeOf(bounds).text)(cases), counting);
    assert.deepEqual(scores, cases.map(() => 0.5));
    assert.equal(starts.length, 9);
    return { starts, most };
  }

  it("keeps as many requests in flight as allowed, and no more", async () => {
    assert.equal((await watched({ concurrency: 3, requestsPerMinute: null })).most, 3);
  });

  it("starts no more requests a minute than allowed", async () => {
    const { starts, most } = await watched({ concurrency: 4, requestsPerMinute: 240 });
    starts.forEach((start, index) => assert.ok(start > index * 250 - 10, `${starts}`));
    assert.ok(most <= 4);
  });

  it("gives no score to a reply of another form, after asking again", async () => {
    const judge = judgeOf({ segmentsPerCall: "all", retries: 1 });
    const image = { bytes: encodePng(solidImage(8, 8)), mediaType: "image/png" } as const;
    assert.deepEqual(await succeed(judge.segments(image, ["a dog", "a cat"]), judging()), [null, null]);
    assert.deepEqual([judge.usage().requests, judge.usage().unscored], [2, 1]);
  });

  it("answers questions as an assistant, and says why it refuses", async () => {
    const mip = await worldConcept("mip");
    const config: EndpointConfig = {
      ...{ baseUrl: server.baseUrl, model: server.model, apiKey: null, retries: 1, timeoutMs: 60_000 },
      ...{ maxTokens: 40, size: "64x64", concurrency: 2, requestsPerMinute: null },
    };
    const asks = ["what is <mip> ?", "where is <mip> ?"].map((question) => ({
      question,
      image: solidImage(8, 8),
      key: keyFromSeed(1),
    }));
    const capabilities = { ...world().capabilities, network };
    assert.deepEqual(await succeed(endpointAssistant(config, mip).answer(asks), capabilities), [
      REPLY,
      REPLY,
    ]);
    const other = endpointAssistant({ ...config, model: "other" }, mip);
    assert.match(await failure(other.answer(asks), capabilities), /endpoint other: status 4\d\d: .*pinned/);
  });

  it("is evaluated and judged by the command", async () => {
    const out = join("runs", `test-${crypto.randomUUID()}`);
    await Deno.mkdir(join(root, out), { recursive: true });
    await Deno.writeTextFile(
      join(root, out, "profile.yaml"),
      "image_size: 64\nunified: none\nimage_tokenizer: none\n",
    );
    const { baseUrl, model } = server;
    const args = [
      ...["--endpoint", baseUrl, "--model", model, "--tasks", "qa,rea", "--out", out],
      ...["--profile", join(out, "profile.yaml"), "--set", "device=cpu", "--judge", "chat"],
      ...["--set", `judge.base_url=${baseUrl}`, "--set", `judge.model=${model}`],
      ...["--set", `judge.cache=${out}/judge.sqlite`],
    ];
    try {
      const child = new Deno.Command(Deno.execPath(), {
        args: ["run", "--no-check", "--no-prompt", "-P=eval", "pipelines/eval.ts", ...args],
        cwd: root,
      });
      const { code, stderr } = await child.output();
      assert.equal(code, 0, new TextDecoder().decode(stderr));
      const file = JSON.parse(await Deno.readTextFile(join(root, out, "eval", "step-000000.json")));
      assert.deepEqual([file.scores.qa_judge.value, file.scores.rea_exact.value], [0.5, 0]);
      assert.deepEqual([file.scores.qa_judge.coverage, file.protocol.judge], [1, model]);
    } finally {
      await Deno.remove(join(root, out), { recursive: true });
    }
  });
});

after(() => Deno.remove(folder, { recursive: true }));
