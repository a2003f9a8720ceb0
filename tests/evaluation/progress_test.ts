import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { inTurn, progressText } from "../../lib/evaluation/progress.ts";
import { failure, succeed, world } from "./world_fixture.ts";

describe("progressText()", () => {
  it("names no time before anything is finished", () => {
    assert.equal(progressText("pictures", { done: 0, total: 4, elapsedMs: 0 }), "eval pictures 0/4 0 %");
    assert.equal(
      progressText("pictures", { done: 1, total: 4, elapsedMs: 60_000 }),
      "eval pictures 1/4 25 %   3 min 0 s left",
    );
  });
});

describe("inTurn()", () => {
  const run = (items: readonly number[], size: number) => {
    const batches: (readonly number[])[] = [];
    const step = (batch: readonly number[]) => RTE.fromIO(() => void batches.push(batch));
    return { batches, stage: inTurn(items, { label: "x", size, step }) };
  };

  it("works everything off in order, the last batch smaller", async () => {
    const { capabilities, status } = world();
    const { batches, stage } = run([1, 2, 3, 4, 5], 2);
    await succeed(stage, capabilities);
    assert.deepEqual(batches, [[1, 2], [3, 4], [5]]);
    assert.deepEqual(status.map((line) => line.split("   ")[0]), [
      "eval x 0/5 0 %",
      "eval x 2/5 40 %",
      "eval x 4/5 80 %",
    ]);
  });

  it("does nothing for nothing", async () => {
    const { capabilities, status } = world();
    const { batches, stage } = run([], 2);
    await succeed(stage, capabilities);
    assert.deepEqual([batches, status], [[], []]);
  });

  it("stops between two batches", async () => {
    const halting = world();
    const { batches, stage } = run([1, 2, 3], 2);
    halting.stop = true;
    assert.match(await failure(stage, halting.capabilities), /^interrupted/);
    assert.equal(batches.length, 0);
  });

  it("passes a failure on", async () => {
    const step = () => RTE.left({ _tag: "TensorFailure" as const, operation: "x", problem: "y" });
    assert.equal(await failure(inTurn([1], { label: "x", size: 1, step }), world().capabilities), "x: y");
  });
});
