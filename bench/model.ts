/**
 * `deno task bench model`: what each shortcut of a guided decoding step saves, as ratios of times on the same weights.
 *
 * Cached prompts against whole sequences, a head over image codes against one over the whole vocabulary, both branches
 * in one batch against two calls. The three give the same logits; the largest difference is printed beside.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { field, type Fields } from "../lib/config/field.ts";
import type { Log } from "../lib/core/capability.ts";
import { keyFromSeed } from "../lib/core/key.ts";
import { commandExitCode } from "../lib/run/command.ts";
import type { ShowoConfig } from "../lib/showo/config.ts";
import { encodeImagePrompts, imageHidden, imagePrompts } from "../lib/showo/guidance.ts";
import { maskTensor, t2iVisibility } from "../lib/showo/mask.ts";
import { type Policy, type ShowoModel, showoModel } from "../lib/showo/model.ts";
import type { Prefix, PrefixInput } from "../lib/showo/prefix.ts";
import { t2iPrompt, t2iSequence, unconditionalPrompt } from "../lib/showo/prompt.ts";
import { forward, logits, type SequenceInput } from "../lib/showo/transformer.ts";
import { imageIdsOf, makeVocabulary } from "../lib/showo/vocabulary.ts";
import { initialShowoWeights } from "../lib/showo/weights.ts";
import { tf } from "../lib/tensor/tf.ts";
import { disposeTree } from "../lib/tensor/tree.ts";
import { openBench } from "./update.ts";

/** Sizes of a subject. */
interface Sizes {
  readonly width: number;
  readonly layers: number;
  readonly tokens: number;
  readonly block: number;
  readonly text: number;
  readonly pictures: number;
}

const NAMES = ["nano", "wide"] as const;
const SUBJECTS: Readonly<Record<typeof NAMES[number], Sizes>> = {
  nano: { width: 128, layers: 6, tokens: 64, block: 48, text: 694, pictures: 9 },
  wide: { width: 512, layers: 4, tokens: 256, block: 129, text: 8000, pictures: 2 },
};
const GUIDANCE = 2;
const REPEATS = 5;

const configOf = ({ width, layers, tokens, block, text }: Sizes): ShowoConfig => ({
  width,
  layers,
  heads: width / 32,
  mlpWidth: 4 * width,
  rotaryDims: 16,
  ropeTheta: 10000,
  normEpsilon: 1e-5,
  numVqTokens: tokens,
  textBlock: block,
  vocabulary: makeVocabulary({ textSize: text, endOfText: text - 1, codebookSize: 1024 }),
});

type Columns = "image" | "all";

/** Logits of the image codes, `[rows, N, codes]`, whatever the head computed besides. */
function imageColumns(model: ShowoModel, policy: Policy, hidden: tf.Tensor, columns: Columns): tf.Tensor {
  const found = logits(policy, hidden, { columns, model });
  const { firstImageId, codebookSize } = model.config.vocabulary;
  return columns === "image" ? found : tf.slice(found, [0, 0, firstImageId], [-1, -1, codebookSize]);
}

interface Paths {
  /** Both branches in one batch. */
  readonly cached: () => tf.Tensor;
  readonly whole: () => tf.Tensor;
  readonly allColumns: () => tf.Tensor;
  readonly apart: () => tf.Tensor;
}

type Cached = { readonly codes: tf.Tensor; readonly prefix: Prefix; readonly guidance?: tf.Tensor };

/** A random model and what it draws: each prompt and the empty one beside it, half of the codes unknown. */
function subjectOf(sizes: Sizes) {
  const config = configOf(sizes);
  const { vocabulary, textBlock, numVqTokens } = config;
  const rows = Array.from({ length: sizes.pictures }, (_, row) => row);
  const prompts = rows.map((row) => t2iPrompt(vocabulary, [row, 3, 7], textBlock));
  const empty = rows.map(() => unconditionalPrompt(vocabulary, textBlock));
  const codes = rows.map((row) => Array.from({ length: numVqTokens }, (_, n) => n % 2 ? -1 : n + row));
  const sequences = [...prompts, ...empty].map((prompt, row) => {
    const imageIds = imageIdsOf(vocabulary, codes[row % rows.length] ?? []);
    return [...t2iSequence(vocabulary, { prompt, imageIds }).ids];
  });
  return {
    model: showoModel(config),
    policy: { base: initialShowoWeights(keyFromSeed(1), config) } satisfies Policy,
    ...{ prompts, empty },
    codes: tf.tensor2d(codes, undefined, "int32"),
    sequences: {
      ids: tf.tensor2d(sequences, undefined, "int32"),
      mask: maskTensor(sequences.map((ids) => t2iVisibility(vocabulary, ids))),
    } satisfies SequenceInput,
  };
}

