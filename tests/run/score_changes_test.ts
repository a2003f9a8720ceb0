import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import type { Evaluation, Score } from "../../lib/run/evaluation.ts";
import { farewell } from "../../lib/run/farewell.ts";
import { changeTable, scoreDifference } from "../../lib/run/score_changes.ts";
import { runFolder } from "../../lib/run/folder.ts";
import { memoryFiles } from "../support/files.ts";
import { right } from "./outcome.ts";

const unit = fc.double({ min: 0, max: 1, noNaN: true });
const score: fc.Arbitrary<Required<Score> & { readonly value: number }> = fc.tuple(unit, unit, unit).map(
  (values) => {
    const [low = 0, value = 0, high = 0] = values.toSorted((a, b) => a - b);
    return { low, value, high };
  },
);
const evaluation = (step: number, scores: Evaluation["scores"]): Evaluation => ({
  ...{ step, scores, notes: [], titles: { rec: "Recognition" } },
});
const before = evaluation(0, { rec: { value: 0.5, low: 0.4, high: 0.6 }, vqa: { value: 0.2 } });
const after = evaluation(8, {
  rec: { value: 0.75, low: 0.7, high: 0.8 },
  vqa: { value: null },
  qa: { value: 1 },
});

describe("scoreDifference()", () => {
  it("turns its sign with the order, holds the difference, and is no narrower than either interval", () => {
    fc.assert(fc.property(score, score, (a, b) => {
      const [there, back] = [scoreDifference(a, b), scoreDifference(b, a)];
      const { low = NaN, high = NaN } = there.interval ?? {};
      assert.equal(there.value, b.value - a.value);
      assert.ok(Math.abs(low + (back.interval?.high ?? NaN)) < 1e-12);
      assert.ok(low <= b.value - a.value && high >= b.value - a.value);
      assert.ok(high - low >= Math.max(a.high - a.low, b.high - b.low) / Math.SQRT2 - 1e-12);
    }));
  });
  it("is exact between two scores without doubt", () => {
    const sure = (value: number) => ({ value, low: value, high: value });
    assert.deepEqual(scoreDifference(sure(0.25), sure(0.5)).interval, { low: 0.25, high: 0.25 });
  });
});

describe("changeTable()", () => {
  it("has before, after and difference; what is missing stays missing", () => {
    const table = changeTable([before, evaluation(4, {}), after]);
    assert.deepEqual(table?.rows.map(({ method }) => method), [
      "before (step 0)",
      "after (step 8)",
      "difference",
    ]);
    const difference = table?.rows[2]?.cells;
    assert.equal(difference?.["rec"]?.value, 0.25);
    assert.deepEqual(["vqa", "qa"].map((name) => difference?.[name]?.value), [null, null]);
  });
  it("is none for one state or no state", () => {
    assert.equal(changeTable([before]), null);
    assert.equal(changeTable([]), null);
  });
});

describe("farewell()", () => {
  const folder = runFolder("runs/a");
  it("shows the table, then the folder and the three files to open", async () => {
    const files = memoryFiles({
      "runs/a/eval/step-000000.json": JSON.stringify(before),
      "runs/a/eval/step-000008.json": JSON.stringify(after),
      "runs/a/samples/step-000004.png": "",
      "runs/a/samples/step-000008.png": "",
      "runs/a/samples/step-000008.jsonl": "",
    });
    const text = right(await farewell(folder)({ files })());
    assert.match(
      text,
      /^Evaluation before and after.*\nmetric +before \(step 0\) +after \(step 8\) +difference\n/,
    );
    assert.match(
      text,
      /Recognition +0\.500 \[0\.400, 0\.600\] +0\.750 \[0\.700, 0\.800\] +0\.250 \[0\.138, 0\.362\]\n/,
    );
    assert.deepEqual(text.split("\n").slice(-4), [
      "run: runs/a",
      "report: runs/a/report.html",
      "pictures: runs/a/samples/step-000008.png",
      "numbers: runs/a/metrics.jsonl",
    ]);
  });
  it("names the log where nothing was drawn, and shows no table where nothing was evaluated", async () => {
    const text = right(await farewell(folder)({ files: memoryFiles() })());
    assert.match(text, /^run: runs\/a\n(.*\n)log: runs\/a\/log\.txt\n/);
  });
});
