/**
 * A tiny profile with random weights, and a run trained on nothing, as files: for tests of commands.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { parse, stringify } from "@std/yaml";
import * as E from "fp-ts/lib/Either.js";
import { describe } from "../../lib/core/error.ts";
import { keyFromSeed } from "../../lib/core/key.ts";
import type { Stage } from "../../lib/core/stage.ts";
import { configHash, stringifyConfig } from "../../lib/config/stringify.ts";
import { loadConfig } from "../../lib/config/load.ts";
import { liveBlobs } from "../../lib/run/blobs.ts";
import { saveCheckpoint } from "../../lib/run/checkpoint.ts";
import { runFolder } from "../../lib/run/folder.ts";
import { liveFiles } from "../../lib/run/live.ts";
import { type MagvitConfig, magvitParameters } from "../../lib/showo/magvit_config.ts";
import { magvitConfigJson } from "../../lib/showo/magvit_folder.ts";
import { parseShowoConfig } from "../../lib/showo/config.ts";
import { SPECIAL_TOKENS } from "../../lib/showo/vocabulary.ts";
import { initialShowoWeights, showoArrays } from "../../lib/showo/weights.ts";
import { checkpointOf, openSettings } from "../../lib/trained/checkpointed.ts";
import { initialTrainable } from "../../lib/method/policy.ts";
import { TRAINING, type TrainingSettings } from "../../lib/method/settings.ts";
import { encodeSafetensors } from "../../lib/tensor/containers/safetensors.ts";
import { initialise } from "../../lib/tensor/nest.ts";
import { disposeTree } from "../../lib/tensor/tree.ts";
import { encodeTree } from "../../lib/tensor/tree_file.ts";
import { trainBpe } from "../../lib/text/bpe_trainer.ts";
import { END_OF_TEXT, type PhiTokenizer, phiTokenizer } from "../../lib/text/phi_tokenizer.ts";
import { vocabularyWords } from "../../lib/world/lexicon.ts";

/** Side of a picture of the tiny profile, pixels. */
export const TINY_IMAGE_SIZE = 16;

const CODE_BITS = 5;
const HALF = { baseChannels: 4, channelMultipliers: [1, 1, 2], resBlocks: [1, 1, 1] };
const MAGVIT: MagvitConfig = {
  codeBits: CODE_BITS,
  normEpsilon: 1e-6,
  norm: { channelsPerGroup: 2 },
  encoder: HALF,
  decoder: HALF,
};

/** Settings under which everything of a run takes as little time as possible. */
export const TINY_SETTINGS = {
  name: "tiny",
  device: "cpu",
  concept: "assets/world/mip",
  semantic_tokens: 2,
  generation_tokens: 2,
  cold_start: { steps: 1, understanding_batch: 2, generation_batch: 2 },
  generation: { timesteps: 2 },
  reasoning: { max_new_tokens: 3 },
  dsog: { preview_step: 1, max_candidates: 4 },
  rl: { max_steps: 1, num_generations: 2, microbatch: 2, timesteps_per_update: 1 },
  evaluation: { images_per_prompt: 1 },
} as const;

function tinyTokenizer(): PhiTokenizer {
  const words = [...vocabularyWords(), "USER:", "ASSISTANT:"];
  const corpus = words.flatMap((word) => [` ${word}`, word]);
  return phiTokenizer(trainBpe(corpus, { merges: 1200, specialTokens: [END_OF_TEXT] }), {
    cleanUpSpaces: false,
  });
}

const unifiedJson = (tokenizer: PhiTokenizer) => ({
  llm_vocab_size: tokenizer.vocabularySize - SPECIAL_TOKENS.length,
  codebook_size: 2 ** CODE_BITS,
  num_vq_tokens: (TINY_IMAGE_SIZE / 4) ** 2,
  eot_id: tokenizer.idOf(END_OF_TEXT),
  max_text_len: 47,
  hidden_size: 16,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  intermediate_size: 32,
});

function valueOf<A>(value: E.Either<Parameters<typeof describe>[0], A>): A {
  if (E.isLeft(value)) throw new Error(describe(value.left));
  return value.right;
}

