/**
 * Stage 3 begins with what generation leaves open late: codes that still change after two thirds of the decoding.
 *
 * @module
 */
import type { Concept } from "../concept/concept.ts";
import type { RgbImage } from "../image/image.ts";
import { fold, type Key, split } from "../core/key.ts";
import type { ConceptRows } from "../showo/concept_rows.ts";
import { imageDecoder } from "../showo/decode_image.ts";
import { initialDecodeState } from "../showo/decode_state.ts";
import type { Runtime } from "../method/runtime.ts";
import { codeCentres } from "./first_rows.ts";
import { drawingPrompt, drawingTokens, type WordingOptions } from "./wording.ts";

/** How the pictures are decoded. */
export interface Decoding {
  readonly timesteps: number;
  readonly guidanceScale: number;
  readonly temperature: number;
}

/** Pictures per device call. */
const BATCH = 10;
/** The published decoding has 50 steps and compares the picture after step 35 with the last. */
const COMPARED = 35 / 50;

/**
 * Paints the places white where two code grids differ.
 *
 * @param picture The picture of the earlier codes.
 * @param codes.earlier `[N]`, a square grid in raster order.
 * @param codes.final `[N]`.
 * @returns A new picture; each code covers a square of pixels.
 */
export function differencePicture(
  picture: RgbImage,
  codes: { readonly earlier: Int32Array; readonly final: Int32Array },
): RgbImage {
  const { width, height } = picture;
  const side = Math.round(Math.sqrt(codes.final.length));
  const data = picture.data.slice();
  for (let pixel = 0; pixel < width * height; pixel++) {
    const row = Math.floor(Math.floor(pixel / width) * side / height);
    const at = row * side + Math.floor((pixel % width) * side / width);
    if (codes.earlier[at] !== codes.final[at]) data.fill(255, pixel * 3, pixel * 3 + 3);
  }
  return { width, height, data };
}

/** The released sentences; other wordings have prompts of their own. */
function promptOf({ category, token, base }: Concept, { prompts }: WordingOptions): string {
  const plain = base[0];
  if (prompts !== "released" && plain !== undefined) return plain;
  return category === "human"
    ? `A photo of ${token}'s face in detail.`
    : `A photo of ${token} in the middle of the photo.`;
}

/**
 * Makes the first embeddings of the perception tokens: centres of the codes of difference pictures.
 *
 * @param rows Rows after stage 2.
 * @param options.wording How prompts name it.
 * @param options.count Pictures to decode.
 * @param options.decoding Steps, guidance, temperature.
 * @returns One row per perception token.
 *
 * Source: UniCTokens, generation as perception.
 */
export function perceptionRows(
  runtime: Runtime,
  rows: ConceptRows,
  options: {
    readonly concept: Concept;
    readonly wording: WordingOptions;
    readonly count: number;
    readonly key: Key;
    readonly decoding: Decoding;
  },
): readonly Float32Array[] {
  const { model, config, codec, base } = runtime;
  const { concept, wording, count, key, decoding: { timesteps, guidanceScale, temperature } } = options;
  const decode = imageDecoder(model, {
    steps: timesteps,
    schedule: "cosine",
    guidance: guidanceScale,
    batchSize: Math.min(count, BATCH),
  });
  const textIds = drawingTokens({ prompt: promptOf(concept, wording) }, runtime, wording);
  const prompt = drawingPrompt(textIds, runtime, false);
  const candidates = split(fold(key, "pictures"), count).map((own) => ({
    prompt,
    state: initialDecodeState({ key: own, numTokens: config.numVqTokens, temperature }),
  }));
  const compared = Math.max(0, Math.round(COMPARED * timesteps) - 1);
  const grids = decode({ base, rows }, candidates).map(({ records, codes }) => ({
    earlier: records[compared]?.chosen ?? codes,
    final: codes,
  }));
  const pictures = codec.decode(grids.map(({ earlier }) => earlier))
    .map((picture, index) => differencePicture(picture, grids[index] as (typeof grids)[number]));
  return codeCentres(codec.encode(pictures), runtime, {
    clusters: wording.perceptionTokens,
    key: fold(key, "centres"),
  });
}
