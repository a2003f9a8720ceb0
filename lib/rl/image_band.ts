/**
 * The band around what the cold start draws: images that leave it get worse while rewards may rise.
 *
 * @module
 */

/** How far a statistic may go from that of the cold start. */
interface Band {
  /** Factor of the start below which it has fallen. */
  readonly fall?: number;
  /** Factor of the start above which it has risen. */
  readonly rise?: number;
  /** Instead of factors: how much it may rise or fall. */
  readonly slack?: number;
  readonly fell: string;
  readonly rose: string;
  readonly remedy: string;
}

const HOLD = "raise rl.beta, lower rl.learning_rate, or go on from an earlier checkpoint";
const VARY = "raise generation.temperature or rl.beta, or go on from an earlier checkpoint";

/** By statistic; those that are not here have no band. */
const BANDS: Readonly<Record<string, Band>> = {
  edge_density: {
    ...{ fall: 0.7, rise: 1.6, fell: "images lose their edges", rose: "images become noisy" },
    remedy: HOLD,
  },
  colour_entropy: {
    ...{ fall: 0.8, rise: 1.3, fell: "images lose their colours", rose: "images become speckled" },
    remedy: HOLD,
  },
  saturation: {
    ...{ fall: 0.65, rise: 1.6, fell: "colours become pale", rose: "colours become glaring" },
    remedy: HOLD,
  },
  dark_share: { slack: 0.15, fell: "images become bright", rose: "images become dark", remedy: HOLD },
  diversity: {
    ...{ fall: 0.6, fell: "the images of a prompt become alike", rose: "" },
    remedy: VARY,
  },
  copies: {
    ...{ slack: 0.1, fell: "", rose: "images become copies of training photos" },
    remedy: "lower the weight rewards.der, raise rl.beta, or add photos",
  },
};

/** Statistics that have a band, in the order of warnings. */
export const BANDED: readonly string[] = Object.keys(BANDS);

/** Statistics by name; what is missing or no number counts as not measured. */
export type Measured = Readonly<Record<string, number | null | undefined>>;

const known = (value: number | null | undefined): value is number =>
  typeof value === "number" && Number.isFinite(value);

/**
 * Tells how far a statistic has gone on its way out of the band.
 *
 * `fall: (start − now) / (start − fall · start)`, `rise: (now − start) / (rise · start − start)`, `slack: (now − start) / slack`.
 *
 * @param name A name of {@link BANDED}.
 * @param start Its value at the cold start.
 * @param now Its value now.
 * @returns Positive if it rose, negative if it fell; at 1 or −1 it leaves the band. A side without a warning, an unknown
 * name and a start of 0 without slack give 0.
 *
 * @example
 * ```ts
 * import { bandPosition } from "./image_band.ts";
 * import assert from "node:assert/strict";
 * assert.equal(bandPosition("colour_entropy", 5, 5), 0);
 * assert.equal(bandPosition("diversity", 0.5, 0.3), -1);
 * assert.equal(bandPosition("copies", 0, 0.2), 2);
 * ```
 */
export function bandPosition(name: string, start: number, now: number): number {
  const band = BANDS[name];
  if (band === undefined || now === start || (now > start ? band.rose : band.fell) === "") return 0;
  const { fall = 0, rise = Infinity, slack = (now > start ? rise - 1 : 1 - fall) * start } = band;
  return slack > 0 && Number.isFinite(slack) ? (now - start) / slack : 0;
}

/** A statistic that left the band. */
export interface BandWarning {
  readonly name: string;
  readonly start: number;
  readonly now: number;
  /** What a person sees in the images. */
  readonly seen: string;
  readonly remedy: string;
}

/**
 * Finds the statistics that left the band of the cold start.
 *
 * @param start Statistics of the cold start.
 * @param now The same later, of the same prompts.
 * @returns One warning each, in the order of {@link BANDED}; what was not measured both times is left out.
 */
export function bandWarnings(start: Measured, now: Measured): readonly BandWarning[] {
  return Object.entries(BANDS).flatMap(([name, { fell, rose, remedy }]) => {
    const [before, after] = [start[name], now[name]];
    if (!known(before) || !known(after)) return [];
    const position = bandPosition(name, before, after);
    if (Math.abs(position) < 1) return [];
    return [{ name, start: before, now: after, seen: position > 0 ? rose : fell, remedy }];
  });
}

const short = (value: number): string => String(Number(value.toPrecision(3)));

/**
 * Words a warning.
 *
 * @returns One line: what was seen, the numbers, what to do.
 */
export function bandLine({ name, start, now, seen, remedy }: BandWarning): string {
  return `${seen}: ${name} went from ${short(start)} at the cold start to ${short(now)}; ${remedy}`;
}
