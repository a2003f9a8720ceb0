/**
 * The DSOG experiment in words and tables.
 *
 * @module
 */
import type { DsogSimulation } from "./dsog_simulation.ts";
import type { TrainingSettings } from "../../lib/method/settings.ts";
import { type Correlation, type CostOfReward, groupMeans } from "./dsog_numbers.ts";
import { type PoolsFound, poolsPart } from "./dsog_replay_summary.ts";
import type { LearningRow } from "./dsog_learning.ts";
import type { GroupRow, PreviewRow } from "./dsog_rollouts.ts";

/** What was measured on the model, with its numbers. */
export interface DsogFound {
  readonly previews: readonly PreviewRow[];
  readonly groups: readonly GroupRow[];
  readonly correlations: readonly Correlation[];
  readonly costs: readonly CostOfReward[];
  /** `null`: no pool was drawn. */
  readonly rules: PoolsFound | null;
  readonly learning: readonly LearningRow[];
}

const fixed = (value: number | null | undefined, digits = 2): string =>
  value === null || value === undefined || Number.isNaN(value) ? "–" : value.toFixed(digits);

const table = (head: readonly string[], body: readonly (readonly string[])[]): string =>
  [head, head.map((_, column) => column === 0 ? "---" : "---:"), ...body].map((cells) =>
    `| ${cells.join(" | ")} |`
  ).join("\n");

/**
 * Writes the simulations as CSV, one line per distribution, variant and update.
 *
 * @returns `distribution,variant,update,threshold,pass_rate,passed,candidates,fallbacks`.
 */
export function simulationCsv(simulations: readonly DsogSimulation[]): string {
  const quoted = (text: string): string => `"${text}"`;
  const lines = simulations.flatMap(({ distribution, variant, updates }) =>
    updates.map(({ threshold, passRate, passed, candidates, fallbacks }, update) =>
      [quoted(distribution), quoted(variant.name), update, threshold, passRate, passed, candidates, fallbacks]
        .join(",")
    )
  );
  return `${
    ["distribution,variant,update,threshold,pass_rate,passed,candidates,fallbacks", ...lines].join("\n")
  }\n`;
}

/** What runs have learnt, as lines of Markdown. */
export function learningPart(found: readonly LearningRow[]): readonly string[] {
  const moment = { start: "", updates: "all updates", seconds: "the seconds of the run without" } as const;
  const body = found.map(({ variant, after, updates, cost, reward, right }) => [
    variant,
    moment[after],
    String(updates),
    fixed(cost.seconds, 0),
    fixed(cost.decodeSteps, 0),
    fixed(reward, 3),
    fixed(right),
  ]);
  return [
    "## What screening is worth to learning",
    "",
    "One run each, all settings equal but those of screening. Rewards and right answers are those of groups that nobody screened, the same tasks and keys for " +
    "every policy; seconds and decoding steps are those of all updates so far.",
    "",
    table(["screening", "after", "updates", "seconds", "decoding steps", "reward", "right answers"], body),
  ];
}

/** Per variant over all distributions: how near the target, how fast, how dear. */
function variantTable(simulations: readonly DsogSimulation[]): string {
  const groups = [...Map.groupBy(simulations, ({ variant }) => variant.name)];
  const body = groups.map(([name, runs]) => {
    const rates = runs.map(({ summary }) => summary.passRate);
    const settled = runs.flatMap(({ summary }) => summary.settled ?? []);
    const updates = runs.reduce((sum, run) => sum + run.updates.length, 0);
    const average = (of: (run: DsogSimulation) => number): number =>
      runs.reduce((sum, run) => sum + of(run), 0) / runs.length;
    return [
      name,
      `${fixed(Math.min(...rates))} – ${fixed(Math.max(...rates))}`,
      `${settled.length} of ${runs.length}`,
      settled.length === 0 ? "–" : fixed(settled.reduce((a, b) => a + b, 0) / settled.length, 0),
      fixed(average(({ summary }) => summary.candidatesOverall), 0),
      `${fixed(100 * runs.reduce((sum, { summary }) => sum + summary.starved, 0) / updates, 0)} %`,
    ];
  });
  const head = [
    "rule and start",
    "late pass rates",
    "settled",
    "at update (mean)",
    "candidates an update",
    "starved updates",
  ];
  return table(head, body);
}

