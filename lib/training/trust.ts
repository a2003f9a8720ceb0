/**
 * Signs that a run has stopped learning what it should: warnings from the metrics of its last updates.
 *
 * A warning is raised once and stays until its sign is clearly gone (hysteresis), so a value that wavers around a limit
 * is told once. Everything follows from the rows of `metrics.jsonl`: a resumed run warns as a straight one.
 *
 * @module
 */
import { mean } from "../core/mean.ts";
import { bandPosition } from "../rl/image_band.ts";

/** The kinds of warnings, in the order of the log. */
export const WARNING_NAMES = [
  "zero_variance",
  "entropy_collapse",
  "kl_explosion",
  "starving_dsog",
  "no_gradient",
  "flat_images",
  "same_images",
  "copied_photos",
] as const;

/** A kind of warning. */
export type WarningName = typeof WARNING_NAMES[number];

/** Metrics of an update by name, as they are logged. */
export type WatchedMetrics = Readonly<Record<string, number | null | undefined>>;

/** What is remembered between updates. */
export interface TrustState {
  /** The last updates, oldest first. */
  readonly recent: readonly WatchedMetrics[];
  /** Mean entropy of the first updates: what collapse is measured against; `null` until they are done. */
  readonly firstEntropy: number | null;
  /** Mean looks of the first {@link TRUST_WINDOW} updates, by metric: the band of images lies around them; empty until then. */
  readonly firstLook: Readonly<Record<string, number>>;
  /** Warnings that stand. */
  readonly active: readonly WarningName[];
}

/** Updates that a warning looks back on. */
export const TRUST_WINDOW = 8;

/** Updates before the first warning. */
const FIRST = 4;

/** Nothing seen yet. */
export const NO_HISTORY: TrustState = { recent: [], firstEntropy: null, firstLook: {}, active: [] };

const LOOKS = ["images/edge_density", "images/colour_entropy", "images/diversity", "images/copies"] as const;

const SEEN = ["frac_reward_zero_std", "entropy", "kl", "dsog/fallbacks", "grad_norm", ...LOOKS] as const;

const known = (recent: readonly WatchedMetrics[], name: typeof SEEN[number]): readonly number[] =>
  recent.flatMap((row) => {
    const value = row[name];
    return typeof value === "number" && Number.isFinite(value) ? [value] : [];
  });

const share = (values: readonly number[], holds: (value: number) => boolean): number =>
  mean(values.map((value) => holds(value) ? 1 : 0));

/** How far a sign is: at `raise` and beyond a warning begins, below `clear` it ends; NaN = cannot be told. */
interface Sign {
  readonly level: number;
  readonly raise: number;
  readonly clear: number;
}

/** The last KL over the mean of those before it, where it is not small. */
function klJump(kl: readonly number[]): number {
  const last = kl[kl.length - 1] ?? 0;
  return last < 0.02 || kl.length < FIRST ? 0 : last / Math.max(mean(kl.slice(0, -1)), 1e-3);
}

/** How far looks have gone towards the given side of their band: 1 at its end; NaN = not measured. */
function outOfBand(
  { recent, firstLook }: Omit<TrustState, "active">,
  names: readonly typeof LOOKS[number][],
  side: 1 | -1,
): Sign {
  const positions = names.flatMap((name) => {
    const [start, now] = [firstLook[name], mean(known(recent, name))];
    return start === undefined || Number.isNaN(now)
      ? []
      : [side * bandPosition(name.slice("images/".length), start, now)];
  });
  return { level: positions.length === 0 ? NaN : Math.max(...positions), raise: 1, clear: 0.7 };
}

function signOf(name: WarningName, seen: Omit<TrustState, "active">): Sign {
  const { recent, firstEntropy } = seen;
  switch (name) {
    case "zero_variance":
      return { level: mean(known(recent, "frac_reward_zero_std")), raise: 0.5, clear: 0.3 };
    case "entropy_collapse": {
      const floor = Math.max(0.01, 0.1 * (firstEntropy ?? 0));
      return { level: floor / Math.max(mean(known(recent, "entropy")), 1e-9), raise: 1, clear: 0.5 };
    }
    case "kl_explosion": {
      const kl = known(recent, "kl");
      return { level: Math.max(mean(kl) / 0.2, klJump(kl) / 10), raise: 1, clear: 0.5 };
    }
    case "starving_dsog":
      return { level: share(known(recent, "dsog/fallbacks"), (count) => count > 0), raise: 0.5, clear: 0.3 };
    case "no_gradient":
      return { level: share(known(recent, "grad_norm"), (norm) => norm === 0), raise: 0.5, clear: 0.3 };
    case "flat_images":
      return outOfBand(seen, ["images/edge_density", "images/colour_entropy"], -1);
    case "same_images":
      return outOfBand(seen, ["images/diversity"], -1);
    case "copied_photos":
      return outOfBand(seen, ["images/copies"], 1);
  }
}

