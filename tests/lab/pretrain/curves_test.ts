import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import * as E from "fp-ts/lib/Either.js";
import { curvePoints, keepCurve } from "../../../lab/pretrain/curves.ts";
import { memoryFiles } from "../../support/files.ts";

const line = (step: number, loss: number): string =>
  `${JSON.stringify({ step, seconds: step, loss, top1: 1 })}\n`;

describe("curvePoints()", () => {
  it("keeps what a continued training wrote last", () => {
    const text = [line(1, 9), line(50, 5), line(100, 4), line(150, 3), line(100, 2), line(150, 1)].join("");
    assert.deepEqual(curvePoints(text).map(({ step, loss }) => [step, loss]), [[1, 9], [50, 5], [100, 2], [
      150,
      1,
    ]]);
  });
});

describe("keepCurve()", () => {
  it("writes the numbers and a picture with a plot for each scalar", async () => {
    const files = memoryFiles();
    await files.append("work/judge.jsonl", line(1, 9) + line(50, 5))();
    assert.deepEqual(
      await keepCurve("judge", { folder: "work", assets: "out" })({ files })(),
      E.right(undefined),
    );
    const text = await files.readText("out/curves/judge.jsonl")();
    assert.deepEqual(text, E.right(line(1, 9) + line(50, 5)));
    const svg = await files.readText("out/curves/judge.svg")();
    assert.ok(E.isRight(svg) && ["judge", "loss", "top1"].every((word) => svg.right.includes(word)));
  });

  it("says which curve is broken", async () => {
    const files = memoryFiles();
    await files.append("work/judge.jsonl", "{broken")();
    const result = await keepCurve("judge", { folder: "work", assets: "out" })({ files })();
    assert.ok(E.isLeft(result) && JSON.stringify(result.left).includes("work/judge.jsonl"));
  });
});
