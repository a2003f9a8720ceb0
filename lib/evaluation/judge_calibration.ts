/**
 * Whether the attribute reader's probabilities hold, measured on scenes that are rendered and therefore known.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { refuse } from "../concept/refuse.ts";
import type { HasFiles } from "../core/capability.ts";
import { fold, keyFromSeed } from "../core/key.ts";
import { fromChecked, scoped, type Stage } from "../core/stage.ts";
import { type AttributeReader, loadAttributeReader } from "../experts/attribute_reader_load.ts";
import { type Calibration, calibration, type Forecast } from "../metrics/calibration.ts";
import { loadProfile } from "../stages/profile.ts";
import { renderScene } from "../world/draw.ts";
import { charactersOf, sampleScene, type Scene } from "../world/scene.ts";
import { attributesOf } from "../world/scene_truth.ts";

/** Calibration by attribute; `all` has every attribute together. */
export type JudgeCalibration = Readonly<Record<string, Calibration>>;

/** Side of the rendered scenes, pixels. */
const SIDE = 64;

const scenesOf = (count: number, seed: number): readonly Scene[] => {
  const characters = charactersOf("heldout");
  return Array.from(
    { length: count },
    (_, index) => sampleScene(fold(keyFromSeed(seed), index), { characters, combinations: "all" }),
  );
};

/**
 * Measures accuracy, mean confidence, expected calibration error and Brier score of an attribute reader.
 *
 * @param reader The reader.
 * @param options.scenes How many scenes with characters that training never saw; default 256.
 * @param options.seed Which scenes.
 * @returns Numbers by attribute, and for all together under `all`; an attribute that is never read is absent.
 */
export function judgeCalibration(
  reader: Pick<AttributeReader, "read">,
  options: { readonly scenes?: number; readonly seed?: number } = {},
): Stage<unknown, JudgeCalibration> {
  const scenes = scenesOf(options.scenes ?? 256, options.seed ?? 1);
  return pipe(
    reader.read(scenes.map((scene) => renderScene(scene, { size: SIDE }))),
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

/**
 * Measures the attribute reader of a profile.
 *
 * @param profile The profile's file or folder.
 * @param options As in {@link judgeCalibration}.
 * @returns The numbers; Left `InputInvalid` if the profile has no attribute reader.
 */
export function profileCalibration(
  profile: string,
  options: { readonly scenes?: number; readonly seed?: number } = {},
): Stage<HasFiles, JudgeCalibration> {
  return pipe(
    loadProfile(profile),
    RTE.flatMap(({ judge }) =>
      judge === null
        ? fromChecked(refuse(profile, "names no attribute reader (judge)", "name a profile that has one"))
        : scoped(
          loadAttributeReader(judge),
          (reader) => judgeCalibration(reader, options),
          ({ dispose }) => dispose(),
        )
    ),
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
