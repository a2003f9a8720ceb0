import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { readablePictures } from "../../lib/evaluation/readable_pictures.ts";
import type { PredictionRow } from "../../lib/evaluation/prediction_rows.ts";
import { solidImage } from "../../lib/image/image.ts";
import { encodePng } from "../../lib/image/png.ts";
import { memoryFiles } from "../support/files.ts";
import { succeed } from "./world_fixture.ts";

const head = { v: 1 as const, model: "m", bench: "unifybench++" as const, concept: "mip", key: "k" };
const picture = (image: string): PredictionRow => ({
  ...{ ...head, task: "pure_gen", item: "prompt_000", sample: 0, image, seed: 1, promptUsed: "a photo" },
});
const answer: PredictionRow = { ...head, task: "qa", item: "qa_000", prediction: "x" };

describe("readablePictures()", () => {
  it("names each picture that can't be read, keeps the others and all answers", async () => {
    const png = encodePng(solidImage(8, 8));
    const files = memoryFiles({
      "good.png": png,
      "empty.png": new Uint8Array(0),
      "text.png": "no picture",
      "cut.png": png.slice(0, 40),
    });
    const warnings: string[] = [];
    const log = { info: () => {}, progress: () => {}, warn: (line: string) => void warnings.push(line) };
    const bad = ["empty.png", "text.png", "cut.png", "missing.png"];
    const rows = [answer, ...bad.map(picture), picture("good.png")];
    assert.deepEqual(await succeed(readablePictures(rows), { files, log }), [answer, picture("good.png")]);
    assert.deepEqual(warnings.map((line) => bad.findIndex((name) => line.startsWith(`skipped ${name}`))), [
      0,
      1,
      2,
      3,
    ]);
  });
});
