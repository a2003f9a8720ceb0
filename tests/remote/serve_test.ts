import assert from "node:assert/strict";
import { before, describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { join } from "node:path";
import { describe as describeError } from "../../lib/core/error.ts";
import { loadProfile } from "../../lib/method/profile.ts";
import { networkFrom } from "../../lib/metrics/judge/network.ts";
import { type HasRemote, remoteExpert } from "../../lib/remote/remote_expert.ts";
import { expertsApp, loadServed } from "../../lib/remote/serve.ts";
import type { RewardExpert } from "../../lib/rewards/expert.ts";
import { liveBlobs } from "../../lib/run/blobs.ts";
import { liveFiles } from "../../lib/run/live.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { useTestBackend } from "../support/backend.ts";
import { ROOT } from "../support/command.ts";
import { noise, problemOf, remoteWorld, rowsWith, settingsWith, SILENCE } from "./remote_world.ts";

const constant = (name: string): RewardExpert => ({
  name,
  score: (rows) => RTE.right(new Float32Array(rows.length).fill(0.1)),
});

/** Asks an application as if it listened at 127.0.0.1:8900. */
const needsFor = (app: ReturnType<typeof expertsApp>): HasRemote => ({
  ...remoteWorld(() => SILENCE).needs,
  network: networkFrom((url, init) => Promise.resolve(app.fetch(new Request(url as string, init)))),
});

const askedAt = (name: string, token: string | null = null) => {
  const { rewards: { remote } } = settingsWith({
    [name]: { url: `http://127.0.0.1:8900/${name}`, retries: 0 },
  });
  return remoteExpert(name, remote[name] as NonNullable<typeof remote[string]>, token);
};

const json = { "content-type": "application/json" };

describe("expertsApp()", () => {
  const app = expertsApp({ experts: [constant("tier")], needs: {}, token: "" });
  const post = async (path: string, body: string, headers: Record<string, string> = json) => {
    const response = await app.request(path, { method: "POST", body, headers });
    return [response.status, await response.json()] as const;
  };

  it("lists its experts, and scores", async () => {
    assert.deepEqual(await (await app.request("/")).json(), { protocol: 1, experts: ["tier"] });
    const scores = await askedAt("tier").score(rowsWith("a", "b"))(needsFor(app))();
    assert.deepEqual(scores, E.right(Float32Array.of(0.1, 0.1)));
  });

  it("refuses what it cannot read, with a status and one line", async () => {
    assert.deepEqual(await post("/tier", "{"), [400, { error: "the request is no JSON" }]);
    assert.deepEqual(await post("/ber", "{}"), [404, { error: "the experts here are tier" }]);
    assert.deepEqual(await post("/tier", "{}", { "content-type": "text/plain" }), [415, {
      error: "send application/json",
    }]);
  });

  it("tells of an expert that fails, so that the run ends in one line", async () => {
    const odd: RewardExpert = {
      name: "odd",
      score: () => RTE.left({ _tag: "RewardFailed", expert: "odd", problem: "no weights" }),
    };
    const thrown: RewardExpert = {
      name: "thrown",
      score: () => {
        throw new Error("out of memory");
      },
    };
    const needs = needsFor(expertsApp({ experts: [odd, thrown], needs: {}, token: "" }));
    assert.match(
      problemOf(await askedAt("odd").score(rowsWith("a"))(needs)()),
      /status 500: .*odd: no weights$/,
    );
    assert.match(
      problemOf(await askedAt("thrown").score(rowsWith("a"))(needs)()),
      /status 500: out of memory$/,
    );
  });

  it("asks for its token", async () => {
    const needs = needsFor(
      expertsApp({ experts: [constant("tier")], needs: {}, token: "sixteen-letters-x" }),
    );
    const ask = async (token: string | null) =>
      problemOf(await askedAt("tier", token).score(rowsWith("a"))(needs)());
    assert.equal(await ask("sixteen-letters-x"), "right");
    assert.match(await ask(null), /status 401/);
    assert.match(await ask("sixteen-letters-y"), /status 401/);
  });

  it("answers one request after the other", async () => {
    let running = 0, most = 0;
    const slow: RewardExpert = {
      name: "slow",
      score: (rows) => () => async () => {
        most = Math.max(most, ++running);
        await new Promise((done) => setTimeout(done, 5));
        running--;
        return E.right(new Float32Array(rows.length));
      },
    };
    const needs = needsFor(expertsApp({ experts: [slow], needs: {}, token: "" }));
    await Promise.all([1, 2, 3].map(() => askedAt("slow").score(rowsWith("a"))(needs)()));
    assert.equal(most, 1);
  });
});

describe("loadServed()", () => {
  let experts: readonly RewardExpert[] = [];
  before(async () => {
    await useTestBackend("wasm");
    const needs = { files: liveFiles(), blobs: liveBlobs };
    const profile = await loadProfile(join(ROOT, "assets/nano"))(needs)();
    if (E.isLeft(profile)) throw new Error(describeError(profile.left));
    const loaded = await loadServed(profile.right, settingsWith({}))(needs)();
    if (E.isLeft(loaded)) throw new Error(describeError(loaded.left));
    experts = loaded.right;
  });

  const faces = (reasoning: string) =>
    rowsWith(reasoning, "a blue ball", "").map((row, index) => ({
      ...row,
      concept: { ...row.concept, category: "human" as const },
      image: noise(index, 64),
    }));

  it("serves the four experts of the bundled profile with the bits that they have here", async () => {
    assert.deepEqual(experts.map(({ name }) => name), ["ber", "tier", "der", "fer"]);
    const needs = needsFor(expertsApp({ experts, needs: {}, token: "" }));
    const rows = faces("a red hat");
    for (const expert of experts) {
      const here = await expert.score(rows)({})();
      assert.ok(E.isRight(here), expert.name);
      assert.deepEqual(await askedAt(expert.name).score(rows)(needs)(), here, expert.name);
    }
  });

  it("knows photos again, and keeps no tensors", async () => {
    const needs = needsFor(expertsApp({ experts, needs: {}, token: "" }));
    const score = async (text: string) => {
      for (const { name } of experts) {
        assert.equal(problemOf(await askedAt(name).score(faces(text))(needs)()), "right");
      }
    };
    await score("a red hat");
    const held = tf.memory().numTensors;
    await score("a green hat");
    assert.equal(tf.memory().numTensors, held);
  });

  it("refuses a profile without experts", async () => {
    const needs = { files: liveFiles(), blobs: liveBlobs };
    const profile = await loadProfile(join(ROOT, "assets/nano"))(needs)();
    assert.ok(E.isRight(profile));
    const none = { ...profile.right, blip2: null, ernie: null, dinov2: null, facenet: null };
    assert.match(
      problemOf(await loadServed(none, settingsWith({}))(needs)()),
      /names no folder of an expert/,
    );
  });
});
