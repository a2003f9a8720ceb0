/**
 * `deno task bench update`: one UniCTask-GRPO update on random weights, stage by stage, next to PyTorch.
 *
 * Both sides take turns, so that other load on the machine hits both; of each the update with the least total counts.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { type Field, field, type Fields } from "../lib/config/field.ts";
import type { Log } from "../lib/core/capability.ts";
import { commandExitCode } from "../lib/run/command.ts";
import { type Backend, BACKEND_ORDER, openBackend } from "../lib/tensor/backend.ts";
import { compiledSignatures } from "../lib/tensor/jit.ts";
import {
  type ClockName,
  type RepeatedUpdate,
  repeatedUpdate,
  secondsClock,
  type UpdateSeconds,
} from "./measure_update.ts";
import { randomRun, valueOf } from "./random_run.ts";
import { startTorch, type Torch } from "./torch.ts";
import {
  comparedSeconds,
  type Measured,
  type PeerSeconds,
  screeningFactor,
  updateTable,
  writeTable,
} from "./update_table.ts";
import { resolvedSizes, SIZE_FLAGS, torchSizes, type UpdateSizes } from "./update_sizes.ts";

/** Which backend is measured. */
export const deviceFlag: Field<"auto" | Backend["name"]> = field.choice(
  ["auto", ...BACKEND_ORDER],
  { default: "auto", doc: "Backend." },
);

const FLAGS = {
  ...SIZE_FLAGS,
  repeats: field.positiveInt({ default: 3, doc: "Updates of each side that are timed." }),
  clock: field.choice(["wall", "cpu"], {
    default: "wall",
    doc:
      "Seconds that a user waits, or processor seconds of all threads, for a machine that does other work.",
  }),
  device: deviceFlag,
  torch: field.bool({ default: true, doc: "Time PyTorch, too, where python3 has it." }),
  dsog: field.bool({
    default: true,
    doc: "Also time an update with screening: 4 G previews, G completions.",
  }),
  out: field.text({ default: "", doc: "Write the table into this Markdown file." }),
  section: field.text({ default: "", doc: "Only replace this section of the file." }),
} as const satisfies Fields;

/** What was measured, for the table and the check. */
export interface UpdateResult {
  readonly sizes: UpdateSizes;
  readonly measured: Measured;
}

const total = (seconds: UpdateSeconds): number => Object.values(seconds).reduce((sum, part) => sum + part, 0);

const better = <A>(a: A | null, b: A, cost: (value: A) => number): A =>
  a === null || cost(b) < cost(a) ? b : a;

async function peerUpdate(torch: Torch, way: "batched" | "released"): Promise<PeerSeconds> {
  return JSON.parse(await torch.ask(way)) as PeerSeconds;
}

/** The screening of a full group at the paper's pass rate: four times as many previews as trajectories. */
const screened = ({ group }: UpdateSizes) => ({ previewed: 4 * group, completed: group });

async function timeBoth(
  update: RepeatedUpdate,
  torch: Torch | null,
  options: { readonly sizes: UpdateSizes; readonly repeats: number; readonly dsog: boolean },
): Promise<Pick<Measured, "ours" | "dsog" | "batched" | "released">> {
  const { sizes, repeats, dsog } = options;
  const plain = { previewed: sizes.candidates, completed: sizes.candidates };
  let [ours, on]: (UpdateSeconds | null)[] = [null, null];
  let [batched, released]: (PeerSeconds | null)[] = [null, null];
  if (torch !== null) {
    await peerUpdate(torch, "batched");
    await peerUpdate(torch, "released");
  }
  for (let repeat = 0; repeat < repeats; repeat++) {
    ours = better<UpdateSeconds>(ours as UpdateSeconds | null, await update.run(plain), total);
    if (dsog) {
      on = better<UpdateSeconds>(on as UpdateSeconds | null, await update.run(screened(sizes)), total);
    }
    if (torch === null) continue;
    batched = better<PeerSeconds>(
      batched as PeerSeconds | null,
      await peerUpdate(torch, "batched"),
      comparedSeconds,
    );
    released = better<PeerSeconds>(
      released as PeerSeconds | null,
      await peerUpdate(torch, "released"),
      comparedSeconds,
    );
  }
  return {
    ours: ours as UpdateSeconds,
    dsog: on ?? null,
    batched: batched ?? null,
    released: released ?? null,
  };
}

/** Batches of faces and answers follow how many were found, or said differently: one of a few sizes may come late. */
const BY_CONTENT = /^(face|ernie) /;

/** How a measurement is taken. */
export interface UpdateOptions {
  readonly repeats: number;
  readonly clock: ClockName;
  readonly torch: boolean;
  readonly dsog: boolean;
}

/**
 * Measures one update on the backend that is open.
 *
 * @param options How.
 * @param log Says what was left out.
 * @returns The best update of each side; throws if a stage fails, or if an update after the first compiles anything but
 * another number of faces or answers.
 */
export async function measureUpdate(
  flags: UpdateSizes,
  options: UpdateOptions,
  log: Log,
): Promise<UpdateResult> {
  const sizes = resolvedSizes(flags);
  const before = compiledSignatures().length;
  const now = secondsClock(options.clock);
  const update = await repeatedUpdate(await randomRun(sizes), now);
  const start = now();
  await update.run({ previewed: sizes.candidates, completed: sizes.candidates });
  const first = now() - start;
  const compiled = compiledSignatures().slice(before);
  const started = options.torch
    ? await startTorch("update_torch.py", [torchSizes(sizes, options.clock)])
    : "not asked for";
  if (typeof started === "string") log.info(`PyTorch: skipped, ${started}`);
  const torch = typeof started === "string" ? null : started;
  const timed = await timeBoth(update, torch, { sizes, ...options });
  await torch?.stop();
  const again = compiledSignatures().slice(before + compiled.length).filter(({ name }) =>
    !BY_CONTENT.test(name)
  );
  if (again.length > 0) {
    throw new Error(`compiled again in steady state: ${again.map(({ name }) => name).join(", ")}`);
  }
  return {
    sizes,
    measured: {
      ...timed,
      first,
      compiled,
      torch: torch?.description ?? null,
      clock: options.clock,
    },
  };
}

/** Opens the backend of a measurement. */
export async function openBench(device: "auto" | Backend["name"], log: Log): Promise<Backend> {
  return valueOf(await openBackend({ device })({ log })());
}

/**
 * Runs the command.
 *
 * @returns The exit code.
 */
export function bench(words: readonly string[]): Promise<number> {
  const spec = { name: "bench update", summary: "Times one update, next to PyTorch.", options: FLAGS };
  return commandExitCode<typeof FLAGS, Record<never, never>>(spec, ({ options }) => ({ log }) => async () => {
    const { repeats, clock, device, torch, dsog, out, section, ...sizes } = options;
    const backend = await openBench(device, log);
    const result = await measureUpdate(sizes as UpdateSizes, { repeats, clock, torch, dsog }, log);
    const table = updateTable(result.sizes, result.measured, backend.description);
    log.info(table);
    const factor = screeningFactor(result.sizes, result.measured);
    if (factor !== null) log.info(factor);
    await writeTable({ out, section }, [table, ...(factor === null ? [] : [factor])].join("\n\n"));
    return E.right(0);
  }, words);
}
