import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import { calibration } from "../../lib/metrics/calibration.ts";
import { runFolder } from "../../lib/run/folder.ts";
import {
  calibrationTables,
  readJudgeCalibration,
  writeJudgeCalibration,
} from "../../lib/run/judge_calibration.ts";
import { readEvaluations, writeEvaluation } from "../../lib/run/evaluation.ts";
import { hardCaseTables, htmlHardCases } from "../../lib/run/report_hard_cases.ts";
import { htmlJudges, judgeTables, plainTable } from "../../lib/run/report_judges.ts";
import { renderReport } from "../../lib/run/report.ts";
import { readRun } from "../../lib/run/report_data.ts";
import { writeModelCard } from "../../lib/trained/write_model_card.ts";
import { writeDemoRun } from "./demo_run.ts";
import { memoryFiles } from "./memory_files.ts";
import { right } from "./outcome.ts";

const log = { info: () => {}, warn: () => {}, progress: () => {} };
const kind = calibration([{ confidence: 1, right: true }, { confidence: 1, right: false }]) ?? assert.fail();
const measured = { profile: "assets/nano", rendered: { kind }, decoded: {} };

describe("the judge in a report", () => {
  it("shows agreement, bias and calibration, on the page and on the card", async () => {
    const files = memoryFiles();
    const run = await writeDemoRun(files, { name: "mochi", reward: 0.6, drawn: true });
    right(await writeJudgeCalibration(run.evaluations, measured)({ files })());
    const html = await renderReport(right(await readRun(run)({ files })()));
    for (
      const part of [
        "How far the judge can be trusted",
        "0.71 (0.4 to 0.9)",
        "early clauses",
        "Probabilities of the attribute reader of assets/nano",
        "calibration error",
      ]
    ) assert.ok(html.includes(part), part);
    const card = right(await files.readText(right(await writeModelCard(run)({ files, log })()))());
    assert.match(card, /\| clauses \| world; gpt-4o \| 24 \| 1 \| 0\.875 \| 0\.71 \(0\.4 to 0\.9\) \|/);
    assert.match(card, /\| rendered \| kind \| 2 \| 0\.5 \| 1 \| 0\.5 \| 0\.5 \|/);
  });

  it("says nothing where nothing was measured", async () => {
    const files = memoryFiles();
    const run = await writeDemoRun(files, { name: "mochi", reward: 0.6 });
    const html = await renderReport(right(await readRun(run)({ files })()));
    assert.ok(!html.includes("How far the judge"));
    assert.deepEqual([judgeTables({ agreement: [], bias: [] }), calibrationTables(null), htmlJudges([])], [
      ...[[], [], ""],
    ]);
  });
});

describe("hard cases in a report", () => {
  it("stand in a table of their own, a column per step", async () => {
    const scores = (value: number) => ({ look_alike_rec: { value, cases: 8, low: 0, high: 1 } });
    const evaluations = [0, 3].map((step) => ({
      ...{ step, scores: {}, titles: {}, notes: [] },
      hardCases: { lookAlikes: "drawn", scores: scores(step / 4) },
    }));
    const [table] = hardCaseTables(evaluations);
    assert.deepEqual(table?.rows, [
      [
        "the concept recognised and a look-alike refused",
        ...["8", "0 (0 to 1)", "0.75 (0 to 1)"],
      ],
    ]);
    assert.ok(htmlHardCases(evaluations).includes("Hard cases, scored apart (look-alikes: drawn)"));
    assert.equal(htmlHardCases([]), "");
    assert.match(plainTable(table ?? assert.fail()), /refused {2}8 {6}0 \(0 to 1\) {2}0\.75 \(0 to 1\)$/);
    const files = memoryFiles();
    const path = right(await writeEvaluation("runs/a/eval", evaluations[1] ?? assert.fail())({ files })());
    assert.match(path, /step-000003\.json$/);
    const [read] = right(await readEvaluations("runs/a/eval")({ files })());
    assert.deepEqual(read?.hardCases, evaluations[1]?.hardCases);
  });
});

describe("readJudgeCalibration()", () => {
  it("reads back what was written, and refuses another file", async () => {
    const files = memoryFiles();
    const { evaluations } = runFolder("runs/a");
    assert.equal(right(await readJudgeCalibration(evaluations)({ files })()), null);
    const path = right(await writeJudgeCalibration(evaluations, measured)({ files })());
    assert.deepEqual(right(await readJudgeCalibration(evaluations)({ files })()), measured);
    right(await files.writeAtomic(path, '{"rendered":1}')());
    const found = await readJudgeCalibration(evaluations)({ files })();
    assert.ok(E.isLeft(found) && found.left._tag === "FileFailure");
  });
});
