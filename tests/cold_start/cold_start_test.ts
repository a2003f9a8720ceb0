import { describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import assert from "node:assert/strict";
import { BEGIN_ANEW } from "../../lib/core/error.ts";
import { coldStart } from "../../lib/cold_start/cold_start.ts";
import type { ColdStartNeeds, ColdStartOptions } from "../../lib/cold_start/settings.ts";
import type { ConceptRows } from "../../lib/showo/concept_rows.ts";
import type { Runtime } from "../../lib/method/runtime.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { disposeTree } from "../../lib/tensor/tree.ts";
import { numbers, snapshot } from "../showo/fixture_weights.ts";
import { useTestBackend } from "../support/backend.ts";
import { maxDifference } from "../support/fixture.ts";
import { concept, right, tinyOptions, tinyRuntime, tinyWorld } from "./tiny.ts";

await useTestBackend();
const runtime = tinyRuntime();
const small = { understandingBatch: 2, generationBatch: 2, learningRate: 0.02 };
const run = async (
  changes: Partial<ColdStartOptions> = {},
  where: { readonly world?: ColdStartNeeds; readonly on?: Runtime } = {},
): Promise<ReturnType<typeof E.right<ConceptRows>> | E.Left<unknown>> =>
  await coldStart(tinyOptions({ ...small, ...changes }), where.on ?? runtime, concept)(
    where.world ?? tinyWorld(),
  )() as never;
const rowsOf = async (...args: Parameters<typeof run>): Promise<ConceptRows> =>
  right(await run(...args) as never);

/** Indices of the rows whose embeddings differ from the first ones. */
function changed(rows: ConceptRows, from: ConceptRows = runtime.startRows): number[] {
  const [now, old] = [numbers(rows.embed), numbers(from.embed)];
  const width = rows.embed.shape[1] as number;
  return Array.from({ length: rows.embed.shape[0] as number }, (_, row) => row)
    .filter((row) =>
      maxDifference(now.slice(row * width, (row + 1) * width), old.slice(row * width, (row + 1) * width)) > 0
    );
}

describe("coldStart()", () => {
  it("trains stage 1 on dialogues, then stage 2 on pictures too, and reports both", async () => {
    const seen: string[] = [];
    const after: string[] = [];
    const world = tinyWorld();
    const before = snapshot(runtime.base);
    const rows = await rowsOf({
      onStep: (stage, step, metrics) => seen.push(`${stage} ${step} ${Object.keys(metrics).sort().join()}`),
      afterStage: (stage, trained) => {
        after.push(`${stage} ${changed(trained).join()}`);
        return RTE.right(undefined);
      },
    }, { world });
    assert.deepEqual(seen, [
      ...[1, 2, 3].map((step) => `stage1 ${step} grad_norm,loss,mmu`),
      ...[1, 2, 3].map((step) => `stage2 ${step} grad_norm,loss,mmu,t2i`),
    ]);
    assert.deepEqual(after, ["stage1 0,1,2", "stage2 0,1,2,3,4"]);
    assert.deepEqual(snapshot(runtime.base), before);
    assert.match(
      world.lines.at(-1) ?? "",
      /^cold start, stage 2 3\/3 {2}[\d.]+ steps\/s {2}ETA 0 s {2}loss /,
    );
    disposeTree(rows);
  });
  it("trains everything at once in a joint plan", async () => {
    const stages = new Set<string>();
    const rows = await rowsOf({ plan: "joint", onStep: (stage) => stages.add(stage) });
    assert.deepEqual([...stages], ["joint"]);
    assert.deepEqual(changed(rows), [0, 1, 2, 3, 4]);
    disposeTree(rows);
  });
  it("returns the first rows without a plan", async () => {
    const rows = await rowsOf({ plan: "none" });
    assert.deepEqual(snapshot(rows), snapshot(runtime.startRows));
    disposeTree(rows);
  });
  it("adds perception rows in stage 3 and freezes those of stage 2", async () => {
    const saved: Record<string, Record<string, number[]>> = {};
    const rows = await rowsOf({
      plan: "stages3",
      perceptionTokens: 1,
      perceptionPictures: 2,
      decoding: { timesteps: 3, guidanceScale: 0, temperature: 1 },
      afterStage: (stage, trained) => {
        saved[stage] = snapshot(trained);
        return RTE.right(undefined);
      },
    });
    const width = runtime.config.width;
    const part = (stage: string, from: number, to: number) =>
      saved[stage]?.["embed"]?.slice(from * width, to * width);
    assert.deepEqual(part("stage2", 4, 5), numbers(runtime.startRows.embed).slice(4 * width));
    assert.deepEqual(part("stage3", 1, 4), part("stage2", 1, 4));
    assert.notDeepEqual(part("stage3", 0, 1), part("stage2", 0, 1));
    assert.notDeepEqual(part("stage3", 4, 5), part("stage2", 4, 5));
    disposeTree(rows);
  });
  it("refuses perception tokens that the plan can't use", async () => {
    for (
      const changes of [{ plan: "stages3" as const }, { perceptionTokens: 1 }, {
        plan: "stages3" as const,
        perceptionTokens: 2,
      }]
    ) {
      const found = await run(changes);
      assert.ok(E.isLeft(found) && (found.left as { _tag: string })._tag === "ConfigInvalid");
    }
  });
  it("gives the same rows for the same seed, others for another", async () => {
    const [one, two, three] = [await rowsOf(), await rowsOf(), await rowsOf({ seed: 2 })];
    assert.deepEqual(snapshot(one), snapshot(two));
    assert.notDeepEqual(snapshot(one), snapshot(three));
    disposeTree([one, two, three]);
  });
  it("counts epochs instead of steps if told so", async () => {
    let last = 0;
    const rows = await rowsOf({
      plan: "joint",
      epochs: 1,
      understandingBatch: 30,
      onStep: (_, step) => last = step,
    });
    const dialogues = new Set(concept.trainingData.stage1.map((sample) => JSON.stringify(sample))).size;
    assert.ok(last >= Math.ceil(dialogues / 30) && last < 8, `${last} steps`);
    disposeTree(rows);
  });
  it("lowers the loss of dialogues and pictures", async () => {
    const losses: number[] = [];
    const rows = await rowsOf({
      plan: "joint",
      steps: 80,
      learningRate: 0.05,
      understandingBatch: 4,
      onStep: (_, __, { loss }) => losses.push(loss as number),
    });
    const mean = (part: number[]): number => part.reduce((sum, x) => sum + x, 0) / part.length;
    const [early, late] = [mean(losses.slice(0, 10)), mean(losses.slice(-10))];
    assert.ok(late < early - 0.05, `${early} to ${late}`);
    disposeTree(rows);
  });
  it("starts generation rows from faces of humans only, if asked to", async () => {
    let asked = 0;
    const faces = (images: readonly unknown[]) => {
      asked += images.length;
      return RTE.right(
        images.map((_, index) => index === 0 ? null : Float32Array.from({ length: 8 }, (_, i) => i)),
      );
    };
    const options = tinyOptions({ plan: "joint", steps: 0, faceInit: true, faces });
    const start = async (category: "human" | "animal"): Promise<number[]> => {
      const rows = right(await coldStart(options, runtime, { ...concept, category })(tinyWorld())());
      const which = changed(rows);
      disposeTree(rows);
      return which;
    };
    assert.deepEqual(await start("animal"), []);
    assert.equal(asked, 0);
    assert.deepEqual(await start("human"), [3, 4]);
    assert.equal(asked, concept.trainImages.length);
  });
  it("stops between two updates and keeps nothing", async () => {
    let steps = 0;
    const before = tf.memory().numTensors;
    const found = await run({ onStep: () => steps++ }, { world: tinyWorld(() => steps >= 1) });
    assert.ok(E.isLeft(found));
    assert.deepEqual(found.left, { _tag: "Interrupted", step: 2, next: BEGIN_ANEW });
    assert.equal(tf.memory().numTensors, before);
  });
  it("tells when the loss is no number any more", async () => {
    const broken = { ...runtime, startRows: { ...runtime.startRows, headBias: tf.fill([5], NaN) } };
    const before = tf.memory().numTensors;
    const found = await run({}, { on: broken });
    assert.ok(E.isLeft(found) && (found.left as { _tag: string })._tag === "Diverged");
    assert.equal(tf.memory().numTensors, before);
    broken.startRows.headBias.dispose();
  });
  it("leaks nothing but the rows it returns", async () => {
    disposeTree(await rowsOf({ steps: 2 }));
    const before = tf.memory().numTensors;
    const rows = await rowsOf({ steps: 2 });
    assert.equal(tf.memory().numTensors, before + 3);
    disposeTree(rows);
  });
  it("gives the same rows compiled", async () => {
    const compiled = tinyRuntime("model");
    const [plain, fast] = [
      await rowsOf({ plan: "joint", steps: 2 }),
      await rowsOf({ plan: "joint", steps: 2 }, { on: compiled }),
    ];
    assert.ok(maxDifference(numbers(fast.embed), numbers(plain.embed)) < 2e-3);
    disposeTree([plain, fast]);
    compiled.dispose();
  });
});
