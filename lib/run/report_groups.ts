/**
 * Which metrics share a chart of the report.
 *
 * @module
 */
import { type LineChart, type Series, seriesOf } from "./report_charts.ts";
import type { MetricsRow } from "./metrics_log.ts";

interface Group {
  readonly title: string;
  /** Matches metric names; the first capture is the name in the legend. */
  readonly pattern: RegExp;
}

const MAIN_GROUPS: readonly Group[] = [
  { title: "Reward", pattern: /^reward$/ },
  { title: "Reward by expert", pattern: /^rewards\/(.+)\/mean$/ },
  { title: "Spread of rewards in a group", pattern: /^reward_std$/ },
  { title: "Distance from the reference policy (KL)", pattern: /^kl$/ },
  { title: "Screening: pass rate and its target", pattern: /^dsog\/((?:target_)?pass_rate)$/ },
  { title: "Screening: threshold", pattern: /^dsog\/threshold$/ },
  {
    title: "Images: edges, saturation, darkness, diversity, copies",
    pattern: /^images\/(edge_density|saturation|dark_share|diversity|copies)$/,
  },
  { title: "Images: colour entropy, bits", pattern: /^images\/colour_entropy$/ },
  { title: "Gradient norm", pattern: /^grad_norm$/ },
  { title: "Entropy", pattern: /^(?:entropy|entropy\/(.+))$/ },
];

const chartOf = (
  rows: readonly MetricsRow[],
  names: readonly string[],
  { title, pattern }: Group,
): LineChart => ({
  title,
  series: names
    .filter((name) => pattern.test(name))
    .map((name): Series => seriesOf(rows, name, pattern.exec(name)?.[1] ?? name))
    .filter(({ points }) => points.length > 0),
});

/** The charts of a run: the ones to look at, and one for each of the other metrics. */
export interface ReportCharts {
  readonly main: readonly LineChart[];
  readonly others: readonly LineChart[];
}

/**
 * Groups the metrics of a run into charts.
 *
 * @returns The charts that have at least one point.
 */
export function groupMetrics(rows: readonly MetricsRow[]): ReportCharts {
  const names = [...new Set(rows.flatMap(({ metrics }) => Object.keys(metrics)))];
  const others = names.filter((name) => !MAIN_GROUPS.some(({ pattern }) => pattern.test(name)));
  const drawn = (charts: readonly LineChart[]): readonly LineChart[] =>
    charts.filter(({ series }) => series.length > 0);
  return {
    main: drawn(MAIN_GROUPS.map((group) => chartOf(rows, names, group))),
    others: drawn(others.map((name) => ({
      title: name,
      series: [seriesOf(rows, name)].filter(({ points }) => points.length > 0),
    }))),
  };
}
