import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { inTableOrder, METRIC_COLUMNS, metricTitle } from "../../lib/evaluation/metrics.ts";
import { MAIN_COLUMNS } from "../../lib/metrics/table.ts";

describe("metrics", () => {
  it("begin with the columns of the paper, none twice", () => {
    assert.deepEqual(METRIC_COLUMNS.slice(0, MAIN_COLUMNS.length), MAIN_COLUMNS);
    assert.equal(new Set(METRIC_COLUMNS.map(({ key }) => key)).size, METRIC_COLUMNS.length);
  });

  it("have a title and a place, unknown ones last", () => {
    assert.equal(metricTitle("rea_bleu"), "Rea BLEU");
    assert.equal(metricTitle("zzz"), "zzz");
    assert.deepEqual(inTableOrder(["zzz", "face_sim", "rec_weight", "face_sim"]), [
      "rec_weight",
      "face_sim",
      "zzz",
    ]);
  });
});