async function write(folder: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    await Deno.writeFile(join(folder, name), bytes);
  }
}

async function writeUnified(folder: string): Promise<void> {
  const tokenizer = tinyTokenizer();
  const config = unifiedJson(tokenizer);
  const weights = initialShowoWeights(keyFromSeed(5), valueOf(parseShowoConfig(config, "config.json")));
  await write(folder, {
    "config.json": JSON.stringify(config),
    "tokenizer.json": JSON.stringify(tokenizer.json),
    "model.safetensors": encodeSafetensors(showoArrays(weights), { format: "pt" }),
  });
  disposeTree(weights);
}

async function writeImageTokenizer(folder: string): Promise<void> {
  const weights = initialise(keyFromSeed(6), magvitParameters(MAGVIT));
  await write(folder, {
    "config.json": JSON.stringify(magvitConfigJson(MAGVIT)),
    "model.safetensors": encodeTree(weights),
  });
  disposeTree(weights);
}

/**
 * Writes a profile: a random unified model of width 16 for 16 × 16 pictures of 4 × 4 codes, its tokenizer, a random image
 * tokenizer. A backend must be open.
 *
 * @param folder Where to; made if it is missing.
 * @param experts Folders of experts, as in `profile.yaml`; without them the profile has none.
 */
export async function writeTinyProfile(
  folder: string,
  experts: Readonly<Record<string, string>> = {},
): Promise<void> {
  await writeUnified(join(folder, "unified"));
  await writeImageTokenizer(join(folder, "image_tokenizer"));
  const profile = {
    image_size: TINY_IMAGE_SIZE,
    unified: "unified",
    image_tokenizer: "image_tokenizer",
    ...experts,
  };
  await write(folder, { "profile.yaml": stringify(profile) });
}

const isSection = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const merged = (under: Record<string, unknown>, over: Record<string, unknown>): Record<string, unknown> => ({
  ...under,
  ...Object.fromEntries(
    Object.entries(over).map(([key, value]) => {
      const below = under[key];
      return [key, isSection(below) && isSection(value) ? merged(below, value) : value];
    }),
  ),
});

/**
 * Writes a settings file: {@link TINY_SETTINGS} with a profile and changes.
 *
 * @param path The YAML file.
 * @param changes YAML keys, nested; at least `profile`.
 */
export async function writeTinyConfig(
  path: string,
  changes: Readonly<Record<string, unknown>>,
): Promise<void> {
  const text = stringify(merged(parse(stringify(TINY_SETTINGS)) as Record<string, unknown>, changes));
  await write(dirname(path), { [path.slice(path.lastIndexOf("/") + 1)]: text });
}

const silent = { info: () => {}, warn: () => {}, progress: () => {} };

async function succeed<A>(stage: Stage<never, A>): Promise<A> {
  const capabilities = { files: liveFiles(), log: silent, blobs: liveBlobs } as never;
  return valueOf(await stage(capabilities)());
}

/**
 * Writes a run folder with one checkpoint, step 0, of the tiny profile's untrained concept rows. A backend must be open.
 *
 * @param folder The run folder.
 * @param config A file of {@link writeTinyConfig}.
 */
export async function writeTinyRun(folder: string, config: string): Promise<void> {
  const settings = await succeed(loadConfig(TRAINING, { path: config })) as TrainingSettings;
  const { runtime } = await succeed(openSettings(settings));
  const trainable = initialTrainable(runtime, runtime.startRows, settings);
  const reference = initialTrainable(runtime, runtime.startRows, settings);
  const state = { step: 0, trainable, reference, optimizer: {}, thresholds: { visual: null, textual: null } };
  const paths = runFolder(folder);
  await write(folder, { "config.yaml": stringifyConfig(TRAINING, settings) });
  const checkpoint = checkpointOf(state, configHash(TRAINING, settings));
  await succeed(saveCheckpoint(paths.checkpoints, checkpoint, { keep: 1 }));
  disposeTree([trainable, reference] as never);
  runtime.dispose();
}
