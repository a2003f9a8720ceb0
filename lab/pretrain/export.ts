/**
 * From training states to the folders that a profile names.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import type { HasFiles } from "../../lib/core/capability.ts";
import { fold, keyFromSeed } from "../../lib/core/key.ts";
import type { Stage } from "../../lib/core/stage.ts";
import type { MagvitWeights } from "../../lib/showo/magvit.ts";
import { magvitConfigJson } from "../../lib/showo/magvit_folder.ts";
import { showoArrays } from "../../lib/showo/weights.ts";
import { encodeSafetensors } from "../../lib/tensor/containers/safetensors.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { encodeTree } from "../../lib/tensor/tree_file.ts";
import { disposeTree } from "../../lib/tensor/tree.ts";
import { manifestOf, WEIGHT_MANIFEST } from "../../lib/tensor/weight_manifest.ts";
import type { ConceptRows } from "../../lib/showo/concept_rows.ts";
import type { AttributeReaderWeights } from "../../lib/experts/attribute_reader/attribute_reader.ts";
import { attributeReaderConfigJson } from "../../lib/experts/attribute_reader/attribute_reader_load.ts";
import { readerTemperatures } from "./calibrate_reader.ts";
import { magvitConfigOf, type Pretraining } from "./config.ts";
import { readerConfigOf } from "./parts.ts";
import { READER_CLASSES } from "./scene_batches.ts";
import type { TrainingState } from "./trainer.ts";
import { blockRows, type NameTables, unifiedConfig, type UnifiedParameters } from "./unified_model.ts";
import { worldTokenizer } from "./world_text.ts";

const json = (value: unknown): Uint8Array => new TextEncoder().encode(`${JSON.stringify(value, null, 1)}\n`);

/** Writes the files of a folder and a manifest with their hashes and how they were made. */
function writeFolder(
  folder: string,
  files: ReadonlyMap<string, Uint8Array>,
  notes: Readonly<Record<string, unknown>>,
): Stage<HasFiles, void> {
  const all = [...files, [WEIGHT_MANIFEST, json(manifestOf(files, notes))] as const];
  return (needs) =>
    pipe(
      needs.files.makeFolder(folder),
      TE.flatMap(() =>
        TE.traverseSeqArray(([name, bytes]: readonly [string, Uint8Array]) =>
          needs.files.writeAtomic(`${folder}/${name}`, bytes)
        )(all)
      ),
      TE.map(() => undefined),
    );
}

/**
 * Exports the image tokenizer.
 *
 * @param folder Where to.
 * @param weights The weights; stay the caller's.
 * @param options The settings and what to note in the manifest.
 * @returns A stage that ends when the folder is written.
 */
export function exportTokenizer(
  folder: string,
  weights: MagvitWeights,
  options: { readonly config: Pretraining; readonly notes: Readonly<Record<string, unknown>> },
): Stage<HasFiles, void> {
  const files = new Map([
    ["config.json", json(magvitConfigJson(magvitConfigOf(options.config.tokenizer)))],
    ["model.safetensors", encodeTree(weights, { dtype: "F16", metadata: { format: "pt" } })],
  ]);
  const { tokenizer, decoder } = options.config;
  return writeFolder(folder, files, { ...options.notes, settings: tokenizer, decoder });
}

/** Rows of a concept that nobody has taught yet: the mean name rows of the training characters. */
function startRows({ embed, headWeight, headBias }: NameTables): ConceptRows {
  const [rows] = headWeight.shape as [number, number];
  const width = embed.shape[1] as number;
  const mean = tf.tidy(() => tf.mean(tf.reshape(embed, [-1, rows, width]), 0));
  return { embed: mean, headWeight, headBias };
}

/**
 * Exports the unified model: weights under published names, sizes, tokenizer, and starting values of concept rows.
 *
 * @param folder Where to.
 * @param parameters What pretraining learnt; stays the caller's.
 * @param options The settings and what to note in the manifest.
 * @returns A stage that ends when the folder is written.
 */
