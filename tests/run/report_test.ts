import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { runFolder } from "../../lib/run/folder.ts";
import { renderReport, writeReport } from "../../lib/run/report.ts";
import { readRun } from "../../lib/run/report_data.ts";
import { writeDemoRun } from "./demo_run.ts";
import { memoryFiles } from "./memory_files.ts";
import { right } from "./outcome.ts";

describe("report", () => {
  it("writes one file with curves, scores, samples and set-up, and nothing from the network", async () => {
    const files = memoryFiles();
    const run = await writeDemoRun(files, { name: "mochi", reward: 0.6 });
    right(await files.writeAtomic(run.notes, "reward fer has nothing to go by\n")());
    const path = right(await writeReport(run)({ files })());
    const html = right(await files.readText(path)());
    for (
      const part of [
        '<p class="note">reward fer has nothing to go by</p>',
        "Course of the training",
        "Evaluation",
        "Samples of the training",
        "Set-up",
        "data:image/png;base64,",
      ]
    ) {
      assert(html.includes(part), part);
    }
    assert(!/<script|<link|(?:src|href)="(?!data:)/.test(html));
    assert(!/https?:\/\/(?!www\.w3\.org\/)/.test(html));
    assert(html.includes("0.2 → 0.6"));
  });

  it("has a page for a run that has not measured anything yet", async () => {
    const data = right(await readRun(runFolder("runs/x"))({ files: memoryFiles() })());
    const html = await renderReport(data);
    assert(html.includes("<h1>x</h1>") && !html.includes("Course of the training"));
  });
});
