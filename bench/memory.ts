/**
 * `deno task bench memory`: the memory of the first gradient of an update at nano size, next to its estimate.
 *
 * Each mode runs in a process of its own, so that one does not use what another freed.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { field, type Fields } from "../lib/config/field.ts";
import { decodeConfig } from "../lib/config/load.ts";
import { fold, keyFromSeed } from "../lib/core/key.ts";
import { commandExitCode } from "../lib/run/command.ts";
import { liveFiles, liveLog } from "../lib/run/live.ts";
import { initialConceptRows } from "../lib/showo/concept_rows.ts";
import { parseShowoConfig, type ShowoConfig } from "../lib/showo/config.ts";
import { imagePrompts } from "../lib/showo/guidance.ts";
import { initialLora } from "../lib/showo/lora.ts";
import { showoModel, withConcept } from "../lib/showo/model.ts";
import { t2iPrompt } from "../lib/showo/prompt.ts";
import { initialShowoWeights, type ShowoWeights } from "../lib/showo/weights.ts";
import { compileUpdate, initialOptimizer } from "../lib/method/gradients.ts";
import { activationBytes, gradientRows, memoryEstimate } from "../lib/training/memory_estimate.ts";
import { loraConfigOf, policyOf, type Trainable } from "../lib/method/policy.ts";
import type { Runtime } from "../lib/method/runtime.ts";
import { TRAINING, type TrainingSettings } from "../lib/method/settings.ts";
import type { ImageBatch } from "../lib/method/update_batches.ts";
import { tf } from "../lib/tensor/tf.ts";
import { flatten, type Tree } from "../lib/tensor/tree.ts";
import { runApart } from "./apart.ts";
import { readMemory } from "./peak_memory.ts";
import { valueOf } from "./random_run.ts";
import { openBench } from "./update.ts";

const MODES = ["concept_rows", "lora", "full"] as const;
type Mode = typeof MODES[number];

const ROWS = 7;
const KEY = keyFromSeed(1);

/** A whole micro-batch: every trajectory and step of it. */
function batchOf(config: ShowoConfig, { rl }: TrainingSettings): ImageBatch {
  const { numVqTokens, vocabulary, textBlock } = config;
  const pictures = rl.microbatch * rl.timestepsPerUpdate;
  const codes = Int32Array.from({ length: pictures * numVqTokens }, (_, n) => n % 2 === 0 ? -1 : n % 1000);
  const prompts = Array.from(
    { length: rl.microbatch },
    (_, row) => t2iPrompt(vocabulary, [row, 5, 9], textBlock),
  );
  return {
    steps: {
      prompts: imagePrompts(prompts, { guided: true, model: showoModel(config) }),
      states: tf.tensor2d(codes, [pictures, numVqTokens], "int32"),
      chosen: tf.tensor2d(codes.map((code) => Math.abs(code)), [pictures, numVqTokens], "int32"),
      guidance: tf.scalar(2),
    },
    tokens: {
      completionMask: tf.ones([pictures, numVqTokens]),
      advantages: tf.ones([pictures, 1]),
      scale: tf.scalar(1e-3),
    },
  };
}

const trainableOf = (base: ShowoWeights, sizes: ShowoConfig, settings: TrainingSettings): Trainable => {
  const lora = loraConfigOf(settings);
  return {
    rows: initialConceptRows(base, ROWS, sizes),
    ...(lora === undefined ? {} : { lora: initialLora(fold(KEY, "lora"), lora, sizes) }),
    ...(settings.rl.trainable === "full" ? { base } : {}),
  };
};

/** One row of the table, measured in this process. */
async function measureHere(mode: Mode): Promise<string> {
  const folder = "assets/nano/unified/config.json";
  const text = valueOf(await liveFiles().readText(folder)());
  const sizes = valueOf(parseShowoConfig(JSON.parse(text), folder));
  const settings = valueOf(decodeConfig(TRAINING, { rl: { trainable: mode } })) as TrainingSettings;
  const log = liveLog({ quiet: true });
  await openBench("tensorflow", log);
  const base = initialShowoWeights(fold(KEY, "weights"), sizes);
  const config = withConcept(sizes, ROWS);
  const model = showoModel(config, { lora: loraConfigOf(settings) });
  const update = compileUpdate({ model } as Runtime, settings);
  const trainable = trainableOf(base, sizes, settings);
  const optimizer = initialOptimizer(settings, trainable);
  const trained = flatten(trainable as Tree).leaves.reduce((sum, leaf) => sum + leaf.size, 0);
  const activations = activationBytes(config, gradientRows(config, settings), { layerwise: false });
  const estimate = memoryEstimate({ held: readMemory().now, trained, activations });
  const batch = batchOf(config, settings);
  const norm = model.sampled(policyOf(base, trainable), (reference) => {
    const { grads } = update.image(trainable, { base, reference }, batch, []);
    update.apply(trainable, optimizer, grads, tf.scalar(1e-3));
    return update.norm(grads);
  });
  norm.dataSync();
  const { peak } = readMemory();
  const cells = [estimate.held, estimate.activations, estimate.optimizer, estimate.peak, peak];
  const gib = cells.map((bytes) => (bytes / 2 ** 30).toFixed(2));
  return `| ${[mode, ...gib, (estimate.peak / peak).toFixed(2)].join(" | ")} |`;
}

const FLAGS = {
  modes: field.list(field.choice(MODES, { doc: "Mode." }), { default: MODES, doc: "What is trained." }),
  only: field.choice(["", ...MODES], {
    default: "",
    doc: "Measure this mode alone, in this process, and print its row.",
  }),
} as const satisfies Fields;

/**
 * Measures the first gradient of each mode.
 *
 * @returns The exit code.
 */
export function bench(words: readonly string[]): Promise<number> {
  const spec = { name: "bench memory", summary: "Measures memory next to its estimate.", options: FLAGS };
  return commandExitCode<typeof FLAGS, Record<never, never>>(spec, ({ options }) => ({ log }) => async () => {
    if (options.only !== "") {
      log.info(await measureHere(options.only));
      return E.right(0);
    }
    log.info(
      "| trained | held, GiB | activations | optimizer | estimate | measured peak | estimate / measured |",
    );
    log.info("|---|---|---|---|---|---|---|");
    for (const mode of options.modes) {
      const { code, out } = await runApart(["memory", "--only", mode]);
      if (code !== 0) return E.right(code);
      log.info(out);
    }
    return E.right(0);
  }, words);
}
