import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { MetricTable } from "../../lib/metrics/table.ts";
import { csvTable, latexTable, markdownTable, terminalTable } from "../../lib/metrics/table_formats.ts";

const table: MetricTable = {
  title: "UnifyBench++ (100 % of 2 concepts)",
  columns: [{ key: "rec_weight", title: "Rec" }, { key: "vqa_bleu", title: "VQA BLEU" }],
  rows: [
    {
      method: 'ours, "nano"',
      group: "Unified",
      origin: "measured",
      cells: {
        rec_weight: { value: 0.51239, interval: { low: 0.4, high: 0.6 }, marks: ["*"] },
        vqa_bleu: { value: null, interval: null, marks: [] },
      },
    },
    {
      method: "R1|x",
      group: "",
      origin: "paper",
      cells: { rec_weight: { value: 0.859, interval: null, marks: ["†"] } },
    },
  ],
  notes: ["judge_model: a<b>"],
};

describe("terminalTable()", () => {
  it("aligns metrics against methods", () =>
    assert.equal(
      terminalTable(table),
      [
        "UnifyBench++ (100 % of 2 concepts)",
        'metric             ours, "nano"  R1|x (paper)',
        "Rec       0.512* [0.400, 0.600]        0.859†",
        "VQA BLEU                      –             –",
        "judge_model: a<b>",
        "(paper): numbers as published, not reproduced here",
        "* fewer than 95 % of the items have a score",
        "† a damaged digit of the published number was put right",
        "",
      ].join("\n"),
    ));
  it("turns around, and leaves intervals out", () => {
    const lines = terminalTable(table, { orientation: "methods", intervals: false, digits: 2 }).split("\n");
    assert.match(lines[1] ?? "", /^method +Rec +VQA BLEU$/);
    assert.match(lines[2] ?? "", /^ours, "nano" +0\.51\* +–$/);
  });
});

describe("markdownTable()", () => {
  it("escapes what Markdown would read", () => {
    const lines = markdownTable(table).split("\n");
    assert.equal(lines[2], '| metric | ours, "nano" | R1\\|x (paper) |');
    assert.equal(lines[3], "|---|---:|---:|");
    assert.equal(lines[4], "| Rec | 0.512\\* [0.400, 0.600] | 0.859† |");
    assert.equal(lines[7], "- judge_model: a<b>");
  });
});

describe("csvTable()", () => {
  it("writes one number a line with full precision", () =>
    assert.deepEqual(csvTable(table).split("\r\n"), [
      "method,group,origin,metric,value,low,high,marks",
      '"ours, ""nano""",Unified,measured,rec_weight,0.51239,0.4,0.6,*',
      '"ours, ""nano""",Unified,measured,vqa_bleu,,,,',
      "R1|x,,paper,rec_weight,0.859,,,†",
      "R1|x,,paper,vqa_bleu,,,,",
      "",
    ]));
});

describe("latexTable()", () => {
  it("escapes special characters and uses booktabs", () => {
    const text = latexTable(table);
    assert.ok(text.includes("\\caption{UnifyBench++ (100 \\% of 2 concepts)}"));
    assert.ok(text.includes("\\begin{tabular}{lrr}"));
    assert.ok(text.includes("Rec & 0.512\\textsuperscript{*} [0.400, 0.600] & 0.859\\dag{} \\\\"));
    assert.ok(text.includes("VQA BLEU & -- & -- \\\\"));
    assert.ok(text.includes("judge\\_model: a\\textless{}b\\textgreater{}"));
  });
});
