/**
 * What the policy drew, step by step: `samples/step-000040.png` to look at, `samples/step-000040.jsonl` to compute with.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { join } from "node:path";
import type { HasFiles } from "../core/capability.ts";
import type { RgbImage } from "../image/image.ts";
import type { Stage } from "../core/stage.ts";
import { stepName } from "./checkpoint_folder.ts";
import { encodePng } from "../image/png.ts";
import { type GridOptions, imageGrid } from "../image/png_grid.ts";

/** One finished trajectory. */
export interface Sample {
  readonly image: RgbImage;
  readonly prompt: string;
  /** What the policy said before it drew. */
  readonly reasoning?: string;
  /** Expert → score; NaN where it does not apply. */
  readonly rewards?: Readonly<Record<string, number>>;
  readonly reward?: number;
  readonly advantage?: number;
  /** Anything else worth keeping: mode, concept, key. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

const noNaN = (_: string, value: unknown): unknown =>
  typeof value === "number" && !Number.isFinite(value) ? null : value;

/**
 * Writes a sample as a line of JSON, its picture as a place in the grid.
 *
 * @param index Its place in the grid, row by row from 0.
 * @returns The line, with its newline; NaN becomes `null`.
 */
export function sampleLine(sample: Sample, index: number): string {
  const { image: _, extra, ...facts } = sample;
  return `${JSON.stringify({ index, ...facts, ...extra }, noNaN)}\n`;
}

/**
 * Draws the grid of a step.
 *
 * @param samples At least one.
 * @param options How it looks.
 * @returns One picture with reward, advantage and prompt below each sample.
 */
export function sampleGrid(samples: readonly Sample[], options: GridOptions = {}): RgbImage {
  return imageGrid(
    samples.map(({ image, reward, advantage, prompt }) => ({
      image,
      caption: {
        prompt,
        ...(reward === undefined ? {} : { reward }),
        ...(advantage === undefined ? {} : { advantage }),
      },
    })),
    options,
  );
}

/**
 * Writes the samples of a step.
 *
 * @param folder The run's `samples` folder.
 * @param samples Nothing is written for none.
 * @returns A stage with the grid's PNG bytes, for TensorBoard, or `undefined` for no samples.
 */
export function writeSamples(
  folder: string,
  step: number,
  samples: readonly Sample[],
): Stage<HasFiles, Uint8Array | undefined> {
  if (samples.length === 0) return () => TE.right(undefined);
  return ({ files }) => {
    const png = encodePng(sampleGrid(samples));
    return pipe(
      files.makeFolder(folder),
      TE.flatMap(() => files.writeAtomic(join(folder, `${stepName(step)}.png`), png)),
      TE.flatMap(() =>
        files.writeAtomic(join(folder, `${stepName(step)}.jsonl`), samples.map(sampleLine).join(""))
      ),
      TE.map(() => png),
    );
  };
}
