import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import {
  escapeHtml,
  htmlCharts,
  htmlDetails,
  htmlImage,
  htmlPage,
  htmlScores,
  htmlTable,
  htmlTiles,
  numberCell,
} from "../../lib/run/report_page.ts";

describe("report_page", () => {
  it("no text can break out of its place", () => {
    fc.assert(fc.property(fc.string(), (text) => assert(!/[<>"]/.test(escapeHtml(text)))));
    const hostile = '<script>alert("x")</script>';
    const pieces = [
      htmlPage(hostile, ""),
      htmlTable([hostile], [[hostile]]),
      htmlTiles([{ value: hostile, label: hostile }]),
      htmlCharts([{ title: hostile, svg: "" }]),
      htmlImage(new Uint8Array(), hostile),
      htmlDetails(hostile, ""),
      htmlScores([{ step: 0, scores: { [hostile]: { value: 1 } }, titles: {}, notes: [hostile] }]),
    ];
    for (const html of pieces) assert(!html.includes("<script"));
  });

  it("numberCell() keeps four digits and has a dash for nothing", () => {
    assert.deepEqual([0.123456, 1204, 1e-7, null, undefined, NaN].map(numberCell), [
      "0.1235",
      "1204",
      "1e-7",
      "–",
      "–",
      "–",
    ]);
  });

  it("htmlScores() has a column per step and says the interval", () => {
    const scores = { a: { value: 0.5, low: 0.25, high: 0.75 }, b: { value: null } };
    const html = htmlScores([{ step: 0, scores, titles: { a: "Alpha" }, notes: ["n"] }, {
      step: 9,
      scores: {},
      titles: {},
      notes: ["n"],
    }]);
    assert.match(html, /<th>metric<\/th><th>step 0<\/th><th>step 9<\/th>/);
    assert.match(html, /Alpha<\/td><td class="number">0\.5 \(0\.25 to 0\.75\)<\/td><td class="number">–</);
    assert.equal(html.split('class="note"').length, 2);
  });

  it("htmlImage() carries the picture inside", () => {
    assert.match(htmlImage(Uint8Array.of(1, 2, 3), "x"), /src="data:image\/png;base64,AQID"/);
  });
});
