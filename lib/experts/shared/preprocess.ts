/**
 * Pictures to the numbers that a model was trained on: resize, cut, scale, normalise, as `preprocessor_config.json` says.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as t from "io-ts";
import type { HasFiles } from "../../core/capability.ts";
import { centreCrop, shortestEdge } from "../../image/crop.ts";
import { type PillowResampling, resize, type Size } from "../../image/resize.ts";
import type { RgbImage } from "../../image/image.ts";
import type { Checked, Stage } from "../../core/stage.ts";
import { type ModelFolder, readOptionalSettings } from "./model_folder.ts";

/** Three numbers, red, green, blue. */
export type Rgb = readonly [number, number, number];

/** How a picture becomes input. */
export interface Preprocess {
  /** The shorter side is brought to a length, or both sides to a size; `null` = as it is. */
  readonly resize: { readonly shortestEdge: number } | Size | null;
  readonly rule: PillowResampling;
  /** The middle that is cut out; `null` = all. */
  readonly crop: Size | null;
  /** Factor on the 8-bit values, 1/255. */
  readonly scale: number;
  /** Subtracted after scaling, and then divided by, per channel. */
  readonly mean: Rgb;
  readonly deviation: Rgb;
}

/** Mean and deviation of CLIP and BLIP-2. */
export const CLIP_COLOURS: { readonly mean: Rgb; readonly deviation: Rgb } = {
  mean: [0.48145466, 0.4578275, 0.40821073],
  deviation: [0.26862954, 0.26130258, 0.27577711],
};

/** Mean and deviation of DINOv2. */
export const IMAGENET_COLOURS: { readonly mean: Rgb; readonly deviation: Rgb } = {
  mean: [0.485, 0.456, 0.406],
  deviation: [0.229, 0.224, 0.225],
};

/** A face crop as the face embedder reads it: `(x − 127.5) / 128`, no resizing. */
export const FACE_PIXELS: Preprocess = {
  resize: null,
  rule: "bilinear",
  crop: null,
  scale: 1 / 128,
  mean: [127.5 / 128, 127.5 / 128, 127.5 / 128],
  deviation: [1, 1, 1],
};

type Colours = Pick<Preprocess, "mean" | "deviation">;

/**
 * Says that the middle square of a picture is read, as by CLIP.
 *
 * @param side Its side in pixels.
 * @param colours Mean and deviation.
 */
export function squareMiddle(side: number, colours: Colours): Preprocess {
  const crop = { width: side, height: side };
  return { resize: { shortestEdge: side }, rule: "bicubic", crop, scale: 1 / 255, ...colours };
}

/**
 * Says that the whole picture is brought to a square, as by BLIP-2.
 *
 * @param side Its side in pixels.
 * @param colours Mean and deviation.
 */
export function squareWhole(side: number, colours: Colours): Preprocess {
  return {
    resize: { width: side, height: side },
    rule: "bicubic",
    crop: null,
    scale: 1 / 255,
    ...colours,
  };
}

const SizeEntry = t.union([
  t.number,
  t.partial({ shortest_edge: t.number, height: t.number, width: t.number }),
]);
const ColourEntry = t.tuple([t.number, t.number, t.number]);

/** The keys of a `preprocessor_config.json` that are read. */
export const PreprocessorConfig = t.partial({
  do_resize: t.boolean,
  size: SizeEntry,
  resample: t.number,
  do_center_crop: t.boolean,
  crop_size: SizeEntry,
  do_rescale: t.boolean,
  rescale_factor: t.number,
  do_normalize: t.boolean,
  image_mean: ColourEntry,
  image_std: ColourEntry,
});
type PreprocessorConfig = t.TypeOf<typeof PreprocessorConfig>;

const RULES: Readonly<Record<number, PillowResampling>> = { 2: "bilinear", 3: "bicubic", 4: "box" };

const square = (side: number): Size => ({ width: side, height: side });

function sizeOf(entry: t.TypeOf<typeof SizeEntry>): Size | null {
  if (typeof entry === "number") return square(entry);
  const { height, width } = entry;
  return height === undefined || width === undefined ? null : { height, width };
}

function resizeOf(config: PreprocessorConfig, crops: boolean, fallback: Preprocess): Preprocess["resize"] {
  const { size } = config;
  if (config.do_resize === false) return null;
  if (size === undefined) return fallback.resize;
  if (typeof size === "number") return crops ? { shortestEdge: size } : square(size);
  return size.shortest_edge === undefined ? sizeOf(size) : { shortestEdge: size.shortest_edge };
}

