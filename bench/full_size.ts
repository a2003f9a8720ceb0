/**
 * `deno task bench full-size`: the published sizes on random weights, from disk to gradient.
 *
 * Writes sharded safetensors into a temporary folder, loads them, and measures each piece of work: seconds of the first
 * call (compilation included) and of the next, operations per second, peak memory.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { field, type Fields } from "../lib/config/field.ts";
import type { Log } from "../lib/core/capability.ts";
import { scoped } from "../lib/core/stage.ts";
import { liveBlobs } from "../lib/run/blobs.ts";
import { commandExitCode } from "../lib/run/command.ts";
import { liveFiles, liveLog } from "../lib/run/live.ts";
import { parseShowoConfig, type ShowoConfig } from "../lib/showo/config.ts";
import { magvitParameters } from "../lib/showo/magvit_config.ts";
import { loadMagvit, PUBLISHED_MAGVIT } from "../lib/showo/magvit_folder.ts";
import { parameterCount, publishedName, showoParameters, showoWeightsFrom } from "../lib/showo/weights.ts";
import { sizeText } from "../lib/tensor/containers/dtype.ts";
import { disposeTree } from "../lib/tensor/tree.ts";
import { writeTree } from "../lib/tensor/tree_file.ts";
import { openWeights } from "../lib/tensor/weight_source.ts";
import {
  decodeWork,
  forwardWork,
  gradientWork,
  pictureWork,
  type Subject,
  type Work,
} from "./full_size_work.ts";
import { forgetPeak, readMemory } from "./peak_memory.ts";
import { valueOf } from "./random_run.ts";
import { writeRandomWeights } from "./random_weights.ts";
import { openBench } from "./update.ts";

/** The published files say no more than this. */
const PUBLISHED = { llm_vocab_size: 50295, codebook_size: 8192, num_vq_tokens: 1024, vocab_size: 58498 };
const GRID = 32;
const LIMIT = 16 * 2 ** 30;

/** A row of the table. */
interface Measured {
  readonly name: string;
  readonly first: number;
  readonly next?: number;
  readonly flops?: number;
  readonly peak: number;
}

const secondsOf = async (run: () => unknown): Promise<number> => {
  const start = performance.now();
  await run();
  return (performance.now() - start) / 1000;
};

async function measure(name: string, run: () => unknown): Promise<Measured> {
  forgetPeak();
  const first = await secondsOf(run);
  return { name, first, peak: readMemory().peak };
}

async function measureWork(work: Work, longest: number): Promise<Measured> {
  const { first, peak } = await measure(work.name, work.run);
  if (first > longest) return { name: work.name, first, next: first, flops: work.flops, peak };
  forgetPeak();
  const next = await secondsOf(work.run);
  return { name: work.name, first, next, flops: work.flops, peak: Math.max(peak, readMemory().peak) };
}

const rowOf = ({ name, first, next, flops, peak }: Measured): string => {
  const rate = flops === undefined || next === undefined ? "–" : (flops / next / 1e9).toFixed(0);
  const work = flops === undefined ? "–" : (flops / 1e12).toFixed(2);
  const cells = [name, first.toFixed(1), next?.toFixed(1) ?? "–", work, rate, (peak / 2 ** 30).toFixed(2)];
  return `| ${cells.join(" | ")} |`;
};

/**
 * Writes measurements as a Markdown table.
 *
 * @returns Lines.
 */
export function fullSizeTable(rows: readonly Measured[]): readonly string[] {
  return [
    "| work | first call, s | next call, s | TFLOP | GFLOP/s | peak memory, GiB |",
    "|---|---|---|---|---|---|",
    ...rows.map(rowOf),
  ];
}

const capabilities = { files: liveFiles(), blobs: liveBlobs, log: liveLog() };

async function writeModel(folder: string, config: ShowoConfig, dtype: "F32" | "F16"): Promise<string> {
  const named = [...showoParameters(config)].map(([path, initial]) =>
    [publishedName(path) as string, initial] as const
  );
  const options = { blobs: liveBlobs, dtype, shardBytes: 2e9 };
  await Deno.mkdir(`${folder}/showo`);
  await Deno.mkdir(`${folder}/magvit`);
  const showo = valueOf(await writeRandomWeights(new Map(named), { ...options, folder: `${folder}/showo` }));
  const magvit = valueOf(
    await writeRandomWeights(magvitParameters(PUBLISHED_MAGVIT), { ...options, folder: `${folder}/magvit` }),
  );
  return `${sizeText(showo.bytes + magvit.bytes)} in ${showo.files + magvit.files} files`;
}

const KINDS = ["picture", "forward", "decode", "gradient", "save"] as const;
type Kind = typeof KINDS[number];

/** What is measured. */
interface Choice {
  /** Image tokens of the pictures. */
  readonly tokens: readonly number[];
  readonly only: readonly Kind[];
  /** Seconds: work whose first call takes more is not done again, and its rate includes the compilation. */
  readonly longest: number;
}

