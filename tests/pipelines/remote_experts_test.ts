import assert from "node:assert/strict";
import { after, before, describe, it } from "@std/testing/bdd";
import { join } from "node:path";
import { type Outcome, runTask, scratchFolder, startTask } from "../support/command.ts";
import { startExpertServer } from "../support/expert_server.ts";
import { metricsOf, onlyRun, tracesOf } from "../support/run_files.ts";
import { writeTinyTraining } from "../support/tiny_training.ts";

const { relative, absolute } = scratchFolder();
const config = join(relative, "config.yaml");

before(() =>
  writeTinyTraining(relative, { rl: { max_steps: 3, learning_rate: 0.01 }, evaluation: { tasks: [] } })
);

after(() => Deno.remove(absolute, { recursive: true }));

const settings = (name: string, ...set: readonly string[]): readonly string[] =>
  [`runs=${join(relative, name)}`, ...set].flatMap((each) => ["--set", each]);
const train = (name: string, ...set: readonly string[]): Promise<Outcome> =>
  runTask("train", config, ...settings(name, ...set));
const runIn = (name: string): string => onlyRun(join(absolute, name));
const example = {
  deno: ["run", "--allow-net=127.0.0.1", "docs/examples/expert.ts"],
  python3: ["docs/examples/expert.py"],
};

/** What a run came to, whichever checkpoints on the way it kept. */
const endOf = (name: string): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(tracesOf(runIn(name))).filter(([file]) => /^step-000003|^metrics/.test(file)),
  );

/** Waits until the log of a run says something. */
async function says(name: string, words: RegExp): Promise<string> {
  for (let look = 0; look < 1200; look++) {
    try {
      const text = await Deno.readTextFile(join(runIn(name), "log.txt"));
      if (words.test(text)) return text;
    } catch {
      // Not there yet.
    }
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`the log of ${name} never says ${words}`);
}

describe("deno task serve-experts", () => {
  it("gives a run the same bits as an expert that is loaded here", async () => {
    const here = await train("here");
    assert.equal(here.code, 0, here.error);
    const server = await startExpertServer("deno", [
      ...[
        "run",
        "--no-check",
        "--no-prompt",
        "--node-modules-dir=none",
        "-P=serve",
        "pipelines/serve_experts.ts",
      ],
      ...[config, "--port", "0"],
    ]);
    try {
      const [address] = server.addresses;
      assert.match(address ?? "", /\/tier$/);
      const there = await train("there", `rewards.remote.tier.url=${address}`);
      assert.equal(there.code, 0, there.error);
      assert.deepEqual(tracesOf(runIn("there")), tracesOf(runIn("here")));
    } finally {
      await server.stop();
    }
  });

  it("lets nobody else in without a token", async () => {
    const { code, error } = await runTask("serve-experts", config, "--host", "0.0.0.0");
    assert.equal(code, 3);
    assert.match(
      error,
      /--host 0\.0\.0\.0 lets the network in; put a word of 16 characters or more into EXPERTS_TOKEN/,
    );
  });
});

describe("rewards.remote", () => {
  it("takes the example servers, in Python and in Deno, and both mean the same", async () => {
    const rewards: unknown[] = [];
    for (const [program, args] of Object.entries(example)) {
      const server = await startExpertServer(program, [...args, "0"]);
      try {
        const name = `example_${program}`;
        const remote = `rewards.remote.short={url: "${server.addresses[0]}", weight: 0.5}`;
        const { code, error } = await train(name, remote);
        assert.equal(code, 0, error);
        rewards.push(metricsOf(runIn(name)).map(({ metrics }) => metrics["rewards/short/mean"]));
      } finally {
        await server.stop();
      }
    }
    assert.equal((rewards[0] as unknown[]).length, 3);
    assert.ok(
      (rewards[0] as unknown[]).some((mean) => typeof mean === "number" && mean > 0),
      `${rewards[0]}`,
    );
    assert.deepEqual(rewards[0], rewards[1]);
  });

  it("waits for a server that died, ends by Ctrl-C with everything saved, and resumes at another to the same bits", async () => {
    const straight = await startExpertServer("deno", [...example.deno, "0"]);
    const remote = (address: string | undefined): string =>
      `rewards.remote.short={url: "${address}", weight: 0.5}`;
    try {
      const whole = await train("whole", remote(straight.addresses[0]));
      assert.equal(whole.code, 0, whole.error);
      // It answers the probe, the training photo and one update.
      const dying = await startExpertServer("deno", [
        ...["run", "--allow-net=127.0.0.1", "tests/support/dying_expert.ts", "3"],
      ]);
      const saved = settings("broken", remote(dying.addresses[0]), "save_every=100");
      const child = startTask("train", config, ...saved);
      const log = await says("broken", /waiting for it/);
      assert.match(
        log,
        /reward expert short: http:\/\/127\.0\.0\.1:\d+ does not answer \(.+\); waiting for it; Ctrl-C/,
      );
      child.kill("SIGINT");
      assert.equal((await child.status).code, 130);
      assert.match(await says("broken", /is saved/), /step 1 is saved; --resume latest goes on from there/);
      await dying.stop();
      const on = await runTask(
        "train",
        config,
        ...settings("broken", remote(straight.addresses[0]), "save_every=100"),
        ...["--resume", "latest"],
      );
      assert.equal(on.code, 0, on.error);
      assert.ok(Object.keys(endOf("whole")).length > 3);
      assert.deepEqual(endOf("broken"), endOf("whole"));
    } finally {
      await straight.stop();
    }
  });

  it("refuses before it begins: an absent server under stop, a host without permission, a key in an address", async () => {
    const absent = await train(
      "absent",
      'rewards.remote.short={url: "http://127.0.0.1:9", on_failure: stop, retries: 0}',
    );
    assert.equal(absent.code, 9, absent.error);
    assert.match(
      absent.error,
      /reward expert short: http:\/\/127\.0\.0\.1:9: does not answer \(.+\); start it/,
    );
    const named = await train("named", 'rewards.remote.short={url: "http://gpu.invalid:8900/"}');
    assert.equal(named.code, 3, named.error);
    assert.match(
      named.error,
      /gpu\.invalid:8900: the command may not reach this server; answer the question/,
    );
    const key = await train("key", 'rewards.remote.short={url: "http://127.0.0.1:9/?token=hush-hush"}');
    assert.equal(key.code, 3, key.error);
    assert.ok(!`${key.out}${key.error}`.includes("hush"), key.error);
  });
});
