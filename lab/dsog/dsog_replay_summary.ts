/**
 * What rules would have kept, and what previews say, as tables.
 *
 * @module
 */
import type { ReplaySummary, ScreeningWay, WayCorrelation } from "./dsog_replay.ts";
import { wayName } from "./dsog_pools.ts";

/** What pools of candidates have shown. */
export interface PoolsFound {
  readonly groups: number;
  /** Candidates of each group. */
  readonly candidates: number;
  readonly correlations: readonly WayCorrelation[];
  readonly replays: readonly ReplaySummary[];
}

const fixed = (value: number | null | undefined, digits = 2): string =>
  value === null || value === undefined || Number.isNaN(value) ? "–" : value.toFixed(digits);

const table = (head: readonly string[], body: readonly (readonly string[])[]): string =>
  [head, head.map((_, column) => column === 0 ? "---" : "---:"), ...body].map((cells) =>
    `| ${cells.join(" | ")} |`
  ).join("\n");

/** `quantile, explicit, sampled, step 2, 25 %`. */
export function screeningWayName(way: ScreeningWay | null): string {
  if (way === null) return "without screening";
  const perMode = way.perMode ? ", threshold per mode" : "";
  return `${way.rule}${perMode}, ${wayName(way)}, ${fixed(100 * way.targetPassRate, 0)} %`;
}

function correlationTable(found: readonly WayCorrelation[]): string {
  const ways = [...new Set(found.map(({ way }) => wayName(way)))];
  const cells = (name: string, mode: string): readonly string[] => {
    const each = found.find(({ way, mode: other }) => wayName(way) === name && other === mode);
    const interval = each?.interval === null || each?.interval === undefined
      ? ""
      : ` [${fixed(each.interval.low)}, ${fixed(each.interval.high)}]`;
    return [`${fixed(each?.mean)}${interval}`, fixed(each?.equalPrompts)];
  };
  const head = ["preview", "facts", "facts, equal prompts", "photos", "photos, equal prompts"];
  return table(head, ways.map((name) => [name, ...cells(name, "textual"), ...cells(name, "visual")]));
}

function replayTable(found: readonly ReplaySummary[]): string {
  const plain = found.find(({ way }) => way === null);
  const body = found.map((each) => [
    screeningWayName(each.way),
    fixed(each.candidates, 1),
    `${fixed(each.decodeSteps, 0)} (${fixed(each.decodeSteps / (plain?.decodeSteps ?? NaN), 1)} ×)`,
    `${fixed(each.passRate.textual)} / ${fixed(each.passRate.visual)}`,
    `${fixed(100 * each.starved, 0)} %`,
    `${fixed(each.rightStarted)} → ${fixed(each.rightKept)}`,
    `${fixed(each.rewardStarted, 3)} → ${fixed(each.rewardKept, 3)}`,
    `${fixed(each.spreadStarted, 3)} → ${fixed(each.spreadKept, 3)}`,
  ]);
  const head = [
    ...["rule, text, preview, target", "candidates", "decoding steps", "pass rate facts / photos", "starved"],
    ...["right answers", "reward", "spread of rewards"],
  ];
  return table(head, body);
}

/** The part of the summary about pools of candidates, as lines of Markdown. */
export function poolsPart(found: PoolsFound): readonly string[] {
  return [
    "## Rules on the same candidates",
    "",
    `${found.groups} groups of ${found.candidates} candidates, all finished and rewarded; a rule starts as many of them as it needs, in order, ` +
    "and a threshold moves from group to group. *Right answers*: started → kept, groups about facts. *Spread*: standard deviation of the rewards inside a group.",
    "",
    replayTable(found.replays),
    "",
    "What a preview says of the reward: Spearman's rank correlation inside groups, mean over groups with 95 % bootstrap interval; *equal prompts*: inside " +
    "equal compound prompts, where only pictures differ.",
    "",
    correlationTable(found.correlations),
  ];
}
