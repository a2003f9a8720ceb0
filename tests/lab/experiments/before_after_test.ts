import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { loadConceptImage } from "../../../lib/concept/photo.ts";
import { type RgbImage, solidImage } from "../../../lib/image/image.ts";
import { encodePng } from "../../../lib/image/png.ts";
import { beforeAfterGrid } from "../../../lab/experiments/before_after.ts";
import { cellsOf } from "../../../lab/experiments/cell.ts";
import type { FinishedCell } from "../../../lab/experiments/run_cells.ts";
import { stepName } from "../../../lib/run/checkpoint_folder.ts";
import { runFolder } from "../../../lib/run/folder.ts";
import { imageGrid } from "../../../lib/image/png_grid.ts";
import { changedFiles, type FileContent, testWorld } from "../../support/files.ts";
import { right, settings } from "./stub_runs.ts";

const base = settings({ profile: "assets/nano" });
const runs: readonly FinishedCell[] = cellsOf(base, {
  concepts: ["mip", "toko"],
  seeds: [1],
  runs: "runs/x",
  tasks: ["pure_gen", "rea_gen"],
}).map((cell) => ({ cell, folder: runFolder(`runs/x/${cell.id}`) }));

const COLOURS = { pure_gen: [200, 0, 0], rea_gen: [0, 0, 200] } as const;
const TASKS = ["pure_gen", "rea_gen"] as const;

/** What a run drew after some steps: brighter with every step. */
const drawn = (task: keyof typeof COLOURS, step: number): RgbImage => {
  const [red, green, blue] = COLOURS[task];
  return solidImage(64, 64, [red, green + 40 * step, blue]);
};

/** Predictions and pictures of all runs after both evaluations; a second picture of each prompt must not show. */
function evaluations(): Readonly<Record<string, FileContent>> {
  return Object.fromEntries(
    runs.flatMap(({ cell, folder }) =>
      [0, 2].flatMap((step) => {
        const place = `${folder.evaluations}/${stepName(step)}`;
        const rows = TASKS.flatMap((task) =>
          [0, 1].map((sample) => ({
            ...{ v: 1, model: "t", concept: cell.concept, task, item: "0", sample },
            ...{ image: `${task}-${sample}.png`, promptUsed: `${task} after ${step}` },
          }))
        );
        const pictures = TASKS.flatMap((task) => [
          [`${place}/${task}-0.png`, encodePng(drawn(task, step))],
          [`${place}/${task}-1.png`, encodePng(solidImage(64, 64))],
        ]);
        return [
          [`${place}/predictions.jsonl`, rows.map((row) => `${JSON.stringify(row)}\n`).join("")],
          ...pictures,
        ];
      })
    ),
  );
}

describe("beforeAfterGrid()", () => {
  it("has a row per run: a photo, then each prompt before and after", async () => {
    const world = testWorld(changedFiles(evaluations()));
    const cells = await Promise.all(runs.map(async ({ cell }) => {
      const photo = await right<RgbImage>(
        loadConceptImage(`assets/world/concept/train/${cell.concept}/0.png`, 64)(world),
      );
      const drawings = TASKS.flatMap((task) =>
        [0, 2].map((step) => ({
          image: drawn(task, step),
          caption: { note: `after ${step} updates`, prompt: `${task} after ${step}` },
        }))
      );
      return [{ image: photo, caption: { note: `${cell.concept}, seed 1`, prompt: "photo" } }, ...drawings];
    }));
    const expected = encodePng(imageGrid(cells.flat(), { columns: 5 }));
    assert.deepEqual(await right<Uint8Array>(beforeAfterGrid(runs)(world)), expected);
  });

  it("names the predictions that are missing", async () => {
    const found = await beforeAfterGrid(runs)(testWorld(changedFiles()))();
    assert.ok(found._tag === "Left" && found.left._tag === "FileMissing");
    assert.match(found.left.path, /t-mip-s1\/eval\/step-000000\/predictions\.jsonl$/);
  });
});
