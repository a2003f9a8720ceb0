/**
 * The public code's oddities behind one switch: what `compat: released` means for a training run.
 *
 * @module
 */
import type { NonNegative, UnitInterval } from "../config/numbers.ts";
import type { TrainingSettings } from "./settings.ts";

/** θ that the released code starts from. */
const FIRST_THRESHOLD = 0.5 as UnitInterval;
/** T₀ of its rollouts that pause for a preview. */
const PREVIEW_TEMPERATURE = 1.8 as NonNegative;
/** A gate of one half around a flip of one half. */
const FLIP = 0.25 as UnitInterval;

/**
 * Lays the released behaviour over settings.
 *
 * Decoding pauses and ends as released (`decode_state.ts` does that by the same switch), the threshold moves by fixed
 * steps from 0.5, noise starts at 1.8 where previews are drawn; batches and mirror images of the cold start are made
 * once and replayed, and its texts are the released sentences.
 *
 * @returns The same settings under `exact`; applying it twice changes nothing more.
 */
export function withCompat(settings: TrainingSettings): TrainingSettings {
  if (settings.compat !== "released") return settings;
  const { dsog, generation, coldStart } = settings;
  return {
    ...settings,
    dsog: { ...dsog, rule: "released", initialThreshold: FIRST_THRESHOLD },
    generation: dsog.enabled ? { ...generation, temperature: PREVIEW_TEMPERATURE } : generation,
    coldStart: { ...coldStart, order: "frozen", prompts: "released", flip: FLIP },
  };
}
