import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { keyFromSeed } from "../../lib/core/key.ts";
import { aggregate } from "../../lib/metrics/aggregate.ts";
import {
  footnotes,
  measuredColumns,
  measuredRow,
  type MetricTable,
  type TableRow,
} from "../../lib/metrics/table.ts";

const score = (values: readonly (number | null)[]) =>
  aggregate(
    values.map((value, index) => ({ concept: `c${index}`, category: "object", prompt: "p", value })),
    { key: keyFromSeed(0), resamples: 50 },
  );
const paper: TableRow = {
  method: "R1",
  group: "",
  origin: "paper",
  cells: {
    rec: { value: 0.9, interval: null, marks: ["†"] },
    vqa: { value: 0.5, interval: null, marks: [] },
  },
};
const table = (rows: readonly TableRow[]): MetricTable => ({
  title: "t",
  columns: [{ key: "rec", title: "Rec" }, { key: "vqa", title: "VQA" }],
  rows,
  notes: ["judge: none"],
});

describe("measuredRow()", () => {
  it("marks a number with low coverage", () => {
    const { cells, origin } = measuredRow("ours", { rec: score([1, 0]), vqa: score([1, null]) });
    assert.equal(origin, "measured");
    assert.deepEqual([cells.rec?.value, cells.rec?.marks], [0.5, []]);
    assert.deepEqual([cells.vqa?.value, cells.vqa?.marks, cells.vqa?.interval], [1, ["*"], null]);
  });
});

describe("footnotes()", () => {
  it("explains the marks that occur, and nothing else", () => {
    const ours = measuredRow("ours", { rec: score([1, null]) });
    assert.deepEqual(footnotes(table([ours])), [
      "judge: none",
      "* fewer than 95 % of the items have a score",
    ]);
    assert.equal(footnotes(table([ours, paper])).length, 4);
    assert.deepEqual(footnotes(table([])), ["judge: none"]);
  });
});

describe("measuredColumns()", () => {
  it("leaves out what was not measured", () => {
    const ours = measuredRow("ours", { vqa: score([1]) });
    assert.deepEqual(measuredColumns(table([ours, paper])).columns.map((column) => column.key), ["vqa"]);
    assert.equal(measuredColumns(table([paper])).columns.length, 2);
  });
});