/** Everything about the transformer. */
async function transformerRows(
  folder: string,
  config: ShowoConfig,
  { log, tokens, only, longest }: Choice & { readonly log: Log },
): Promise<readonly Measured[]> {
  const rows: Measured[] = [];
  const note = (row: Measured): void => {
    rows.push(row);
    log.info(rowOf(row));
  };
  const load = scoped(
    openWeights(`${folder}/showo`),
    (source) => RTE.fromEither(showoWeightsFrom(source, config)),
    (source) => source.close(),
  );
  const loaded: { base?: Subject["base"] } = {};
  note(await measure("loading Show-o", async () => loaded.base = valueOf(await load(capabilities)())));
  const { base } = loaded as { readonly base: Subject["base"] };
  const subjects = tokens.map((numVqTokens): Subject => ({ config: { ...config, numVqTokens }, base }));
  const chosen = (kind: Kind): readonly Subject[] => only.includes(kind) ? subjects : [];
  for (const subject of chosen("forward")) note(await measureWork(forwardWork(subject), longest));
  for (const subject of chosen("decode")) {
    const work = decodeWork(subject);
    note(await measureWork(work, longest));
    work.dispose();
  }
  for (const subject of chosen("gradient")) note(await measureWork(gradientWork(subject), longest));
  const saving = () => writeTree(`${folder}/policy.safetensors`, base)(capabilities)().then(valueOf);
  if (only.includes("save")) note(await measure("saving all weights, leaf by leaf", saving));
  disposeTree(base);
  return rows;
}

async function pictureRows(
  folder: string,
  { log, longest }: Choice & { readonly log: Log },
): Promise<readonly Measured[]> {
  const loaded: { magvit?: Awaited<ReturnType<typeof load>> } = {};
  const load = () => loadMagvit(`${folder}/magvit`)(capabilities)().then(valueOf);
  const loading = await measure("loading MAGVIT-v2", async () => loaded.magvit = await load());
  const magvit = loaded.magvit as Awaited<ReturnType<typeof load>>;
  const decoding = await measureWork(pictureWork(magvit, GRID), longest);
  disposeTree(magvit.weights);
  [loading, decoding].forEach((row) => log.info(rowOf(row)));
  return [loading, decoding];
}

const FLAGS = {
  dtype: field.choice(["f32", "f16"], { default: "f32", doc: "How the files are written." }),
  folder: field.text({ default: "", doc: "Read the files of an earlier run." }),
  tokens: field.list(field.positiveInt({ doc: "Codes." }), {
    default: [256, 1024],
    doc: "Codes of the pictures.",
  }),
  only: field.list(field.choice(KINDS, { doc: "Work." }), { default: KINDS, doc: "What is measured." }),
  longest: field.positive({
    default: 600,
    doc: "Seconds of a first call beyond which there is no second; its rate then includes the compilation.",
  }),
  keep: field.bool({ default: false, doc: "Leave the files." }),
} as const satisfies Fields;

/** Random weights of the published shapes, as files. */
async function writeFiles(
  folder: string,
  config: ShowoConfig,
  dtype: "f32" | "f16",
  log: Log,
): Promise<void> {
  const seconds = await secondsOf(async () =>
    log.info(`${folder}: ${await writeModel(folder, config, dtype === "f16" ? "F16" : "F32")}`)
  );
  const billions = (parameterCount(config) / 1e9).toFixed(2);
  log.info(`${billions} B parameters, ${dtype}, written in ${seconds.toFixed(0)} s`);
}

/** Everything chosen, and the exit code: 1 above the limit. */
async function measureAll(folder: string, config: ShowoConfig, choice: Choice, log: Log): Promise<number> {
  const pictures = choice.only.includes("picture") ? await pictureRows(folder, { ...choice, log }) : [];
  const rows = [...await transformerRows(folder, config, { ...choice, log }), ...pictures];
  fullSizeTable(rows).forEach((line) => log.info(line));
  const peak = Math.max(...rows.map((row) => row.peak));
  log.info(`peak ${(peak / 2 ** 30).toFixed(2)} GiB, limit ${LIMIT / 2 ** 30} GiB`);
  return peak > LIMIT ? 1 : 0;
}

/**
 * Measures the published sizes.
 *
 * @returns The exit code; 1 above 16 GiB.
 */
export function bench(words: readonly string[]): Promise<number> {
  const spec = { name: "bench full-size", summary: "Measures the published sizes.", options: FLAGS };
  return commandExitCode<typeof FLAGS, Record<never, never>>(spec, ({ options }) => ({ log }) => async () => {
    const { dtype, keep, ...choice } = options;
    const config = valueOf(parseShowoConfig(PUBLISHED, "config.json"));
    await openBench("auto", log);
    const folder = choice.folder || await Deno.makeTempDir({ prefix: "full-size-" });
    try {
      if (choice.folder === "") await writeFiles(folder, config, dtype, log);
      return E.right(await measureAll(folder, config, choice, log));
    } finally {
      if (!keep && choice.folder === "") await Deno.remove(folder, { recursive: true });
    }
  }, words);
}
