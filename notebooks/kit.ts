/**
 * What every notebook needs before its first idea: running stages, taking results out, showing images and charts.
 *
 * Outside Jupyter nothing is shown; everything else is the same.
 *
 * @module
 */
import * as vega from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import {
  type Checked,
  decodeConfig,
  describe,
  describeBackend,
  encodePng,
  imageGrid,
  type Live,
  liveBlobs,
  liveCapabilities,
  openBackend,
  type Opened,
  openSettings,
  type RgbImage,
  type Stage,
  TRAINING,
  type TrainingSettings,
} from "../mod.ts";

/** The capabilities of this computer; the log stays quiet. */
export const needs: Live & { readonly blobs: typeof liveBlobs } = {
  ...liveCapabilities({ quiet: true }),
  blobs: liveBlobs,
};

/**
 * Takes the result out of a checked value.
 *
 * @returns What is right.
 *
 * @throws Error with the one line that says what is wrong.
 *
 * @example
 * ```ts
 * import { valueOf } from "./kit.ts";
 * import * as E from "fp-ts/lib/Either.js";
 * import assert from "node:assert/strict";
 * assert.equal(valueOf(E.right(3)), 3);
 * ```
 */
export function valueOf<A>(checked: Checked<A>): A {
  if (checked._tag === "Left") throw new Error(describe(checked.left));
  return checked.right;
}

/**
 * Runs a stage on this computer.
 *
 * @throws Error with the one line that says what is wrong.
 */
export async function run<A>(stage: Stage<typeof needs, A>): Promise<A> {
  return valueOf(await stage(needs)());
}

/** Jupyter's display, or null where no kernel runs: there `Deno.jupyter` throws. */
function kernel(): typeof Deno.jupyter | null {
  try {
    return Deno.jupyter;
  } catch {
    return null;
  }
}

/**
 * Shows images side by side.
 *
 * @param images At most five in a row.
 * @param captions One line below each.
 */
export async function show(images: readonly RgbImage[], captions: readonly string[] = []): Promise<void> {
  const cells = images.map((image, index) => ({ image, caption: { note: captions[index] ?? "" } }));
  const png = encodePng(imageGrid(cells, { columns: 5, minimumSide: 128 }));
  const jupyter = kernel();
  if (jupyter !== null) await jupyter.display(jupyter.image(png));
}

/**
 * Shows a chart.
 *
 * @param spec A chart of Vega-Lite.
 */
export async function plot(spec: TopLevelSpec): Promise<void> {
  const view = new vega.View(vega.parse(compile(spec).spec), { renderer: "none" });
  const svg = await view.toSVG();
  const jupyter = kernel();
  if (jupyter !== null) await jupyter.display(jupyter.svg`${svg}`);
}

/**
 * Opens what a run begins with: settings, backend, concept, model.
 *
 * @param changes Settings that differ from the defaults, as in YAML.
 * @returns The settings and what they name; the caller disposes `runtime`.
 */
export async function openRun(
  changes: Readonly<Record<string, unknown>>,
): Promise<Opened & { readonly settings: TrainingSettings }> {
  const settings = valueOf(decodeConfig(TRAINING, changes));
  console.log(describeBackend(await run(openBackend({ device: "auto" }))));
  return { ...await run(openSettings(settings)), settings };
}
