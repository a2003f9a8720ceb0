import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { LoadedExperts } from "../../lib/method/rewarding.ts";
import { remoteHosts } from "../../lib/remote/remote_hosts.ts";
import { checkRemote, probeRemote, remoteExperts, withRemote } from "../../lib/remote/remote_rewards.ts";
import type { RewardExpert } from "../../lib/rewards/expert.ts";
import { answer, problemOf, remoteWorld, rowsWith, settingsWith } from "./remote_world.ts";

const url = "http://127.0.0.1:8900/x";
const check = (
  remote: Readonly<Record<string, unknown>>,
  changes: Readonly<Record<string, unknown>> = {},
  own: readonly string[] = [],
): string =>
  problemOf(checkRemote(settingsWith(remote, changes), {
    own,
    variable: (name) => name === "WORD" ? "sixteen-letters-or-more" : undefined,
  }));

describe("checkRemote()", () => {
  it("accepts what is right", () => {
    assert.equal(check({}), "right");
    assert.equal(
      check({
        bright: { url, weight: 0.2, token_variable: "WORD" },
        tier: { url },
        ber: { url, on_failure: "stop" },
      }),
      "right",
    );
    assert.equal(check({ ber: { url, on_failure: "skip" } }, { dsog: { enabled: false } }), "right");
  });

  it("names the setting and the remedy", () => {
    assert.match(
      check({ "My-Reward": { url } }),
      /^rewards\.remote\.My-Reward: is no name of a reward; use lower/,
    );
    assert.match(
      check({ bright: { url: "gpu:8900" } }),
      /^rewards\.remote\.bright: has no address in url; write/,
    );
    assert.match(check({ bright: { url: "nowhere" } }), /has no address/);
    assert.match(check({ tier: { url, weight: 1 } }), /has a weight of its own; set rewards\.tier/);
    assert.match(check({ ber: { url, on_failure: "skip" } }), /scores previews; set on_failure/);
    assert.match(check({ bright: { url, token_variable: "NONE" } }), /needs a token, and NONE is not set/);
    assert.match(check({ bright: { url } }, {}, ["bright"]), /also the name of an expert of --reward/);
  });

  it("refuses keys in addresses, and does not repeat them", () => {
    for (const bad of ["http://ana:hush@gpu:1/x", "http://gpu:1/x?api_key=hush"]) {
      const problem = check({ bright: { url: bad } });
      assert.match(problem, /^rewards\.remote\.bright\.url: .*token_variable$/);
      assert.ok(!/hush|ana/.test(problem), problem);
    }
  });
});

describe("remoteHosts()", () => {
  it("names each server once, with its port", () => {
    const { rewards } = settingsWith({
      ...{ a: { url: "http://10.0.0.7:8900/a" }, b: { url: "http://10.0.0.7:8900/b" } },
      ...{ c: { url: "https://gpu.lab/x" }, d: { url: "http://gpu.lab/x" }, e: { url: "?" } },
      f: { url: "http://[::1]:8900/" },
    });
    assert.deepEqual(remoteHosts({ rewards }), ["10.0.0.7:8900", "gpu.lab:443", "gpu.lab:80", "[::1]:8900"]);
  });
});

const local = (name: string): RewardExpert => ({
  name,
  score: (rows) => RTE.right(new Float32Array(rows.length)),
});
const loaded: LoadedExperts = {
  ...{ experts: [local("tier"), local("der"), local("brief")], previewExpert: local("unscreened") },
  ...{ weights: { tier: 0.4, der: 0.3, brief: 0.1 }, encoder: null, dispose: () => {} },
};

describe("withRemote()", () => {
  const remote = { bright: { url, weight: 0.2 }, plain: { url }, ber: { url }, fer: { url } };
  const settings = settingsWith(remote);
  const { needs } = remoteWorld(({ body }) =>
    answer({ scores: JSON.parse(body as string).rows.map(() => 0.25) })
  );
  const nothing = (): undefined => undefined;

  it("keeps place, weight and duty of the profile's experts; others come last", async () => {
    const all = withRemote(loaded, remoteExperts(settings, nothing, "animal"), { settings, needs });
    assert.deepEqual(all.experts.map(({ name }) => name), ["ber", "tier", "der", "brief", "bright", "plain"]);
    assert.deepEqual(all.weights, {
      ...{ tier: 0.4, der: 0.3, brief: 0.1, bright: 0.2, plain: 0 },
      ber: settings.rewards.ber,
    });
    assert.equal(all.previewExpert.name, "ber");
    const outcome = await all.previewExpert.score(rowsWith("a"))({})();
    assert.deepEqual(outcome, { _tag: "Right", right: Float32Array.of(0.25) });
  });

  it("looks at faces in humans only, and leaves everything as it is without remote experts", () => {
    assert.ok(remoteExperts(settings, nothing, "human").some(({ name }) => name === "fer"));
    assert.deepEqual(withRemote(loaded, [], { settings, needs }), loaded);
  });

  it("knows that the text expert reads the answer alone", () => {
    const [tier] = remoteExperts(settingsWith({ tier: { url } }), nothing, "animal");
    assert.equal(tier?.readsAnswerAlone, true);
  });
});

describe("probeRemote()", () => {
  it("asks every server, and names the one that is no expert", async () => {
    const { needs, requests } = remoteWorld((request) =>
      request.url.endsWith("/a") ? answer({ scores: [] }) : answer("<html>")
    );
    const settings = settingsWith({ a: { url: "http://127.0.0.1:1/a" }, b: { url: "http://127.0.0.1:2/b" } });
    const outcome = await probeRemote(remoteExperts(settings, () => undefined, "human"))(needs)();
    assert.match(problemOf(outcome), /^reward expert b: http:\/\/127\.0\.0\.1:2: the reply is a web page/);
    assert.equal(requests.length, 2);
  });
});
