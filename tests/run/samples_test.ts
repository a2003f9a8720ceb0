import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { solidImage } from "../../lib/image/image.ts";
import { sampleGrid, sampleLine, writeSamples } from "../../lib/run/samples.ts";
import { memoryFiles } from "./memory_files.ts";
import { right } from "./outcome.ts";

const sample = {
  image: solidImage(8, 8, [1, 2, 3]),
  prompt: "a photo of <mochi>",
  reasoning: "<mochi> wears a red hat.",
  rewards: { clip: 0.5, face: NaN },
  reward: 0.5,
  advantage: -0.25,
  extra: { mode: "textual" },
};

describe("samples", () => {
  it("sampleLine() holds prompt, reasoning and each reward, null for NaN", () => {
    assert.deepEqual(JSON.parse(sampleLine(sample, 3)), {
      index: 3,
      prompt: "a photo of <mochi>",
      reasoning: "<mochi> wears a red hat.",
      rewards: { clip: 0.5, face: null },
      reward: 0.5,
      advantage: -0.25,
      mode: "textual",
    });
  });

  it("sampleGrid() draws one cell per sample", () => {
    assert.equal(sampleGrid([sample, sample], { columns: 2 }).width, 6 + 2 * (128 + 6));
  });

  it("writeSamples() writes the grid and one line per sample", async () => {
    const files = memoryFiles();
    const png = right(await writeSamples("run/samples", 40, [sample, sample])({ files })());
    assert.deepEqual(files.entries.get("run/samples/step-000040.png"), png);
    const text = right(await files.readText("run/samples/step-000040.jsonl")());
    assert.equal(text.trim().split("\n").length, 2);
  });

  it("writeSamples() writes nothing for no samples", async () => {
    const files = memoryFiles();
    assert.equal(right(await writeSamples("run/samples", 40, [])({ files })()), undefined);
    assert.equal(files.entries.size, 0);
  });
});
