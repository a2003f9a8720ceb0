/**
 * Gates of pictures: can the judge read, what does the image tokenizer keep, does the model draw what a caption says?
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { RgbImage } from "../../lib/image/image.ts";
import { fold, keyFromSeed } from "../../lib/core/key.ts";
import type { Stage } from "../../lib/core/stage.ts";
import type { AttributeReader, Sights } from "../../lib/experts/attribute_reader/attribute_reader_load.ts";
import type { Assistant } from "../../lib/trained/assistant.ts";
import type { PictureCodec } from "../../lib/method/picture_codec.ts";
import { renderScene } from "../../lib/world/draw.ts";
import { captionOf } from "../../lib/world/language.ts";
import type { Scene } from "../../lib/world/scene.ts";
import { attributesOf } from "../../lib/world/scene_truth.ts";
import { type HeldoutScenes, heldoutScenes } from "./heldout_scenes.ts";
import { type GateResult, share, shareGate } from "./gate.ts";

type Reader = Pick<AttributeReader, "read">;

/**
 * Compares what was read with the truth, attribute by attribute.
 *
 * An attribute that a scene does not have (the pattern of a man) is a trial only if the scene has it.
 *
 * @param sights What was read of each.
 * @returns Attribute → one entry per trial.
 */
export function readRight(
  scenes: readonly Scene[],
  sights: readonly Sights[],
): Readonly<Record<string, readonly boolean[]>> {
  const trials = scenes.flatMap((scene, index) =>
    Object.entries(attributesOf(scene)).flatMap(([topic, truth]) => {
      const isAbsent = truth === "none" && topic !== "accessory";
      return isAbsent ? [] : [{ topic, right: sights[index]?.[topic]?.value === truth }];
    })
  );
  const groups = Map.groupBy(trials, ({ topic }) => topic);
  return Object.fromEntries([...groups].map(([topic, all]) => [topic, all.map(({ right }) => right)]));
}

const render = (scenes: readonly Scene[], size: number): readonly RgbImage[] =>
  scenes.map((scene) => renderScene(scene, { size }));

/**
 * Measures the judge on renders.
 *
 * @param options Scenes and their size in pixels.
 * @returns One gate per attribute: accuracy at least 0.97.
 */
export function judgeGates(
  reader: Reader,
  options: HeldoutScenes & { readonly size: number },
): Stage<unknown, readonly GateResult[]> {
  const scenes = heldoutScenes(options);
  return pipe(
    reader.read(render(scenes, options.size)),
    RTE.map((sights) =>
      Object.entries(readRight(scenes, sights)).map(([topic, hits]) =>
        shareGate({ name: `judge on renders: ${topic}`, least: 0.97 }, hits)
      )
    ),
  );
}

const squaredError = (a: RgbImage, b: RgbImage): number =>
  a.data.reduce((sum, value, index) => sum + (value - (b.data[index] as number)) ** 2, 0) / a.data.length;

/** Peak signal-to-noise ratio over all pictures together, dB. */
const psnr = (originals: readonly RgbImage[], decoded: readonly RgbImage[]): number => {
  const errors = originals.map((image, index) => squaredError(image, decoded[index] as RgbImage));
  return 10 * Math.log10(255 ** 2 / (errors.reduce((sum, error) => sum + error, 0) / errors.length));
};

/**
 * Measures the image tokenizer: signal, codes in use, and what the judge still reads.
 *
 * @param options Scenes, their size in pixels, and the size of the codebook.
 * @returns PSNR in dB (≥ 24), share of codes used (≥ 0.5), and per attribute the judge's accuracy on reconstructions over that
 * on renders (≥ 0.95).
 */
export function tokenizerGates(
  parts: { readonly codec: PictureCodec; readonly reader: Reader },
  options: HeldoutScenes & { readonly size: number; readonly codebookSize: number },
): Stage<unknown, readonly GateResult[]> {
  const scenes = heldoutScenes(options);
  const originals = render(scenes, options.size);
  const codes = parts.codec.encode(originals);
  const decoded = parts.codec.decode(codes);
  const used = new Set(codes.flatMap((each) => [...each])).size;
  const trials = scenes.length;
  return pipe(
    RTE.Do,
    RTE.bindW("before", () => parts.reader.read(originals)),
    RTE.bindW("after", () => parts.reader.read(decoded)),
    RTE.map(({ before, after }) => {
      const [whole, kept] = [readRight(scenes, before), readRight(scenes, after)];
      return [
        { name: "tokenizer: PSNR, dB", least: 24, value: psnr(originals, decoded), trials },
        { name: "tokenizer: codes used", least: 0.5, value: used / options.codebookSize, trials },
        ...Object.entries(kept).map(([topic, hits]) => ({
          name: `tokenizer: ${topic} read after over before`,
          least: 0.95,
          value: share(hits) / share(whole[topic] ?? []),
          trials: hits.length,
        })),
      ];
    }),
  );
}

/** Attributes with a bound; the others are reported beside them. */
const DRAWN: Readonly<Record<string, number>> = {
  colour: 0.85,
  accessory: 0.85,
  accessory_colour: 0.75,
  place: 0.95,
  time: 0.95,
};

/**
 * Measures drawing from words: full captions of scenes, no name, read by the judge.
 *
 * @param options Scenes.
 * @returns One gate per attribute; those without a bound in the specification have 0.
 */
export function drawingGates(
  parts: { readonly assistant: Assistant; readonly reader: Reader },
  options: HeldoutScenes,
): Stage<unknown, readonly GateResult[]> {
  const scenes = heldoutScenes(options);
  const draws = scenes.map((scene, index) => {
    const key = fold(fold(keyFromSeed(options.seed), "drawing"), index);
    return { prompt: captionOf(scene, fold(key, "caption"), { form: "sentence" }), key };
  });
  return pipe(
    parts.assistant.draw(draws),
    RTE.flatMap((pictures) => parts.reader.read(pictures)),
    RTE.map((sights) =>
      Object.entries(readRight(scenes, sights)).map(([topic, hits]) =>
        shareGate({ name: `drawing from words: ${topic}`, least: DRAWN[topic] ?? 0 }, hits)
      )
    ),
  );
}