/**
 * Reads how pictures are prepared.
 *
 * @param config The content of `preprocessor_config.json`.
 * @param fallback What holds for keys that are missing.
 * @param where The file, for messages.
 * @returns The steps. Left `ConfigInvalid` for a resampling rule other than bilinear, bicubic and box.
 */
export function preprocessOf(
  config: PreprocessorConfig,
  fallback: Preprocess,
  where: string,
): Checked<Preprocess> {
  const rule = config.resample === undefined ? fallback.rule : RULES[config.resample];
  if (rule === undefined) {
    const problems = [`resample ${config.resample} is not supported; 2, 3 and 4 are`];
    return E.left({ _tag: "ConfigInvalid", where, problems });
  }
  const crops = config.do_center_crop ?? fallback.crop !== null;
  const plain = config.do_normalize === false;
  return E.right({
    resize: resizeOf(config, crops, fallback),
    rule,
    crop: crops ? (config.crop_size === undefined ? fallback.crop : sizeOf(config.crop_size)) : null,
    scale: config.do_rescale === false ? 1 : config.rescale_factor ?? fallback.scale,
    mean: plain ? [0, 0, 0] : config.image_mean ?? fallback.mean,
    deviation: plain ? [1, 1, 1] : config.image_std ?? fallback.deviation,
  });
}

/**
 * Reads how the model of a folder wants its pictures.
 *
 * @param fallback What holds without the file, and for keys that are missing.
 */
export function readPreprocess(model: ModelFolder, fallback: Preprocess): Stage<HasFiles, Preprocess> {
  const file = "preprocessor_config.json";
  return pipe(
    readOptionalSettings(model, file, PreprocessorConfig),
    RTE.flatMap((config) => RTE.fromEither(preprocessOf(config ?? {}, fallback, `${model.path}/${file}`))),
  );
}

/**
 * Writes the steps as a `preprocessor_config.json` holds them.
 *
 * @returns The content of the file.
 */
export function preprocessorConfig(steps: Preprocess): PreprocessorConfig {
  const rule = Object.entries(RULES).find(([, name]) => name === steps.rule)?.[0];
  return {
    do_resize: steps.resize !== null,
    ...(steps.resize === null ? {} : {
      size: "shortestEdge" in steps.resize
        ? { shortest_edge: steps.resize.shortestEdge }
        : { ...steps.resize },
    }),
    resample: Number(rule),
    do_center_crop: steps.crop !== null,
    ...(steps.crop === null ? {} : { crop_size: { ...steps.crop } }),
    do_rescale: true,
    rescale_factor: steps.scale,
    do_normalize: true,
    image_mean: [...steps.mean],
    image_std: [...steps.deviation],
  };
}

/**
 * Resizes and cuts a picture, bit for bit as the published processors do.
 *
 * @param image Any picture.
 * @returns The 8-bit picture before it is normalised.
 */
export function fitPicture(image: RgbImage, steps: Preprocess): RgbImage {
  const { resize: target, crop } = steps;
  const size = target === null
    ? image
    : "shortestEdge" in target
    ? shortestEdge(image, target.shortestEdge)
    : target;
  const resized = resize(image, size, steps.rule);
  return crop === null ? resized : centreCrop(resized, crop);
}

/** Normalised pictures of one size. */
export interface Pixels {
  /** `[batch, height, width, 3]`. */
  readonly shape: readonly [number, number, number, number];
  readonly data: Float32Array;
}

/**
 * Prepares pictures for a model: {@link fitPicture}, then `(value · scale − mean) / deviation`.
 *
 * @param images Pictures that have one size after the cut.
 * @param rows Number of rows of the result; rows without a picture hold zeros.
 * @returns Rows of pixels, row-major.
 */
export function preparePictures(
  images: readonly RgbImage[],
  steps: Preprocess,
  rows: number = images.length,
): Pixels {
  const fitted = images.map((image) => fitPicture(image, steps));
  const { width, height } = fitted[0] ?? { width: 0, height: 0 };
  const size = width * height * 3;
  const data = new Float32Array(rows * size);
  const factors = steps.deviation.map((deviation) => steps.scale / deviation) as unknown as Rgb;
  const offsets = steps.mean.map((mean, channel) =>
    mean / (steps.deviation[channel] as number)
  ) as unknown as Rgb;
  fitted.forEach((image, row) => {
    if (image.width !== width || image.height !== height) {
      throw new Error("pictures of one batch differ in size");
    }
    for (let index = 0; index < size; index++) {
      const channel = (index % 3) as 0 | 1 | 2;
      data[row * size + index] = (image.data[index] as number) * factors[channel] - offsets[channel];
    }
  });
  return { shape: [rows, height, width, 3], data };
}
