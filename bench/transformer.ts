/**
 * `deno task bench`: the small transformer on this project's backend, next to the same in PyTorch where Python has it.
 *
 * Both sides take turns, so that other load on the machine hits both; the best time of each counts.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import type { Fields } from "../lib/config/field.ts";
import { commandExitCode } from "../lib/run/command.ts";
import { forwardFlops, makeWorkload, STANDARD_SHAPE, type Workload } from "../lib/tensor/workload.ts";
import { startTorch, type Torch } from "./torch.ts";
import { deviceFlag, openBench } from "./update.ts";

const KINDS = ["forward", "train"] as const;
const ROUNDS = 6;
const REPEATS = 4;

type Kind = typeof KINDS[number];

function bestOurs(workload: Workload, kind: Kind): number {
  let best = Infinity;
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const start = performance.now();
    if (kind === "forward") workload.forward();
    else workload.trainStep();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

async function compare(workload: Workload, torch: Torch | null, kind: Kind): Promise<string> {
  let ours = Infinity;
  let theirs = Infinity;
  bestOurs(workload, kind);
  await torch?.best(kind, 2);
  for (let round = 0; round < ROUNDS; round++) {
    ours = Math.min(ours, bestOurs(workload, kind));
    if (torch !== null) theirs = Math.min(theirs, await torch.best(kind, REPEATS));
  }
  const gflop = forwardFlops(STANDARD_SHAPE) * (kind === "forward" ? 1 : 3) / 1e9;
  const line = `${kind.padEnd(8)} ${ours.toFixed(1)} ms (${(gflop / ours * 1e3).toFixed(0)} GFLOP/s)`;
  if (torch === null) return line;
  return `${line}; torch ${theirs.toFixed(1)} ms; ours / torch ${(ours / theirs).toFixed(2)}`;
}

const FLAGS = { device: deviceFlag } as const satisfies Fields;

/**
 * Measures the small transformer.
 *
 * @returns The exit code.
 */
export function bench(words: readonly string[]): Promise<number> {
  const spec = { name: "bench transformer", summary: "Times a small transformer.", options: FLAGS };
  return commandExitCode<typeof FLAGS, Record<never, never>>(spec, ({ options }) => ({ log }) => async () => {
    await openBench(options.device, log);
    const torch = await startTorch();
    log.info(typeof torch === "string" ? `PyTorch: skipped, ${torch}` : torch.description);
    const workload = makeWorkload();
    const other = typeof torch === "string" ? null : torch;
    for (const kind of KINDS) log.info(await compare(workload, other, kind));
    workload.dispose();
    await other?.stop();
    return E.right(0);
  }, words);
}
