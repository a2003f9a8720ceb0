import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import * as TE from "fp-ts/lib/TaskEither.js";
import { appendRows, openManifest, readPredictionFolder } from "../../lib/evaluation/manifest.ts";
import { predictionLine, type PredictionRow } from "../../lib/evaluation/prediction_rows.ts";
import { memoryFiles } from "../support/files.ts";
import { failure, succeed } from "./world_fixture.ts";

const silent = { info: () => {}, warn: () => {}, progress: () => {} };

const row = (item: string): PredictionRow => ({
  v: 1,
  model: "m",
  bench: "unifybench++",
  concept: "mip",
  task: "qa",
  item,
  prediction: "x",
  key: "k",
});

describe("openManifest()", () => {
  it("begins empty and finds what was appended", async () => {
    const world = { files: memoryFiles() };
    assert.equal((await succeed(openManifest("e"), world)).size, 0);
    await succeed(appendRows("e", [row("qa_000"), row("qa_001")]), world);
    await succeed(appendRows("e", []), world);
    const found = await succeed(openManifest("e"), world);
    assert.deepEqual([...found.values()], [row("qa_000"), row("qa_001")]);
  });

  it("takes out a line that a crash cut off, so that the next one stands alone", async () => {
    const text = predictionLine(row("qa_000")) + predictionLine(row("qa_001")).slice(0, 20);
    const world = { files: memoryFiles({ "e/predictions.jsonl": text }) };
    assert.equal((await succeed(openManifest("e"), world)).size, 1);
    await succeed(appendRows("e", [row("qa_002")]), world);
    assert.equal(
      await succeed(() => world.files.readText("e/predictions.jsonl"), {}),
      predictionLine(row("qa_000")) + predictionLine(row("qa_002")),
    );
  });

  it("refuses a file that is damaged in the middle", async () => {
    const world = { files: memoryFiles({ "e/predictions.jsonl": `{\n${predictionLine(row("qa_000"))}` }) };
    assert.match(await failure(openManifest("e"), world), /e\/predictions\.jsonl:1/);
  });
});

describe("readPredictionFolder()", () => {
  it("reads all JSON Lines but the items, and finds pictures from the working folder", async () => {
    const { prediction: _, ...head } = row("prompt_000") as PredictionRow & { prediction: string };
    const picture = { ...head, task: "pure_gen", sample: 0, image: "img/0.png" } as PredictionRow;
    const world = {
      log: silent,
      files: memoryFiles({
        "p/a.jsonl": predictionLine(row("qa_000")),
        "p/b.jsonl": predictionLine(picture),
        "p/items.jsonl": "not a prediction",
        "p/scores.jsonl": "nor this",
        "p/notes.txt": "nothing",
      }),
    };
    const rows = await succeed(readPredictionFolder("p"), world);
    assert.deepEqual(rows, [row("qa_000"), { ...picture, image: "p/img/0.png" }]);
  });

  it("says that a folder holds none", async () => {
    assert.match(
      await failure(readPredictionFolder("p"), { files: memoryFiles(), log: silent }),
      /^p: holds no predictions/,
    );
  });

  it("names what is called like predictions and can't be read, and goes on with the rest", async () => {
    const warnings: string[] = [];
    const files = memoryFiles({ "p/a.jsonl": predictionLine(row("qa_000")) });
    const world = {
      files: { ...files, list: () => TE.right(["a.jsonl", "folder.jsonl"]) },
      log: { ...silent, warn: (line: string) => void warnings.push(line) },
    };
    assert.deepEqual(await succeed(readPredictionFolder("p"), world), [row("qa_000")]);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? "", /^skipped p\/folder\.jsonl: .* a folder, a dead link or not readable/);
  });
});
