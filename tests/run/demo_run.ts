/**
 * A small run folder in memory, for tests of what reads one.
 *
 * @module
 */
import { join } from "node:path";
import { solidImage } from "../../lib/image/image.ts";
import { encodePng } from "../../lib/image/png.ts";
import { stepName } from "../../lib/run/checkpoint_folder.ts";
import { type Images, writeEvaluation } from "../../lib/run/evaluation.ts";
import type { Judges } from "../../lib/run/judges.ts";
import { createRunFolder, type RunFolder } from "../../lib/run/folder.ts";
import { liveMachine } from "../../lib/run/live.ts";
import { writeManifest } from "../../lib/run/manifest.ts";
import { appendMetrics } from "../../lib/run/metrics_log.ts";
import { writeSamples } from "../../lib/run/samples.ts";
import type { MemoryFiles } from "./memory_files.ts";
import { right } from "./outcome.ts";

/** A drawn item of an evaluation, with its picture. */
async function writeDrawn(files: MemoryFiles, folder: string): Promise<void> {
  const item = {
    ...{ task: "rea_gen", item: "prompt_000", prompt: "a photo of <c> at night .", promptUsed: "x" },
    ...{ reasoning: "<c> holds a ball at night .", image: "images/c/0.png", scores: { rea_gen_judge: 0.5 } },
    ...{ reference: null, prediction: null },
  };
  right(await files.makeFolder(join(folder, "images", "c"))());
  right(await files.writeAtomic(join(folder, "scores.jsonl"), `${JSON.stringify(item)}\n`)());
  const png = encodePng(solidImage(8, 8, [200, 80, 20]));
  right(await files.writeAtomic(join(folder, item.image), png)());
  right(await files.makeFolder("photos/c")());
  right(await files.writeAtomic(PHOTO, png)());
}

/** A training photo of the demo run. */
const PHOTO = "photos/c/0.png";

/** What its images look like: at the last step they lost their edges, and one is a copy. */
const watched = (folder: string, step: number): Images => ({
  scores: { edge_density: { value: step === 0 ? 0.2 : 0.05, low: 0.01, high: 0.3 }, copies: { value: 0.5 } },
  photos: { edge_density: 0.21 },
  nearest: [{
    ...{ task: "rea_gen", item: "prompt_000", image: join(folder, stepName(step), "images/c/0.png") },
    ...{ photo: PHOTO, bits: 2, cosine: 0.998, copy: true },
  }],
  warnings: step === 0 ? [] : ["images lose their edges: edge_density went from 0.2 to 0.05; raise rl.beta"],
});

/** What is known of its judge. */
const JUDGES: Judges = {
  agreement: [{
    ...{ first: "world", second: "gpt-4o", what: "clauses", cases: 24, unscored: 1, same: 0.875 },
    ...{ kappa: 0.71, low: 0.4, high: 0.9 },
  }],
  bias: [{ probe: "clause order", favours: "early clauses", cases: 24, changed: 0.25, shift: 0.125 }],
};

/**
 * Writes a run of three updates.
 *
 * @param files Where.
 * @param options.name What the run is called.
 * @param options.reward The reward of its last update.
 * @param options.drawn Whether its evaluations kept what was drawn.
 * @returns Its paths under `runs/`.
 */
export async function writeDemoRun(
  files: MemoryFiles,
  options: { readonly name: string; readonly reward: number; readonly drawn?: boolean },
): Promise<RunFolder> {
  const clock = { now: () => 0, date: () => "2026-03-01T12:30:05.123Z" };
  const run = right(
    await createRunFolder(options.name, { root: "runs", hash: "0a1b2c3d" })({ files, clock })(),
  );
  const facts = {
    name: options.name,
    command: "train",
    configHash: "0a1b2c3d",
    seeds: { run: 7 },
    backend: "cpu",
    machine: liveMachine(),
  };
  right(await writeManifest(run.manifest, facts, { root: "." })({ files, clock })());
  right(await files.writeAtomic(run.config, `# Name.\nname: ${options.name}\n`)());
  for (const step of [1, 2, 3]) {
    const metrics = { reward: options.reward * step / 3, kl: 0.01, step_time: 2 };
    right(await appendMetrics(run.metrics, { step, metrics })({ files })());
    const sample = { image: solidImage(4, 4), prompt: "<script>", reward: 0.5 };
    right(await writeSamples(run.samples, step, [sample])({ files })());
  }
  for (const step of [0, 3]) {
    const scores = { rec_weight: { value: options.reward } };
    const images = options.drawn ? { images: watched(run.evaluations, step), judges: JUDGES } : {};
    right(
      await writeEvaluation(run.evaluations, { step, scores, titles: {}, notes: [], ...images })({ files })(),
    );
    if (options.drawn) await writeDrawn(files, join(run.evaluations, stepName(step)));
  }
  return run;
}
