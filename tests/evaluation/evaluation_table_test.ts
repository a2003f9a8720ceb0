import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { evaluationTable } from "../../lib/evaluation/evaluation_table.ts";
import { terminalTable } from "../../lib/metrics/table_formats.ts";
import { evaluationFixture, scoreFixture } from "./outcome_fixture.ts";

describe("evaluationTable()", () => {
  it("puts the published numbers beside, never among, the measured ones", () => {
    const table = evaluationTable([evaluationFixture()]);
    assert.deepEqual(table.rows.map(({ method, origin }) => [method, origin]), [
      ["ours", "measured"],
      ["UniCTokens", "paper"],
      ["UniCTokens-R1", "paper"],
    ]);
    assert.equal(table.rows[2]?.cells["rea_bleu"]?.value, 0.25);
    assert.deepEqual(table.columns, [{ key: "rea_bleu", title: "Rea BLEU" }]);
    assert.match(
      terminalTable(table),
      /numbers as published in UniCTokens-R1 \(ICLR 2026 submission 19343, 2025\), not reproduced here/,
    );
    assert.equal(evaluationTable([evaluationFixture()], { published: [] }).rows.length, 1);
  });

  it("takes rows from Tables 1 to 3 by name, or all of one", () => {
    const rows = (published: readonly string[]) =>
      evaluationTable([evaluationFixture()], { published }).rows.slice(1);
    const ablations = rows(["table2"]);
    assert.deepEqual(ablations.map(({ method }) => method), [
      "w/o Und.Rea.",
      "w/o VIA",
      "w/o TIA",
      "w/o DSOG",
      "UniCTokens-R1",
    ]);
    assert.equal(ablations[1]?.cells["rea_bleu"]?.value, 0.239);
    assert.deepEqual(rows(["joint", "UniCTokens"]).map(({ method }) => method), ["UniCTokens", "joint"]);
    assert.equal(rows(["table3"]).length, 4);
    assert.equal(rows(["table1"]).length, 14);
  });

  it("compares several evaluations, with all their columns", () => {
    const other = evaluationFixture({
      model: "before",
      concepts: ["mip", "toko"],
      scores: { face_sim: scoreFixture(1) },
    });
    const table = evaluationTable([evaluationFixture(), other], { published: [] });
    assert.deepEqual(table.columns.map(({ key }) => key), ["rea_bleu", "face_sim"]);
    assert.deepEqual(table.rows.map(({ method }) => method), ["ours", "before"]);
    assert.equal(table.title, "unifybench++: mip, toko");
  });

  it("marks low coverage, and shows the photos' likeness in its columns", () => {
    const table = evaluationTable([evaluationFixture({
      scores: { pure_gen_clip_i: scoreFixture(0.5, { coverage: 0.9 }), rea_bleu: scoreFixture(null) },
      realImages: { clip_i: 0.83, dino_i: 0.7 },
    })]);
    assert.deepEqual(table.rows[0]?.cells["pure_gen_clip_i"]?.marks, ["*"]);
    assert.equal(table.rows[1]?.method, "Real Images");
    assert.deepEqual(Object.keys(table.rows[1]?.cells ?? {}), ["pure_gen_clip_i"]);
  });
});

describe("evaluationTable() of another benchmark", () => {
  it("shows the columns of Table 5 under our names, both halves in one row", () => {
    const scores = { rec_weight: scoreFixture(0.5), plain_gen_clip_i: scoreFixture(0.5) };
    const { rows } = evaluationTable([evaluationFixture({ bench: "yollava", scores })]);
    const paper = rows.find(({ method }) => method === "UniCTokens-R1")?.cells;
    assert.deepEqual([paper?.["rec_weight"]?.value, paper?.["plain_gen_clip_i"]?.value], [0.926, 0.822]);
    const dream = evaluationTable([
      evaluationFixture({ bench: "dreambench", scores: { pure_gen_clip_t: scoreFixture(0.3) } }),
    ]);
    const all = evaluationTable([evaluationFixture({ bench: "yollava", scores })], { published: ["table5"] });
    assert.ok(all.rows.some(({ method }) => method === "Text inversion") && all.rows.length > 10);
    assert.equal(dream.rows.at(-1)?.cells["pure_gen_clip_t"]?.value, 0.323);
  });
});
