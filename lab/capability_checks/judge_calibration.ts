/**
 * Whether the attribute reader's probabilities hold, measured on scenes that are rendered and therefore known.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { RgbImage } from "../../lib/image/image.ts";
import type { HasFiles } from "../../lib/core/capability.ts";
import { scoped, type Stage } from "../../lib/core/stage.ts";
import type { AttributeReader } from "../../lib/experts/attribute_reader/attribute_reader_load.ts";
import { type Calibration, calibration, type Forecast } from "../../lib/metrics/calibration.ts";
import { loadMagvit, type Magvit } from "../../lib/showo/magvit_folder.ts";
import { pictureCodec } from "../../lib/method/picture_codec.ts";
import { loadProfile } from "../../lib/method/profile.ts";
import { disposeTree } from "../../lib/tensor/tree.ts";
import type { HasBlobs } from "../../lib/tensor/weight_source.ts";
import { renderScene } from "../../lib/world/draw.ts";
import type { Scene } from "../../lib/world/scene.ts";
import { attributesOf } from "../../lib/world/scene_truth.ts";
import { heldoutScenes } from "./heldout_scenes.ts";
import { openReader } from "../../lib/evaluation/profile_reader.ts";

/** Calibration by attribute; `all` has every attribute together. */
export type JudgeCalibration = Readonly<Record<string, Calibration>>;

/** What is read. */
export interface CalibrationOptions {
  readonly scenes?: number;
  readonly seed?: number;
  readonly seen?: (images: readonly RgbImage[]) => readonly RgbImage[];
}

/** Side of the rendered scenes, pixels. */
const SIDE = 64;

/**
 * Measures accuracy, mean confidence, expected calibration error and Brier score of an attribute reader.
 *
 * @param options.scenes How many scenes; default 256.
 * @param options.seed Which scenes.
 * @param options.seen What becomes of the rendered pictures before they are read; default nothing.
 * @returns Numbers by attribute, and for all together under `all`; an attribute that is never read is absent.
 */
export function judgeCalibration(
  reader: Pick<AttributeReader, "read">,
  options: CalibrationOptions = {},
): Stage<unknown, JudgeCalibration> {
  const { scenes: count = 256, seed = 1, seen: through = (images) => images } = options;
  const scenes = heldoutScenes({ count, seed });
  return pipe(
    reader.read(through(scenes.map((scene) => renderScene(scene, { size: SIDE })))),
    RTE.map((sights) => {
      const read = sights.flatMap((seen, index) => {
        const truth: Readonly<Record<string, string>> = attributesOf(scenes[index] as Scene);
        return Object.entries(seen).map(([topic, { value, confidence }]) => ({
          topic,
          confidence,
          right: value === truth[topic],
        }));
      });
      const groups: readonly (readonly [string, readonly Forecast[]])[] = [
        ...Map.groupBy(read, ({ topic }) => topic),
        ["all", read],
      ];
      return Object.fromEntries(groups.flatMap(([topic, forecasts]) => {
        const found = calibration(forecasts);
        return found === null ? [] : [[topic, found]];
      }));
    }),
  );
}

/** How well a profile's attribute reader is calibrated. */
export interface ProfileCalibration {
  /** On rendered scenes. */
  readonly rendered: JudgeCalibration;
  /** On the same scenes after the profile's image tokenizer: as blurred as anything that the model can draw. */
  readonly decoded: JudgeCalibration;
}

/**
 * Measures the attribute reader of a profile.
 *
 * @param profile The profile's file or folder.
 * @param options Which scenes.
 * @returns The numbers; Left `InputInvalid` if the profile has no attribute reader.
 */
export function profileCalibration(
  profile: string,
  options: Omit<CalibrationOptions, "seen"> = {},
): Stage<HasFiles & HasBlobs, ProfileCalibration> {
  type Needs = HasFiles & HasBlobs;
  return pipe(
    loadProfile(profile),
    RTE.flatMap(({ judge, imageTokenizer, imageSize }): Stage<Needs, ProfileCalibration> => {
      const measure = (reader: AttributeReader, magvit: Magvit): Stage<Needs, ProfileCalibration> => {
        const { encode, decode } = pictureCodec(magvit, imageSize);
        return pipe(
          judgeCalibration(reader, options),
          RTE.bindTo("rendered"),
          RTE.bindW(
            "decoded",
            () => judgeCalibration(reader, { ...options, seen: (images) => decode(encode(images)) }),
          ),
        );
      };
      return scoped(
        openReader({ judge }, { where: profile }),
        (reader) =>
          scoped(
            loadMagvit(imageTokenizer),
            (magvit) => measure(reader, magvit),
            ({ weights }) => disposeTree(weights),
          ),
        ({ dispose }) => dispose(),
      );
    }),
  );
}

/**
 * Writes the numbers as lines for a terminal.
 *
 * @param found From {@link judgeCalibration}.
 * @returns A head and one line an attribute, columns aligned.
 */
export function calibrationText(found: JudgeCalibration): string {
  const rows = Object.entries(found).map(([topic, { count, accuracy, confidence, ece, brier }]) => [
    topic,
    String(count),
    ...[accuracy, confidence, ece, brier].map((value) => value.toFixed(3)),
  ]);
  const table = [["attribute", "n", "accuracy", "confidence", "ECE", "Brier"], ...rows];
  const widths = (table[0] as string[]).map((_, column) =>
    Math.max(...table.map((row) => (row[column] as string).length))
  );
  return table.map((row) =>
    row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0] as number) : cell.padStart(widths[column] as number)
    )
      .join("  ")
  ).join("\n");
}
