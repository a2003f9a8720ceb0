/**
 * A small run folder in memory, for tests of what reads one.
 *
 * @module
 */
import { solidImage } from "../../lib/core/image.ts";
import { writeEvaluation } from "../../lib/run/evaluation.ts";
import { createRunFolder, type RunFolder } from "../../lib/run/folder.ts";
import { liveMachine } from "../../lib/run/live.ts";
import { writeManifest } from "../../lib/run/manifest.ts";
import { appendMetrics } from "../../lib/run/metrics_log.ts";
import { writeSamples } from "../../lib/run/samples.ts";
import type { MemoryFiles } from "./memory_files.ts";
import { right } from "./outcome.ts";

/**
 * Writes a run of three updates.
 *
 * @param files Where.
 * @param options.name What the run is called.
 * @param options.reward The reward of its last update.
 * @returns Its paths under `runs/`.
 */
export async function writeDemoRun(
  files: MemoryFiles,
  options: { readonly name: string; readonly reward: number },
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
    right(await writeEvaluation(run.evaluations, { step, scores, titles: {}, notes: [] })({ files })());
  }
  return run;
}
