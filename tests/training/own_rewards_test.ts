import assert from "node:assert/strict";
import { after, describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { describe as describeError } from "../../lib/core/error.ts";
import type { Checked } from "../../lib/core/stage.ts";
import { solidImage } from "../../lib/image/image.ts";
import type { LoadedExperts } from "../../lib/method/rewarding.ts";
import type { RewardExpert, RewardRow } from "../../lib/rewards/expert.ts";
import { loadOwnRewards, withOwnRewards } from "../../lib/training/own_rewards.ts";

const folder = await Deno.makeTempDir();
after(() => Deno.remove(folder, { recursive: true }));

let count = 0;

/** Writes a module under a new name, so that none is remembered, and loads it. */
async function loaded(source: string): Promise<Checked<readonly RewardExpert[]>> {
  const path = `${folder}/reward_${count++}.ts`;
  await Deno.writeTextFile(path, source);
  return await loadOwnRewards(path)({})();
}

const problemOf = (outcome: Checked<unknown>): string =>
  E.isLeft(outcome) ? describeError(outcome.left) : "right";

const row: RewardRow = {
  concept: { id: "bo", token: "<bo>", className: "dog", category: "animal", references: [] },
  ...{ mode: "textual", question: "", prompt: "", compoundPrompt: "", reasoning: "" },
  ...{ candidates: [], truthIndex: -1, image: solidImage(2, 2, [255, 255, 255]) },
};
const ones = "(rows) => () => async () => ({ _tag: 'Right', right: rows.map(() => 1) })";

describe("loadOwnRewards()", () => {
  it("takes single experts and lists, each once", async () => {
    const outcome = await loaded(`
      export const a = { name: "a", score: ${ones} };
      export const more = [a, { name: "b", score: ${ones} }];
      export const note = "no expert";
      export default a;`);
    assert.ok(E.isRight(outcome));
    assert.deepEqual(outcome.right.map(({ name }) => name).sort(), ["a", "b"]);
    assert.deepEqual(await outcome.right[0]?.score([row, row])({})(), E.right(Float32Array.of(1, 1)));
  });

  it("has none without a module", async () => {
    assert.deepEqual(await loadOwnRewards("")({})(), E.right([]));
  });

  it("says what is wrong with a module, and the line", async () => {
    assert.match(
      problemOf(await loaded("export const a = 1;")),
      /reward_\d+\.ts: exports no reward expert; export a value/,
    );
    assert.match(
      problemOf(await loaded("export const a = 1;\nthrow new Error('no photo');")),
      /cannot be loaded: no photo \(line 2\)/,
    );
    assert.match(problemOf(await loaded("export const a = 1;\nexport const = 2;")), /\(line 2\)/);
    assert.match(
      problemOf(await loadOwnRewards(`${folder}/nowhere.ts`)({})()),
      /nowhere\.ts: cannot be loaded/,
    );
    assert.match(
      problemOf(await loaded(`export const a = { name: "My Reward", score: ${ones} };`)),
      /"My Reward"/,
    );
  });

  it("turns what an expert throws into RewardFailed with file and line", async () => {
    const outcome = await loaded(
      "export const odd = { name: 'odd', score: (rows) => {\n  return rows[7].image; } };",
    );
    assert.ok(E.isRight(outcome));
    const scores = await outcome.right[0]?.score([row])({})();
    assert.match(
      problemOf(scores ?? E.right(0)),
      /^reward expert odd: .*reward_\d+\.ts: .*image.* \(line 2\)$/,
    );
  });

  it("says what a score without a stage needs", async () => {
    const outcome = await loaded("export const odd = { name: 'odd', score: (rows) => rows.map(() => 1) };");
    assert.ok(E.isRight(outcome));
    assert.match(
      problemOf(await outcome.right[0]?.score([row])({})() ?? E.right(0)),
      /wrap its scores in RTE\.right/,
    );
  });
});

describe("withOwnRewards()", () => {
  const expert = (name: string): RewardExpert => ({
    name,
    score: (rows) => RTE.right(new Float32Array(rows.length)),
  });
  const profile: LoadedExperts = {
    ...{ experts: [expert("tier")], previewExpert: expert("tier"), weights: { tier: 0.4 }, encoder: null },
    dispose: () => {},
  };

  it("puts them beside the others, with their weights or 0", () => {
    const outcome = withOwnRewards(profile, [expert("bright"), expert("brief")], { bright: 0.3 });
    assert.ok(E.isRight(outcome));
    assert.deepEqual(outcome.right.experts.map(({ name }) => name), ["tier", "bright", "brief"]);
    assert.deepEqual(outcome.right.weights, { tier: 0.4, bright: 0.3, brief: 0 });
  });

  it("refuses a name that is taken, and a weight without an expert", () => {
    assert.match(problemOf(withOwnRewards(profile, [expert("fer")], {})), /two experts fer; rename yours/);
    assert.match(
      problemOf(withOwnRewards(profile, [], { bright: 1 })),
      /^rewards\.own\.bright: there is no such expert; name the module/,
    );
  });
});