export function exportUnified(
  folder: string,
  parameters: UnifiedParameters,
  options: { readonly config: Pretraining; readonly notes: Readonly<Record<string, unknown>> },
): Stage<HasFiles, void> {
  const { config, notes } = options;
  const tokenizer = worldTokenizer();
  const sizes = unifiedConfig(config, tokenizer);
  const rows = startRows(parameters.names);
  const files = new Map([
    ["config.json", json(showoConfigJson(sizes, config))],
    ["tokenizer.json", json(tokenizer.json)],
    [
      "model.safetensors",
      encodeSafetensors(showoArrays(parameters.base, { dtype: "F16" }), { format: "pt" }),
    ],
    ["names.safetensors", encodeTree(rows, { dtype: "F16" })],
  ]);
  disposeTree(rows.embed);
  return writeFolder(folder, files, {
    ...notes,
    settings: config.unified,
    name_rows: blockRows(config.unified),
  });
}

const showoConfigJson = (
  sizes: ReturnType<typeof unifiedConfig>,
  { unified }: Pretraining,
): Readonly<Record<string, unknown>> => ({
  llm_vocab_size: sizes.vocabulary.textSize,
  num_new_special_tokens: sizes.vocabulary.specialRows,
  codebook_size: sizes.vocabulary.codebookSize,
  vocab_size: sizes.vocabulary.size,
  num_vq_tokens: sizes.numVqTokens,
  eot_id: sizes.vocabulary.endOfText,
  max_text_len: unified.textBlock - 1,
  hidden_size: sizes.width,
  num_hidden_layers: sizes.layers,
  num_attention_heads: sizes.heads,
  intermediate_size: sizes.mlpWidth,
  partial_rotary_factor: sizes.rotaryDims / (sizes.width / sizes.heads),
  rope_theta: sizes.ropeTheta,
  layer_norm_eps: sizes.normEpsilon,
});

/** Batches of fresh pictures that the judge's confidence is fitted on. */
const CALIBRATION_BATCHES = 16;

function judgeFiles(config: Pretraining, weights: AttributeReaderWeights): ReadonlyMap<string, Uint8Array> {
  const { judge, imageSize } = config;
  const key = fold(keyFromSeed(judge.seed), "calibration");
  const temperatures = readerTemperatures(weights, { key, imageSize, batches: CALIBRATION_BATCHES });
  const settings = attributeReaderConfigJson(readerConfigOf(judge, imageSize), READER_CLASSES, temperatures);
  return new Map([
    ["config.json", json(settings)],
    ["model.safetensors", encodeTree(weights, { dtype: "F16", metadata: { format: "pt" } })],
  ]);
}

/** Exports of the parts, each from its training state. */
export interface Exporters {
  readonly judge: (state: TrainingState) => Stage<HasFiles, void>;
  readonly tokenizer: (state: TrainingState) => Stage<HasFiles, void>;
  readonly unified: (state: TrainingState) => Stage<HasFiles, void>;
}

/**
 * Makes the exports of a profile.
 *
 * @param config The settings, for the manifests.
 * @param assets The profile's folder.
 * @returns The exports; states stay the caller's.
 */
export function exporters(config: Pretraining, assets: string): Exporters {
  const notes = (part: "judge" | "tokenizer" | "unified") => ({
    made_by: `deno task pretrain ${part}`,
    steps: config[part].steps,
  });
  return {
    judge: ({ parameters }) => (needs) =>
      pipe(
        TE.fromIO(() => judgeFiles(config, parameters as AttributeReaderWeights)),
        TE.flatMap((files) =>
          writeFolder(`${assets}/judge`, files, { ...notes("judge"), settings: config.judge })(needs)
        ),
      ),
    tokenizer: ({ parameters }) =>
      exportTokenizer(`${assets}/image_tokenizer`, parameters as MagvitWeights, {
        config,
        notes: notes("tokenizer"),
      }),
    unified: ({ parameters }) =>
      exportUnified(`${assets}/unified`, parameters as UnifiedParameters, {
        config,
        notes: notes("unified"),
      }),
  };
}
