/**
 * `deno task bench estimate`: what an update of the published model costs on one H100, from formulas.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import type { Fields } from "../lib/config/field.ts";
import { commandExitCode } from "../lib/run/command.ts";
import { parseShowoConfig, type ShowoConfig } from "../lib/showo/config.ts";
import { estimateUpdate, type Gpu, H100, type UpdateShape } from "./gpu_estimate.ts";
import { valueOf } from "./random_run.ts";
import { markdownTable } from "./update_table.ts";

/** Show-o at 512 pixels: what its `config.json` says, the rest is phi-1.5. */
const PUBLISHED = {
  llm_vocab_size: 50295,
  codebook_size: 8192,
  num_vq_tokens: 1024,
  vocab_size: 58498,
};

/** The paper's update: G 9, T 50, 36 candidates to step 10, all steps in the gradient. */
export const PAPER_UPDATE: UpdateShape = {
  group: 9,
  candidates: 36,
  timesteps: 50,
  previewStep: 10,
  updateSteps: 50,
  question: 120,
  answer: 32,
  trainable: "concept_rows",
  microRows: 4,
};

const CASES: readonly (readonly [string, Partial<UpdateShape>, Gpu])[] = [
  ["concept rows, float32", {}, H100.float32],
  ["concept rows, TF32", {}, H100.tf32],
  ["concept rows, 8 drawn steps, TF32", { updateSteps: 8 }, H100.tf32],
  ["everything, TF32", { trainable: "full", microRows: 1 }, H100.tf32],
];

function caseRow(config: ShowoConfig, [name, changes, gpu]: (typeof CASES)[number]): readonly string[] {
  const { phases, seconds, memory, fits } = estimateUpdate(config, { ...PAPER_UPDATE, ...changes }, gpu);
  const bounds = new Set(phases.filter((each) => each.seconds > 0.01 * seconds).map(({ bound }) => bound));
  return [
    name,
    (phases.reduce((sum, { flops }) => sum + flops, 0) / 1e15).toFixed(1),
    ...phases.map((phase) => phase.seconds.toFixed(1)),
    seconds.toFixed(0),
    [...bounds].join(", "),
    `${(memory / 1e9).toFixed(0)} GB${fits ? "" : ", does not fit"}`,
  ];
}

/**
 * Writes the estimates as a table.
 *
 * @param config The sizes of the model.
 * @returns Markdown.
 */
export function estimateTable(config: ShowoConfig): string {
  const head = [
    "trained",
    "PFLOP",
    "reason s",
    "preview s",
    "complete s",
    "update s",
    "all s",
    "bound by",
    "memory",
  ];
  return markdownTable(head, CASES.map((each) => caseRow(config, each)));
}

const FLAGS = {} as const satisfies Fields;

/**
 * Runs the command.
 *
 * @returns The exit code.
 */
export function bench(words: readonly string[]): Promise<number> {
  const spec = {
    name: "bench estimate",
    summary: "Estimates an update of the published model.",
    options: FLAGS,
  };
  return commandExitCode<typeof FLAGS, Record<never, never>>(spec, () => ({ log }) => () => {
    log.info(estimateTable(valueOf(parseShowoConfig(PUBLISHED, "published"))));
    return Promise.resolve(E.right(0));
  }, words);
}
