import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import * as E from "fp-ts/lib/Either.js";
import tables from "../../assets/published/tables.json" with { type: "json" };
import {
  decodePublished,
  publishedRows,
  type PublishedTable,
  publishedTable,
} from "../../lib/metrics/published.ts";
import { MAIN_COLUMNS } from "../../lib/metrics/table.ts";

const table = (id: string): PublishedTable => {
  const found = publishedTable(id);
  assert.ok(E.isRight(found));
  return found.right;
};
const row = (id: string, method: string) => {
  const found = table(id).rows.find((one) => one.method === method);
  assert.ok(found !== undefined);
  return found;
};
const number = (id: string, method: string, key: string): number => row(id, method).values[key] as number;
const IDS = ["table1", "table2", "table3", "table5_left", "table5_right"];

describe("publishedTable()", () => {
  it("holds as many rows and columns as the paper", () =>
    assert.deepEqual(IDS.map((id) => [table(id).rows.length, table(id).columns.length]), [
      [14, 15],
      [5, 15],
      [4, 15],
      [10, 6],
      [10, 3],
    ]));
  it("has a value or null for every column, in [0, 1]", () => {
    for (const id of IDS) {
      const keys = table(id).columns.map((column) => column.key);
      for (const { values, repaired } of table(id).rows) {
        assert.deepEqual(Object.keys(values), keys);
        assert.ok(Object.values(values).every((value) => value === null || (value > 0 && value < 1)));
        assert.ok(repaired.every((key) => keys.includes(key) && values[key] !== null));
      }
    }
  });
  it("repeats the same numbers where tables share a row", () => {
    assert.deepEqual(row("table2", "UniCTokens-R1").values, row("table1", "UniCTokens-R1").values);
    assert.deepEqual(row("table3", "UniCTokens-R1").values, row("table1", "UniCTokens-R1").values);
    assert.deepEqual(row("table3", "UniCTokens").values, row("table1", "UniCTokens").values);
  });
  it("agrees with the gains that the paper states in words", () => {
    const gain = (keys: readonly string[]): number => {
      const ratio = keys.map((key) =>
        number("table1", "UniCTokens-R1", key) / number("table1", "UniCTokens", key) - 1
      );
      return ratio.reduce((a, b) => a + b, 0) / keys.length;
    };
    assert.ok(Math.abs(gain(["rea_gen_clip_t", "rea_gen_clip_i"]) - 0.1) < 0.001);
    assert.ok(Math.abs(gain(["dense_rea_gen_judge", "dense_rea_gen_clip_i"]) - 0.088) < 0.001);
    assert.ok(Math.abs(gain(["rec_weight", "vqa_bleu", "vqa_judge", "qa_bleu", "qa_judge"]) - 0.122) < 0.001);
  });
  it("names the columns of the main table as ours", () =>
    assert.deepEqual(table("table1").columns, MAIN_COLUMNS));
  it("refuses an unknown id and names the known ones", () => {
    const wrong = publishedTable("table4");
    assert.ok(
      E.isLeft(wrong) && wrong.left._tag === "InputInvalid" && wrong.left.remedy.includes("table5_left"),
    );
  });
});

describe("decodePublished()", () => {
  it("names the field that is wrong", () => {
    const broken = structuredClone(tables) as { tables: { rows: { method: unknown }[] }[] };
    (broken.tables[0] as { rows: { method: unknown }[] }).rows[2] = { method: 3 };
    const outcome = decodePublished(broken);
    assert.ok(E.isLeft(outcome) && outcome.left._tag === "InputInvalid");
    assert.match(outcome.left.problem, /tables\[0\]\.rows\[2\]/);
  });
});

describe("publishedRows()", () => {
  it("labels rows as the paper's, in the asked order, and marks repaired numbers", () => {
    const rows = publishedRows(table("table1"), ["UniCTokens-R1", "DreamBooth (SD)"]);
    assert.deepEqual(rows.map((one) => [one.method, one.origin]), [
      ["UniCTokens-R1", "paper"],
      ["DreamBooth (SD)", "paper"],
    ]);
    assert.deepEqual(rows[1]?.cells.pure_gen_clip_t, { value: 0.282, interval: null, marks: ["†"] });
    assert.deepEqual(rows[1]?.cells.rec_weight?.value, null);
  });
  it("keeps the note of a row", () =>
    assert.ok(
      publishedRows(table("table5_left")).some((one) => one.method === "MC-LLaVA (row badly damaged)"),
    ));
});
