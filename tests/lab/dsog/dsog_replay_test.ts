import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { keyFromSeed } from "../../../lib/core/key.ts";
import { type PoolRow, previewWays, wayName } from "../../../lab/dsog/dsog_pools.ts";
import {
  replay,
  screeningWays,
  summariseReplay,
  unscreenedGroups,
  wayCorrelations,
} from "../../../lab/dsog/dsog_replay.ts";
import { poolsPart, screeningWayName } from "../../../lab/dsog/dsog_replay_summary.ts";
import { right } from "../../cold_start/tiny.ts";
import { smallSettings } from "../../method/tiny_run.ts";

const settings = smallSettings();
const { rl: { numGenerations: G }, generation: { timesteps: T }, dsog: { previewStep } } = settings;
const ways = previewWays(settings);
const [paper] = screeningWays(settings);

/** A pool whose scores are the same in every way. */
const pool = (group: number, mode: PoolRow["mode"], scores: readonly number[]): readonly PoolRow[] =>
  scores.map((score, index) => ({
    ...{ group, mode, prompt: index % 2 === 0 ? "even" : "odd", right: index % 2 === 0, reward: score },
    scores: Object.fromEntries(ways.map((way) => [wayName(way), score])),
  }));

const easy = pool(0, "textual", Array.from({ length: 4 * G }, (_, index) => 0.8 + index / 1000));
const hard = pool(1, "visual", Array.from({ length: 4 * G }, (_, index) => 0.3 + index / 1000));
const of = (rule: string, perMode = false) =>
  screeningWays(settings).find((way) => way.rule === rule && way.perMode === perMode) ?? assert.fail();

describe("replay()", () => {
  it("shows what one threshold does to two kinds of prompts, and that a threshold each or ranks mend it", () => {
    const pools = [easy, hard];
    const starved = (way: typeof paper & object): readonly boolean[] =>
      right(replay(pools, way, settings)).map(({ fallbacks }) => fallbacks > 0);
    assert.deepEqual(starved(of("paper")), [false, true]);
    assert.ok((right(replay(pools, of("paper", true), settings))[1]?.passed ?? 0) >= G);
    assert.deepEqual([starved(of("paper", true)), starved(of("quantile"))], [[false, false], [false, false]]);
  });
  it("keeps G of what it started, and never asks for more than the pool", () =>
    fc.assert(fc.property(
      fc.array(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 4 * G, maxLength: 4 * G }), {
        minLength: 1,
        maxLength: 3,
      }),
      fc.constantFrom(...screeningWays(settings)),
      (scores, way) => {
        const groups = right(replay(scores.map((each, at) => pool(at, "textual", each)), way, settings));
        for (const { kept, started } of groups) {
          assert.equal(kept.length, G);
          assert.ok(kept.every((row) => started.includes(row)) && started.length <= 4 * G);
        }
      },
    )));
});

describe("summariseReplay()", () => {
  it("counts steps, right answers and spread", () => {
    const groups = right(replay([easy, hard], of("quantile"), settings));
    const found = summariseReplay(groups, of("quantile"), T);
    assert.equal(found.decodeSteps, 4 * G * previewStep + G * (T - previewStep));
    assert.deepEqual([found.rightStarted, found.rightKept, found.starved], [0.5, 0.5, 0]);
    assert.ok(found.rewardKept > found.rewardStarted && found.spreadKept < found.spreadStarted);
    const extremes = summariseReplay(
      right(replay([easy, hard], of("extremes"), settings)),
      of("extremes"),
      T,
    );
    assert.ok(extremes.spreadKept > extremes.spreadStarted);
    const plain = summariseReplay(unscreenedGroups([easy, hard], G), null, T);
    assert.deepEqual([plain.decodeSteps, plain.passRate.visual, plain.candidates], [G * T, null, G]);
  });
});

describe("wayCorrelations() and poolsPart()", () => {
  it("correlate in each mode, and tell every rule and way", () => {
    const correlations = wayCorrelations([easy, hard], ways, keyFromSeed(1));
    assert.equal(correlations.length, 2 * ways.length);
    assert.ok(correlations.every(({ mean, equalPrompts }) => mean === 1 && equalPrompts === 1));
    const replays = [null, ...screeningWays(settings)].map((way) =>
      summariseReplay(
        way === null ? unscreenedGroups([easy, hard], G) : right(replay([easy, hard], way, settings)),
        way,
        T,
      )
    );
    const text = poolsPart({ groups: 2, candidates: 4 * G, correlations, replays }).join("\n");
    for (const way of [null, ...screeningWays(settings)]) {
      assert.ok(text.includes(`\n| ${screeningWayName(way)} | `));
    }
    for (const way of ways) assert.ok(text.includes(`\n| ${wayName(way)} | 1.00`));
  });
});