const stands = (name: WarningName, state: TrustState, seen: Omit<TrustState, "active">): boolean => {
  const { level, raise, clear } = signOf(name, seen);
  if (Number.isNaN(level)) return false;
  return state.active.includes(name) ? level >= clear : seen.recent.length >= FIRST && level >= raise;
};

/** The looks of the first full window, kept for the rest of the run. */
function firstLookOf(
  { firstLook }: TrustState,
  recent: readonly WatchedMetrics[],
): TrustState["firstLook"] {
  if (Object.keys(firstLook).length > 0 || recent.length < TRUST_WINDOW) return firstLook;
  return Object.fromEntries(
    LOOKS.map((name) => [name, mean(known(recent, name))] as const).filter(([, value]) =>
      !Number.isNaN(value)
    ),
  );
}

/**
 * Looks at one more update.
 *
 * @param state What is remembered of the updates before.
 * @param metrics The update's metrics; those that are missing or not finite count as not measured.
 * @returns The state after it; `active` lists the warnings that stand.
 *
 * @example A run whose rewards never differ is told once
 * ```ts
 * import { NO_HISTORY, type TrustState, watchUpdate } from "./trust.ts";
 * import assert from "node:assert/strict";
 * const flat = { frac_reward_zero_std: 1, grad_norm: 0.3 };
 * const after = [flat, flat, flat, flat].reduce<TrustState>(watchUpdate, NO_HISTORY);
 * assert.deepEqual(after.active, ["zero_variance"]);
 * ```
 */
export function watchUpdate(state: TrustState, metrics: WatchedMetrics): TrustState {
  const row = Object.fromEntries(SEEN.map((name) => [name, metrics[name] ?? null]));
  const recent = [...state.recent, row].slice(-TRUST_WINDOW);
  const entropies = known(recent, "entropy");
  const firstEntropy = state.firstEntropy ??
    (recent.length >= FIRST && entropies.length > 0 ? mean(entropies) : null);
  const seen = { recent, firstEntropy, firstLook: firstLookOf(state, recent) };
  return { ...seen, active: WARNING_NAMES.filter((name) => stands(name, state, seen)) };
}

/**
 * Lists the warnings that begin with an update.
 *
 * @param before The state before it.
 * @param after The state after it.
 */
export function raisedWarnings(before: TrustState, after: TrustState): readonly WarningName[] {
  return after.active.filter((name) => !before.active.includes(name));
}

const LINES: Readonly<Record<WarningName, readonly [string, string]>> = {
  zero_variance: [
    "half of the last groups had equal rewards: they teach nothing",
    "raise reasoning.temperature or generation.temperature, or rl.num_generations",
  ],
  entropy_collapse: [
    "the answers of a group are nearly all equal (entropy)",
    "raise rl.beta or reasoning.temperature, or lower rl.learning_rate",
  ],
  kl_explosion: ["the policy runs away from its start (kl)", "lower rl.learning_rate or raise rl.beta"],
  starving_dsog: [
    "half of the last groups had to be filled with rejected candidates",
    "raise dsog.max_candidates or dsog.mu, or leave dsog.initial_threshold out",
  ],
  no_gradient: [
    "half of the last updates had a gradient of exactly 0",
    "check rewards.* and rl.trainable; equal rewards give none",
  ],
  flat_images: [
    "images lose their edges or colours (images/edge_density, images/colour_entropy)",
    "raise rl.beta, lower rl.learning_rate, or go on from an earlier checkpoint",
  ],
  same_images: [
    "the images of a group become alike (images/diversity)",
    "raise generation.temperature or rl.beta, or go on from an earlier checkpoint",
  ],
  copied_photos: [
    "images become copies of training photos (images/copies)",
    "lower the weight rewards.der, raise rl.beta, or add photos",
  ],
};

/**
 * Words a warning for the log.
 *
 * @param step The update at which it begins.
 * @returns One line: what was seen, what to do, where to read on.
 */
export function warningLine(name: WarningName, step: number): string {
  const [seen, remedy] = LINES[name];
  return `step ${step}: ${seen}; ${remedy} (docs/metrics.md, trust/${name})`;
}

/**
 * The warnings that stand, as metrics.
 *
 * @param state The state after an update.
 * @returns `trust/<name>` → 1 or 0.
 */
export function trustMetrics({ active }: TrustState): Readonly<Record<string, number>> {
  return Object.fromEntries(WARNING_NAMES.map((name) => [`trust/${name}`, active.includes(name) ? 1 : 0]));
}
