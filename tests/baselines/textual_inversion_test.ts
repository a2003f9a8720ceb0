import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import { inversionPlan, textualInversion } from "../../lib/baselines/textual_inversion.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { disposeTree } from "../../lib/tensor/tree.ts";
import { numbers, snapshot } from "../showo/fixture_weights.ts";
import { useTestBackend } from "../support/backend.ts";
import { concept, right, tinyRuntime, tinyWorld } from "../cold_start/tiny.ts";
import { tinyBaseline } from "./tiny_baseline.ts";

await useTestBackend();
const runtime = tinyRuntime();
const learn = async (changes: Parameters<typeof tinyBaseline>[0] = {}, world = tinyWorld()) =>
  right(await textualInversion(tinyBaseline(changes), runtime, concept)(world)());

describe("textualInversion()", () => {
  it("trains all rows of the word on pictures and leaves the model as it is", async () => {
    const [base, before] = [snapshot(runtime.base), tf.memory().numTensors];
    const world = tinyWorld();
    const [start, learnt] = [await learn({ steps: 0 }), await learn({}, world)];
    const width = start.embed.shape[1] as number;
    const [from, to] = [numbers(start.embed), numbers(learnt.embed)];
    for (let row = 0; row < (start.embed.shape[0] as number); row++) {
      assert.notDeepEqual(
        to.slice(row * width, (row + 1) * width),
        from.slice(row * width, (row + 1) * width),
      );
    }
    assert.deepEqual(snapshot(runtime.base), base);
    assert.ok(
      world.lines.some((line) => /^textual inversion 3\/3 .* t2i /.test(line)),
      world.lines.join("\n"),
    );
    assert.ok(!world.lines.some((line) => line.includes("mmu")), "no dialogue was trained on");
    disposeTree([start, learnt]);
    assert.equal(tf.memory().numTensors, before);
  });

  it("is the same again, and lowers the loss", async () => {
    const losses = (lines: readonly string[]) =>
      lines.flatMap((line) => Number(/ t2i ([\d.]+)/.exec(line)?.[1] ?? []));
    const world = tinyWorld();
    const [one, two] = [
      await learn({ steps: 12, learningRate: 0.05 }, world),
      await learn({ steps: 12, learningRate: 0.05 }),
    ];
    assert.deepEqual(snapshot(one), snapshot(two));
    const course = losses(world.lines);
    const mean = (part: readonly number[]) => part.reduce((a, b) => a + b, 0) / part.length;
    assert.ok(mean(course.slice(-4)) < mean(course.slice(0, 4)), course.join());
    disposeTree([one, two]);
  });

  it("needs photos, and stops when asked to", async () => {
    const bare = await textualInversion(tinyBaseline(), runtime, { ...concept, trainImages: [] })(
      tinyWorld(),
    )();
    assert.ok(E.isLeft(bare) && bare.left._tag === "InputInvalid");
    const stopped = await textualInversion(tinyBaseline(), runtime, concept)(tinyWorld(() => true))();
    assert.ok(E.isLeft(stopped) && stopped.left._tag === "Interrupted");
  });
});

describe("inversionPlan()", () => {
  it("draws and doesn't talk", () => {
    const { understanding, drawing, trainable } = inversionPlan(2);
    assert.deepEqual([understanding, drawing, trainable], [false, true, [true, true]]);
  });
});