const simulationPart = (simulations: readonly DsogSimulation[]): readonly string[] => [
  "## Simulation",
  "",
  `Ten score distributions, ${
    simulations[0]?.updates.length ?? 0
  } updates each, G = 9, target pass rate 0.25. *Late*: the second half, ` +
  "lowest to highest of the ten. *Settled*: distributions whose pass rate, pooled over 20 updates, came within 0.05 of the target, and when. " +
  "*Starved*: fewer than G candidates passed before the bound of 8 G, and rejects filled the group; without a bound the update was given up " +
  "after 50 G candidates, where the released code would go on for ever.",
  "",
  variantTable(simulations),
  "",
  "![Thresholds](simulation-threshold.svg)",
  "",
  "![Pass rates](simulation-pass-rate.svg)",
];

const intervalText = ({ interval }: Correlation): string =>
  interval === null ? "" : ` [${fixed(interval.low)}, ${fixed(interval.high)}]`;

function correlationTable(found: readonly Correlation[]): string {
  const steps = [...new Set(found.map(({ step }) => step))];
  const of = (step: number, target: string) =>
    found.find((each) => each.step === step && each.target === target) as Correlation;
  const body = steps.map((step) => {
    const [final, reward] = [of(step, "final"), of(step, "reward")];
    return [
      String(step),
      `${fixed(final.mean)}${intervalText(final)}`,
      `${fixed(reward.mean)}${intervalText(reward)}`,
      fixed(final.pooled),
      fixed(reward.pooled),
    ];
  });
  return table([
    "preview after step",
    "with final score, inside groups",
    "with reward, inside groups",
    "final, pooled",
    "reward, pooled",
  ], body);
}

function groupTable(rows: readonly GroupRow[]): string {
  const body = groupMeans(rows).map((each) => [
    each.screened ? "with DSOG" : "without DSOG",
    String(each.groups),
    fixed(each.candidates, 1),
    fixed(each.decodeSteps, 0),
    fixed(each.seconds),
    fixed(each.reward, 3),
    fixed(each.best, 3),
  ]);
  return table(["", "groups", "candidates", "decoding steps", "seconds", "mean reward", "best reward"], body);
}

function costTable(costs: readonly CostOfReward[]): string {
  const [plain, screened] = [false, true].map((way) => costs.filter((cost) => cost.screened === way));
  const body = (plain ?? []).map((cost, index) => {
    const other = screened?.[index];
    return [
      fixed(cost.reward, 3),
      fixed(cost.seconds),
      fixed(other?.seconds),
      fixed(cost.decodeSteps, 0),
      fixed(other?.decodeSteps, 0),
    ];
  });
  return table(
    ["reward of at least", "seconds without", "seconds with", "steps without", "steps with"],
    body,
  );
}

const measuredPart = (
  found: DsogFound,
  { dsog, generation, concept, seed }: TrainingSettings,
): readonly string[] => [
  "## On the model",
  "",
  `One policy, after the cold start and without any update: ${concept}, seed ${seed}, T = ${generation.timesteps}, t* = ${dsog.previewStep}.`,
  "",
  `### What a preview predicts (${found.previews.length} pictures)`,
  "",
  "Spearman's rank correlation between the preview's score and the end: the score of the finished picture by the same expert, and the ensemble " +
  "reward. Inside groups (same task), mean over groups with 95 % bootstrap interval; pooled over all pictures, prompts differ, too.",
  "",
  correlationTable(found.correlations),
  "",
  "![Rank correlation by preview step](rank-correlation.svg)",
  "",
  "### Seconds to a reward",
  "",
  "The same tasks with and without screening, in turn. Seconds are those of answers, previews with their scores, and completion; rewards and " +
  "the update cost the same both ways and are left out. No updates are made: this is the price of good trajectories from one policy, not a learning " +
  "curve. Decoding steps do not depend on how busy the machine is.",
  "",
  groupTable(found.groups),
  "",
  "Cost of one trajectory that reaches a reward: all seconds (decoding steps) over the trajectories that reach it. Rewards are quantiles (0, 10 … 90, " +
  "95 %) of what comes without screening.",
  "",
  costTable(found.costs),
  "",
  "![Cost of a reward](seconds.svg)",
];

/**
 * Writes the summary.
 *
 * @param found What was measured on the model; `null` = only simulated.
 * @param settings The model's settings.
 * @returns Markdown.
 */
export function dsogSummary(
  simulations: readonly DsogSimulation[],
  found: DsogFound | null,
  settings: TrainingSettings,
): string {
  const measured = found === null ? [] : [
    "",
    ...measuredPart(found, settings),
    ...(found.rules === null ? [] : ["", ...poolsPart(found.rules)]),
    ...(found.learning.length === 0 ? [] : ["", ...learningPart(found.learning)]),
  ];
  return `${["# DSOG", "", ...simulationPart(simulations), ...measured].join("\n")}\n`;
}
