/** A world concept in memory and a tiny random model to teach it to. */
import * as E from "fp-ts/lib/Either.js";
import { loadConcept } from "../../lib/concept/unifybench.ts";
import type { RgbImage } from "../../lib/image/image.ts";
import { keyFromSeed } from "../../lib/core/key.ts";
import type { Checked } from "../../lib/core/stage.ts";
import { trainBpe } from "../../lib/text/bpe_trainer.ts";
import { END_OF_TEXT, phiTokenizer } from "../../lib/text/phi_tokenizer.ts";
import { conceptTokens, expandMentions } from "../../lib/text/name_block.ts";
import { vocabularyWords } from "../../lib/world/lexicon.ts";
import { worldRoot } from "../../lib/world/concept_folder.ts";
import { initialConceptRows } from "../../lib/showo/concept_rows.ts";
import type { ShowoConfig } from "../../lib/showo/config.ts";
import { type Compile, showoModel, withConcept } from "../../lib/showo/model.ts";
import { makeVocabulary, SPECIAL_TOKENS } from "../../lib/showo/vocabulary.ts";
import { initialShowoWeights, type ShowoWeights } from "../../lib/showo/weights.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { disposeTree, mapTree } from "../../lib/tensor/tree.ts";
import type { Runtime } from "../../lib/method/runtime.ts";
import type { Profile } from "../../lib/method/profile.ts";
import { loadConfig } from "../../lib/config/load.ts";
import { TRAINING } from "../../lib/method/settings.ts";
import type { ColdStartNeeds, ColdStartOptions } from "../../lib/cold_start/settings.ts";
import { memoryFiles } from "../support/files.ts";

const IMAGE_SIZE = 16;
const SIDE = 4;
const CODES = 32;

/** The value of a right, or a failed test. */
export function right<A>(value: Checked<A>): A {
  if (E.isLeft(value)) throw new Error(JSON.stringify(value.left));
  return value.right;
}

const root = worldRoot(
  [{ name: "mip", character: { kind: "dog", colour: "blue", pattern: "spotted" }, trainImages: 3 }],
  keyFromSeed(3),
  { size: 64 },
);
const content = Object.fromEntries([...root].map(([path, data]) => [`root/${path}`, data]));

/** Capabilities over the world's files; collects progress lines and warnings. */
export function tinyWorld(
  interrupted: () => boolean = () => false,
): ColdStartNeeds & { readonly lines: string[] } {
  const lines: string[] = [];
  let now = 0;
  return {
    lines,
    files: memoryFiles(content),
    log: { info: () => {}, warn: (line) => lines.push(line), progress: (line) => lines.push(line) },
    clock: { now: () => now += 100, date: () => "2025-01-01T00:00:00Z" },
    interrupt: { requested: interrupted },
  };
}

/** The concept. */
export const concept = right(await loadConcept("root", "mip")(tinyWorld())());

const naming = { token: "<mip>", semanticTokens: 2, generationTokens: 2, mentions: "first" as const };
const tokens = conceptTokens(naming.token, naming);
const words = [...vocabularyWords(), "USER:", "ASSISTANT:"];
const base = phiTokenizer(
  trainBpe(words.flatMap((word) => [` ${word}`, word]), { merges: 1200, specialTokens: [END_OF_TEXT] }),
  { cleanUpSpaces: false },
);
const tokenizer = base.withConceptTokens(tokens);

/** Codes that depend on the picture: the mean colour of each square, coarsely. */
function encodePicture({ data }: RgbImage): Int32Array {
  return Int32Array.from({ length: SIDE * SIDE }, (_, at) => {
    const y = Math.floor(at / SIDE) * (IMAGE_SIZE / SIDE);
    const x = (at % SIDE) * (IMAGE_SIZE / SIDE);
    const pixel = (y * IMAGE_SIZE + x) * 3;
    return Math.floor(
      ((data[pixel] as number) + (data[pixel + 1] as number) + (data[pixel + 2] as number)) / 24,
    );
  });
}

const decodePicture = (codes: Int32Array): RgbImage => ({
  width: IMAGE_SIZE,
  height: IMAGE_SIZE,
  data: Uint8Array.from({ length: IMAGE_SIZE * IMAGE_SIZE * 3 }, (_, at) => {
    const pixel = Math.floor(at / 3);
    const row = Math.floor(pixel / IMAGE_SIZE / (IMAGE_SIZE / SIDE));
    const column = Math.floor((pixel % IMAGE_SIZE) / (IMAGE_SIZE / SIDE));
    return (codes[row * SIDE + column] as number) * 8;
  }),
});

const sizes: ShowoConfig = {
  width: 16,
  layers: 1,
  heads: 2,
  mlpWidth: 32,
  rotaryDims: 4,
  ropeTheta: 10000,
  normEpsilon: 1e-5,
  numVqTokens: SIDE * SIDE,
  textBlock: 40,
  vocabulary: makeVocabulary({
    textSize: base.vocabularySize - SPECIAL_TOKENS.length,
    endOfText: base.idOf(END_OF_TEXT) as number,
    codebookSize: CODES,
  }),
};

/** Sizes without the concept. */
export const tinySizes = sizes;

/** Matrices ten times as large, so that the rows matter to what a random model says. */
function strong(weights: ShowoWeights): ShowoWeights {
  const stronger = mapTree(weights, (leaf) => leaf.rank === 2 ? tf.mul(leaf, 10) : tf.clone(leaf));
  disposeTree(weights);
  return stronger;
}

/** Makes a runtime; dispose it in the end. */
export function tinyRuntime(compile: Compile = "none"): Runtime {
  const config = withConcept(sizes, tokens.length);
  const weights = strong(initialShowoWeights(keyFromSeed(5), sizes));
  const startRows = tf.tidy(() => initialConceptRows(weights, tokens.length, sizes));
  return {
    profile: { imageSize: IMAGE_SIZE } as Profile,
    naming,
    config,
    model: showoModel(config, { compile }),
    base: weights,
    startRows,
    codec: { encode: (images) => images.map(encodePicture), decode: (codes) => codes.map(decodePicture) },
    blackCodes: new Int32Array(SIDE * SIDE),
    encodeText: (text) => tokenizer.encode(expandMentions(text, naming.token, naming)),
    decodeText: (ids) => tokenizer.decode(ids, { skipSpecial: false }),
    dispose: () => disposeTree([weights, startRows]),
  };
}

const settings = right(await loadConfig(TRAINING, {})(tinyWorld())());

/** The default settings, few steps, and changes. */
export function tinyOptions(changes: Partial<ColdStartOptions> = {}): ColdStartOptions {
  return { ...settings.coldStart, seed: 1, steps: 3, ...changes };
}
