import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { renderReport } from "../../lib/run/report.ts";
import { readRun } from "../../lib/run/report_data.ts";
import { htmlImages, imageRows, nearestText, readNearest } from "../../lib/run/report_images.ts";
import { writeDemoRun } from "./demo_run.ts";
import { memoryFiles } from "./memory_files.ts";
import { right } from "./outcome.ts";

describe("the images of a report", () => {
  it("stand beside the training photos, with warnings and the copy next to its photo", async () => {
    const files = memoryFiles();
    const run = await writeDemoRun(files, { name: "mochi", reward: 0.6, drawn: true });
    const html = await renderReport(right(await readRun(run)({ files })()));
    for (
      const part of [
        "What the images look like",
        "<th>step 0</th><th>step 3</th><th>training photos</th>",
        "0.05 (0.01 to 0.3)",
        "step 3, warning:</b> images lose their edges",
        "copy: 2 of 64 bits, cosine 0.998",
        "nearest training photo",
      ]
    ) assert.ok(html.includes(part), part);
    assert.ok(!/https?:\/\/(?!www\.w3\.org\/)/.test(html));
  });

  it("leave out a pair whose photo is gone, and the section where nothing was measured", async () => {
    const files = memoryFiles();
    const run = await writeDemoRun(files, { name: "mochi", reward: 0.6, drawn: true });
    const { evaluations } = right(await readRun(run)({ files })());
    assert.equal(right(await readNearest(run.evaluations, evaluations)({ files })()).length, 1);
    right(await files.remove("photos/c/0.png")());
    const left = right(await readNearest(run.evaluations, evaluations)({ files })());
    assert.deepEqual(left, []);
    assert.ok(htmlImages(evaluations, left).includes("edges"));
    assert.equal(htmlImages(evaluations.map(({ images: _, ...rest }) => rest), []), "");
    assert.deepEqual(imageRows([]).rows, []);
  });

  it("say how near they are", () => {
    const pair = { task: "t", item: "i", image: "a", photo: "b", bits: 20, cosine: null, copy: false };
    assert.equal(nearestText(pair), "no copy: 20 of 64 bits");
  });
});
