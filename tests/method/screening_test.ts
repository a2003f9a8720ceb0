import { describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import assert from "node:assert/strict";
import { keyFromSeed } from "../../lib/core/key.ts";
import type { RewardConcept, RewardExpert } from "../../lib/rewards/expert.ts";
import { initialThreshold, type ThresholdState } from "../../lib/rl/threshold.ts";
import { disposeState } from "../../lib/method/policy.ts";
import { fillGroup, type Group } from "../../lib/method/screening.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { useTestBackend } from "../support/backend.ts";
import {
  askedTask,
  brightness,
  type Changes,
  concept,
  contextOf,
  freshState,
  plainExpert,
  right,
  runtimeFor,
  smallSettings,
} from "./tiny_run.ts";

await useTestBackend();
const runtime = runtimeFor(smallSettings());
const state = freshState(runtime, smallSettings());
const task = askedTask(runtime);
const { id, token, className, category } = concept;
const rewardConcept: RewardConcept = { id, token, className, category, references: [] };

/** An expert with a list of scores, given out in order; counts rows per call. */
function listed(scores: readonly number[]): RewardExpert & { readonly batches: number[] } {
  const batches: number[] = [];
  let next = 0;
  return {
    name: "ber",
    batches,
    score: (rows) =>
      RTE.fromIO(() => {
        batches.push(rows.length);
        return Float32Array.from(rows, () => scores[next++] ?? NaN);
      }),
  };
}

/** The model with a list of how many pictures each call decoded. */
function countingDecodes() {
  const decoded: number[] = [];
  const { codec } = runtime;
  const decode: typeof codec.decode = (codes) => {
    decoded.push(codes.length);
    return codec.decode(codes);
  };
  return { decoded, watched: { ...runtime, codec: { ...codec, decode } } };
}

function clock() {
  let now = 0;
  return { clock: { now: () => now += 1000, date: () => "2025-01-01T00:00:00Z" } };
}

async function fill(
  previewExpert: RewardExpert,
  options: {
    readonly changes?: Changes;
    readonly threshold?: ThresholdState | null;
    readonly seed?: number;
  } = {},
): Promise<Group> {
  const { changes = {}, threshold = initialThreshold(0.5), seed = 3 } = options;
  const settings = smallSettings(changes);
  const context = { ...contextOf(runtime, settings, state), concept: rewardConcept, previewExpert };
  return right(await fillGroup(context, task, { key: keyFromSeed(seed), threshold })(clock())());
}

const G = 4;

describe("fillGroup()", () => {
  it("starts batches until enough previews pass", async () => {
    const expert = listed([0.9, 0.1, 0.8, 0.2, 0.7, 0.1, 0.6, 0.1]);
    const { screened, trajectories, previewScores, rejects } = await fill(expert);
    assert.deepEqual(expert.batches, [G, G]);
    assert.deepEqual(screened.kept, [0, 2, 4, 6]);
    assert.deepEqual([screened.passed, screened.scored, screened.fallbacks.length], [4, 8, 0]);
    assert.deepEqual(rejects.map(({ score }) => Math.round(score * 10)), [1, 2, 1, 1]);
    assert.equal(trajectories.length, G);
    assert.deepEqual(previewScores.map((score) => Math.round(score * 10)), [9, 8, 7, 6]);
  });
  it("is satisfied with one batch that passes", async () => {
    const expert = listed([0.9, 0.9, 0.9, 0.9]);
    const { screened } = await fill(expert);
    assert.deepEqual([expert.batches, screened.passRate], [[G], 1]);
  });
  it("stops at the cap and fills up with the best that failed", async () => {
    const expert = listed([0.1, 0.2, 0.9, 0.3, 0.4, 0.05]);
    const { screened, trajectories } = await fill(expert, { changes: { dsog: { max_candidates: 6 } } });
    assert.deepEqual(expert.batches, [4, 2]);
    assert.deepEqual([screened.kept, screened.fallbacks], [[1, 2, 3, 4], [1, 3, 4]]);
    assert.equal(trajectories.length, G);
  });
  it("costs at most eight times the group by default", async () => {
    const expert = listed(Array<number>(99).fill(0.1));
    const { screened } = await fill(expert);
    assert.equal(screened.scored, 8 * G);
    assert.equal(screened.fallbacks.length, G);
  });
  it("calibrates the first threshold on the first batch", async () => {
    const scores = [0.1, 0.2, 0.3, 0.4];
    const group = await fill(listed([...scores, 0.05, 0.9, 0.9, 0.9]), {
      changes: { dsog: { target_pass_rate: 0.25 } },
      threshold: null,
    });
    const { threshold } = group.threshold as ThresholdState;
    assert.ok(threshold >= 0.3 && threshold < 0.4, `${threshold}`);
    assert.deepEqual(group.screened.kept, [3, 5, 6, 7]);
    const given = await fill(listed(Array<number>(40).fill(0.9)), {
      changes: { dsog: { initial_threshold: 0.6 } },
      threshold: null,
    });
    assert.equal(given.threshold?.threshold, 0.6);
  });
  it("screens nothing if it is switched off", async () => {
    const expert = listed([]);
    const { screened, threshold, previewScores, trajectories } = await fill(expert, {
      changes: { dsog: { enabled: false } },
      threshold: null,
    });
    assert.deepEqual(expert.batches, []);
    assert.deepEqual([screened.kept, threshold, previewScores], [[0, 1, 2, 3], null, []]);
    assert.equal(trajectories.length, G);
  });
  it("decodes each finished picture once, and previews for the expert alone", async () => {
    const counted = async (changes: Changes, scores: readonly number[]) => {
      const { watched, decoded } = countingDecodes();
      const context = contextOf(watched, smallSettings(changes), state);
      const options = { key: keyFromSeed(3), threshold: initialThreshold(0.5) };
      const needs = { ...context, concept: rewardConcept, previewExpert: listed(scores) };
      right(await fillGroup(needs, task, options)(clock())());
      return decoded;
    };
    assert.deepEqual(await counted({}, [0.9, 0.9, 0.9, 0.1, 0.9]), [G, G, G]);
    assert.deepEqual(await counted({ dsog: { enabled: false } }, []), [G]);
  });
  it("draws without screening what it draws when all pass", async () => {
    const on = await fill(listed([1, 1, 1, 1]));
    const off = await fill(listed([]), { changes: { dsog: { enabled: false } } });
    assert.deepEqual(off.trajectories, on.trajectories);
    assert.equal(off.trajectories[0]?.records.length, 5);
  });
  it("gives a candidate the same picture, whichever others are kept", async () => {
    const [few, many] = [
      await fill(listed([0.9, 0.9, 0.9, 0.9])),
      await fill(listed([0.1, 0.9, 0.1, 0.9, 0.9, 0.9, 0.1, 0.1])),
    ];
    const of = (group: Group, index: number) => group.trajectories[group.screened.kept.indexOf(index)];
    for (const index of [1, 3]) {
      assert.deepEqual(of(few, index)?.image, of(many, index)?.image);
      assert.equal(of(few, index)?.compoundPrompt, of(many, index)?.compoundPrompt);
    }
  });
  it("shows the preview to the expert", async () => {
    const seen: number[] = [];
    await fill(plainExpert("ber", (row) => {
      assert.equal(row.prompt, task.basePrompt);
      assert.ok(row.compoundPrompt.startsWith(task.basePrompt));
      seen.push(brightness(row));
      return 1;
    }));
    assert.equal(seen.length, G);
    assert.ok(new Set(seen).size > 1);
  });
  it("ends with the error of the expert", async () => {
    const failing: RewardExpert = {
      name: "ber",
      score: () => RTE.left({ _tag: "RewardFailed", expert: "ber", problem: "no" }),
    };
    const context = {
      ...contextOf(runtime, smallSettings(), state),
      concept: rewardConcept,
      previewExpert: failing,
    };
    const before = tf.memory().numTensors;
    const found = await fillGroup(context, task, { key: keyFromSeed(1), threshold: null })(clock())();
    assert.ok(E.isLeft(found) && found.left._tag === "RewardFailed");
    assert.equal(tf.memory().numTensors, before);
  });
});

describe("fillGroup(), rules inside the group", () => {
  it("keeps the best of a fixed number, whatever the prompt scores, and has no threshold", async () => {
    const scores = [0.1, 0.2, 0.15, 0.12, 0.3, 0.11, 0.13, 0.05];
    const expert = listed(scores);
    const changes = { dsog: { rule: "quantile", target_pass_rate: 0.5 } };
    const { screened, threshold } = await fill(expert, { changes, threshold: null });
    assert.deepEqual([expert.batches, screened.kept, threshold], [[G, G], [1, 2, 4, 6], null]);
    assert.deepEqual([screened.passRate, screened.fallbacks], [0.5, []]);
    const higher = await fill(listed(scores.map((score) => score + 0.6)), { changes, threshold: null });
    assert.deepEqual(higher.screened.kept, screened.kept);
  });
  it("keeps best and worst, and starts fewer if told so", async () => {
    const changes = { dsog: { rule: "extremes", max_candidates: 6 } };
    const { screened } = await fill(listed([0.5, 0.9, 0.4, 0.1, 0.8, 0.2]), { changes, threshold: null });
    assert.deepEqual([screened.kept, screened.scored], [[1, 3, 4, 5], 6]);
  });
  it("an expert that likes some sentences removes their answers, unless all candidates have one text", async () => {
    const score = (text: string): number =>
      [...text].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 997, 7);
    const taste = plainExpert("ber", (row) => score(row.compoundPrompt) + brightness(row));
    const prompts = async (text: string) => {
      const changes = {
        dsog: { rule: "quantile", target_pass_rate: 0.25, text },
        reasoning: { temperature: 9 },
      };
      const seen: string[] = [];
      const watched: RewardExpert = {
        name: "ber",
        score: (rows) => {
          seen.push(...rows.map(({ compoundPrompt }) => compoundPrompt));
          return taste.score(rows);
        },
      };
      const { trajectories } = await fill(watched, { changes, threshold: null });
      return { seen, kept: trajectories.map(({ compoundPrompt }) => compoundPrompt) };
    };
    const own = await prompts("compound");
    const liked = own.seen.toSorted((a, b) => score(b) - score(a)).slice(0, G);
    assert.ok(new Set(own.seen).size > G);
    assert.deepEqual(own.kept.map(score).toSorted(), liked.map(score).toSorted());
    const { seen, kept } = await prompts("base");
    assert.equal(new Set(seen).size, 1);
    assert.ok(kept.some((prompt) => !liked.includes(prompt)));
    disposeState(state);
    runtime.dispose();
  });
});
