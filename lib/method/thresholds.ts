/**
 * DSOG's thresholds between updates: one for all tasks, or one for each mode.
 *
 * @module
 */
import { SCREENING_RULES } from "../rl/screening.ts";
import { type ThresholdState, updateThreshold } from "../rl/threshold.ts";
import type { Group } from "./screening.ts";
import type { TrainingSettings } from "./settings.ts";
import type { Mode } from "./task.ts";

/** The threshold of each mode, `null` before its first group; without `dsog.per_mode` both are the same. */
export type ModeThresholds = Readonly<Record<Mode, ThresholdState | null>>;

/** A filled group, as far as thresholds look at it. */
export type ScreenedGroup = Pick<Group, "threshold" | "screened"> & {
  readonly task: Pick<Group["task"], "mode">;
};

/** Before the first update. */
export const NO_THRESHOLDS: ModeThresholds = { visual: null, textual: null };

/** Passed over scored candidates of all groups; NaN if nothing was scored. */
const pooledPassRate = (groups: readonly ScreenedGroup[]): number => {
  const [passed, scored] = [
    groups.reduce((sum, { screened }) => sum + screened.passed, 0),
    groups.reduce((sum, { screened }) => sum + screened.scored, 0),
  ];
  return scored === 0 ? NaN : passed / scored;
};

/** The threshold after groups that share it: it moves once, by the pass rate of all. */
const after = (
  before: ThresholdState | null,
  groups: readonly ScreenedGroup[],
  { dsog }: Pick<TrainingSettings, "dsog">,
): ThresholdState | null => {
  const rule = SCREENING_RULES[dsog.rule].threshold;
  const inForce = groups.find(({ threshold }) => threshold !== null)?.threshold ?? before;
  if (inForce === null || rule === null || !dsog.enabled) return inForce;
  return updateThreshold(inForce, pooledPassRate(groups), { ...dsog, rule });
};

/**
 * The thresholds after an update.
 *
 * @param before Those before it.
 * @param groups The groups of the update.
 * @param settings The rule, and whether each mode has a threshold of its own.
 * @returns Moved once by the pass rate of the groups that share a threshold; as it was where nothing was scored, under a rule
 * without threshold, and for a mode that had no group.
 *
 * Source: UniCTokens-R1, §3.3.1, which has one threshold; one for each mode is ours.
 */
export function nextThresholds(
  before: ModeThresholds,
  groups: readonly ScreenedGroup[],
  settings: Pick<TrainingSettings, "dsog">,
): ModeThresholds {
  const of = (mode: Mode): ThresholdState | null =>
    after(before[mode], groups.filter(({ task }) => task.mode === mode), settings);
  if (settings.dsog.perMode) return { visual: of("visual"), textual: of("textual") };
  const shared = after(before.visual ?? before.textual, groups, settings);
  return { visual: shared, textual: shared };
}
