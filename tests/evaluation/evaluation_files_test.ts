import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { HasFiles } from "../../lib/core/capability.ts";
import { solidImage } from "../../lib/image/image.ts";
import { encodePng } from "../../lib/image/png.ts";
import { decodeImage } from "../../lib/image/image_file.ts";
import { scoreLine, writeEvaluationFiles } from "../../lib/evaluation/evaluation_files.ts";
import { memoryFiles } from "../support/files.ts";
import { evaluationFixture, itemFixture } from "./outcome_fixture.ts";
import { failure, succeed } from "./world_fixture.ts";

const picture = (sample: number, image: string | null) =>
  itemFixture({
    task: "rea_gen",
    item: `prompt_00${sample}`,
    sample: 0,
    image,
    scores: { rea_gen_clip_i: 0.5 },
  });

describe("writeEvaluationFiles()", () => {
  it("writes tables, scores, and a grid for each task that has pictures", async () => {
    const files = memoryFiles({
      "a.png": encodePng(solidImage(8, 8)),
      "b.png": encodePng(solidImage(8, 8, [9, 9, 9])),
    });
    const items = [picture(0, "a.png"), picture(1, "b.png"), picture(2, null), itemFixture({})];
    await succeed(writeEvaluationFiles("e", evaluationFixture(), items), { files } as HasFiles);
    assert.deepEqual(await succeed(() => files.list("e"), {}), [
      "rea_gen.png",
      "scores.jsonl",
      "table.csv",
      "table.md",
      "table.tex",
    ]);
    const grid = decodeImage(await succeed(() => files.readBytes("e/rea_gen.png"), {}), "grid");
    assert.ok(grid._tag === "Right" && grid.right.image.width > 2 * 128);
    const lines = (await succeed(() => files.readText("e/scores.jsonl"), {})).trim().split("\n");
    assert.deepEqual(lines.map((line) => JSON.parse(line).item), items.map(({ item }) => item));
    assert.match(
      await succeed(() => files.readText("e/table.csv"), {}),
      /^ours,,measured,rea_bleu,0\.5,0\.4,0\.6,/m,
    );
  });

  it("names a picture that is gone", async () => {
    const stage = writeEvaluationFiles("e", evaluationFixture(), [picture(0, "gone.png")]);
    assert.match(await failure(stage, { files: memoryFiles() } as HasFiles), /^gone\.png: file not found/);
  });
});

describe("scoreLine()", () => {
  it("keeps everything that is known of an item", () => {
    const item = picture(0, "a.png");
    assert.deepEqual(JSON.parse(scoreLine(item)), { v: 1, ...item });
  });
});