function pathsOf(sizes: Sizes): Paths {
  const { model, policy, prompts, empty, codes, sequences } = subjectOf(sizes);
  const { textBlock, numVqTokens } = model.config;
  const encoded = model.whole(
    "prompts",
    (p: Policy, x: PrefixInput) => encodeImagePrompts(p, x, { guided: false, model }),
  );
  const prefixOf = (rows: readonly (readonly number[])[]): Prefix =>
    encoded(policy, imagePrompts(rows, { guided: false, model }));
  const [prefix, conditional, other] = [prefixOf([...prompts, ...empty]), prefixOf(prompts), prefixOf(empty)];
  const cachedWith = (columns: Columns) =>
    model.whole(
      `cached, ${columns}`,
      (p: Policy, x: Cached) => imageColumns(model, p, imageHidden(p, x, model), columns),
    );
  const [image, all] = [cachedWith("image"), cachedWith("all")];
  const whole = model.whole("whole", (p: Policy, x: SequenceInput) => {
    const hidden = tf.slice(forward(p, x, model), [0, textBlock + 1, 0], [-1, numVqTokens, -1]);
    return imageColumns(model, p, hidden, "image");
  });
  const both: Cached = { codes, prefix, guidance: tf.scalar(GUIDANCE) };
  return {
    cached: () => image(policy, both),
    whole: () => whole(policy, sequences),
    allColumns: () => all(policy, both),
    apart: () => {
      const parts = [conditional, other].map((one) => image(policy, { codes, prefix: one }));
      const joined = tf.concat(parts, 0);
      disposeTree(parts);
      return joined;
    },
  };
}

/** Best seconds of each path, taken in turns so that other load hits all alike. */
function bestSeconds(paths: Paths): Readonly<Record<keyof Paths, number>> {
  const best = { cached: Infinity, whole: Infinity, allColumns: Infinity, apart: Infinity };
  for (let repeat = 0; repeat <= REPEATS; repeat++) {
    for (const name of Object.keys(best) as (keyof Paths)[]) {
      const start = performance.now();
      const result = paths[name]();
      result.dataSync();
      result.dispose();
      // The first round compiles.
      if (repeat > 0) best[name] = Math.min(best[name], (performance.now() - start) / 1000);
    }
  }
  return best;
}

/** Largest difference from the cached path. */
function difference(paths: Paths, name: keyof Paths): number {
  const [found, expected] = [paths[name](), paths.cached()];
  const largest = tf.tidy(() => tf.max(tf.abs(tf.sub(found, expected))).dataSync()[0] as number);
  disposeTree([found, expected]);
  return largest;
}

const SHORTCUTS = {
  "cached prompts": "whole",
  "head over image codes": "allColumns",
  "both branches at once": "apart",
} as const;

const FLAGS = {
  subjects: field.list(field.choice(NAMES, { doc: "Model." }), { default: NAMES, doc: "Models." }),
} as const satisfies Fields;

/** The rows of one model; the largest difference of logits. */
function measureSubject(name: keyof typeof SUBJECTS, log: Log): number {
  const paths = pathsOf(SUBJECTS[name]);
  const seconds = bestSeconds(paths);
  const differences = Object.entries(SHORTCUTS).map(([shortcut, path]) => {
    const off = difference(paths, path);
    const times = (seconds[path] / seconds.cached).toFixed(2);
    log.info(`| ${name} | ${shortcut} | ${times} | ${off.toExponential(0)} |`);
    return off;
  });
  return Math.max(...differences);
}

/**
 * Measures the shortcuts.
 *
 * @returns The exit code; 1 if a shortcut changes the logits by more than 1e-4.
 */
export function bench(words: readonly string[]): Promise<number> {
  const spec = { name: "bench model", summary: "Times the shortcuts of a decoding step.", options: FLAGS };
  return commandExitCode<typeof FLAGS, Record<never, never>>(spec, ({ options }) => ({ log }) => async () => {
    await openBench("auto", log);
    log.info("| model | shortcut | times faster | largest difference of logits |");
    log.info("|---|---|---|---|");
    const worst = Math.max(...options.subjects.map((name) => measureSubject(name, log)));
    return E.right(worst > 1e-4 ? 1 : 0);
  }, words);
}
