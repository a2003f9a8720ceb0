/**
 * The model card of a run: one page of Markdown that a reviewer can check.
 *
 * @module
 */
import { relative } from "node:path";
import type { Concept } from "../concept/concept.ts";
import type { NearPair } from "../image/perceptual_hash.ts";
import type { Evaluation, Score } from "../run/evaluation.ts";
import { calibrationTables } from "../run/judge_calibration.ts";
import { hardCaseTables } from "../run/report_hard_cases.ts";
import { judgeTables } from "../run/report_judges.ts";
import type { RunData } from "../run/report_data.ts";
import { placeOfImage } from "../run/report_gallery.ts";
import { imageRows, nearestText } from "../run/report_images.ts";
import { numberCell, scoreText } from "../run/report_page.ts";
import { flatParameters, type HyperParameter } from "../run/tensorboard.ts";
import type { Failures, ScoredLine } from "./failures.ts";

/** The photos and facts behind a run, looked at again when the card is written. */
export interface CardData {
  readonly concept: Concept;
  /** Test photos that look like a train photo. */
  readonly nearDuplicates: readonly NearPair[];
}

/** What a card is made from. */
export interface ModelCard {
  readonly run: RunData;
  /** The run's folder, from which links are relative. */
  readonly folder: string;
  /** The resolved config. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Or why the data could not be looked at again. */
  readonly data: CardData | { readonly problem: string };
  readonly failures: Failures;
  /** Folder of the last evaluation. */
  readonly evaluated: string;
}

const clean = (text: string): string => text.replace(/\s+/g, " ").trim().replaceAll("|", "\\|");
const code = (text: string): string => `\`${text.replaceAll("`", "'")}\``;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(clean).join(" | ")} |`;
  return [line(head), `|${head.map(() => "---|").join("")}`, ...rows.map(line)].join("\n");
}

const section = (title: string, ...parts: readonly string[]): string =>
  [`## ${title}`, ...parts.filter((part) => part !== "")].join("\n\n");

const listed = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join("\n");

function conceptPart({ data }: ModelCard): string {
  if ("problem" in data) {
    return section("Concept and data", `The data could not be looked at again: ${data.problem}.`);
  }
  const { concept, nearDuplicates } = data;
  const { token, className, category, info, facts, trainImages, testImages, root } = concept;
  const of = (split: "train" | "test"): number => facts.filter((fact) => fact.split === split).length;
  const pairs = nearDuplicates.map(({ train, test, bits }) =>
    `${test} looks like ${train} (${bits} of 64 bits differ)`
  );
  return section(
    "Concept and data",
    listed([
      `Concept: ${code(token)}, ${className} (${category}). ${clean(info)}`,
      `Facts: ${of("train")} for training, ${of("test")} only for testing.`,
      `Photos: ${trainImages.length} for training, ${testImages.length} for testing, from ${code(root)}.`,
      "Overlap: no test photo is the same file as a train photo; " +
      (pairs.length === 0
        ? "none looks like one (perceptual hash, 6 of 64 bits)."
        : `${pairs.length} look like one, so scores may be too good:`),
    ]),
    listed(pairs),
  );
}

/** Settings that a reader looks for first. */
const MAIN_SETTINGS =
  /^(profile|concept|seed|semantic_tokens|generation_tokens|cold_start\.(plan|steps|epochs)|rl\.\w+|rewards\.[\w.]+|dsog\.\w+|reasoning\.mix)$/;

const shown = (value: HyperParameter): string =>
  typeof value === "number" ? numberCell(value) : String(value);

function settingsPart({ run, settings }: ModelCard): string {
  const main = Object.entries(flatParameters(settings)).filter(([name]) => MAIN_SETTINGS.test(name));
  const { version, commit, configHash } = run.manifest;
  return section(
    "Settings",
    "The method is UniCTokens-R1 (ICLR 2026 submission 19343), published as Uni-Synergy / Sync-R1 (arXiv 2605.10445), after a cold start as in UniCTokens " +
      "(arXiv 2505.14671), as this program implements it: `docs/implementation-details.md` lists where it differs. " +
      `Program version ${version ?? "unknown"}, commit ${commit ?? "unknown"}, config ${
        configHash ?? "unknown"
      }.`,
    main.length === 0
      ? ""
      : table(["setting", "value"], main.map(([name, value]) => [code(name), shown(value)])),
    "All settings are in [config.yaml](config.yaml).",
  );
}

/** Whether two intervals overlap; `null` where one of them is missing. */
const apart = (before: Score, after: Score): boolean | null =>
  before.low === undefined || before.high === undefined || after.low === undefined || after.high === undefined
    ? null
    : after.high < before.low || after.low > before.high;

const clearness = (clear: boolean | null): string =>
  clear === null ? "no interval" : clear ? "clear" : "intervals overlap";

interface Change {
  readonly metric: string;
  readonly title: string;
  readonly before: Score;
  readonly after: Score;
  readonly difference: number | null;
}

function changes(evaluations: readonly Evaluation[]): readonly Change[] {
  const [first, last] = [evaluations[0], evaluations.at(-1)];
  if (first === undefined || last === undefined) return [];
  return Object.entries(last.scores).map(([metric, after]) => {
    const before = first.scores[metric] ?? { value: null };
    const difference = before.value === null || after.value === null ? null : after.value - before.value;
    return { metric, title: last.titles[metric] ?? metric, before, after, difference };
  });
}

const signed = (value: number | null): string =>
  value === null ? "–" : `${value > 0 ? "+" : ""}${numberCell(Number(value.toPrecision(3)))}`;

function scoresPart({ run: { evaluations } }: ModelCard): string {
  const [first, last] = [evaluations[0], evaluations.at(-1)];
  if (first === undefined || last === undefined) return section("Before and after", "Nothing was evaluated.");
  const all = changes(evaluations);
  if (first === last) {
    return section(
      "Scores",
      `One state was evaluated, after update ${last.step}.`,
      table(["metric", `step ${last.step}`], all.map(({ title, after }) => [title, scoreText(after)])),
      listed(last.notes),
    );
  }
  return section(
    "Before and after",
    `95 % bootstrap intervals in brackets. A change is called clear where the intervals do not overlap.`,
    table(
      ["metric", `step ${first.step}`, `step ${last.step}`, "change", ""],
      all.map(({ title, before, after, difference }) => [
        ...[title, scoreText(before), scoreText(after), signed(difference)],
        clearness(apart(before, after)),
      ]),
    ),
    listed(last.notes),
  );
}

function worsePart({ run: { evaluations } }: ModelCard): string {
  if (evaluations.length < 2) return "";
  const worse = changes(evaluations).filter(({ difference }) => difference !== null && difference < 0)
    .toSorted((a, b) => (a.difference as number) - (b.difference as number));
  const warnings = (evaluations.at(-1)?.images?.warnings ?? []).map((line) => `Images: ${line}.`);
  const lines = worse.map(({ title, before, after, difference }) =>
    `${title}: ${signed(difference)} (${clearness(apart(before, after))}).`
  );
  return section(
    "What got worse",
    listed([...lines, ...warnings]) ||
      "No score fell, and no statistic of the images left the band of the cold start.",
  );
}

const hardPart = ({ run: { evaluations } }: ModelCard): string =>
  hardCaseTables(evaluations).map(({ title, head, rows }) => section(title, table(head, rows))).join("\n\n");

function judgePart({ run: { evaluations, calibration } }: ModelCard): string {
  const judges = evaluations.findLast(({ judges }) => judges !== undefined)?.judges;
  const tables = [...(judges === undefined ? [] : judgeTables(judges)), ...calibrationTables(calibration)];
  if (tables.length === 0) return "";
  return section(
    "How far the judge can be trusted",
    ...tables.flatMap(({ title, head, rows }) => [`### ${title}`, table(head, rows)]),
  );
}

function imagesPart({ run, folder, evaluated }: ModelCard): string {
  const { head, rows } = imageRows(run.evaluations);
  if (rows.length === 0) return section("Images", "No image was measured.");
  const nearest = run.evaluations.at(-1)?.images?.nearest ?? [];
  const copies = nearest.filter(({ copy }) => copy);
  const link = (path: string): string => `![](${relative(folder, path)})`;
  return section(
    "Images",
    "Watched beside the rewards, never one of them.",
    table(head, rows),
    "### Copies of training photos",
    copies.length > 0
      ? "Images that are copies, and the nearest others:"
      : "None was found. The images nearest to a training photo:",
    table(
      ["image", "nearest training photo", ""],
      nearest.slice(0, Math.max(3, copies.length)).map((pair) => [
        link(placeOfImage(evaluated, pair.image)),
        link(pair.photo),
        nearestText(pair),
      ]),
    ),
  );
}

function failureText({ folder, evaluated }: ModelCard, line: ScoredLine, index: number): string {
  const { task, item, prompt, reference, prediction, image, reasoning, scores } = line;
  const said = (title: string, text: string | null): readonly string[] =>
    text === null || text === "" ? [] : [`   - ${title}: ${clean(text)}`];
  const numbers = Object.entries(scores).map(([name, value]) => `${name} ${numberCell(value)}`).join(", ");
  return [
    `${index + 1}. ${code(`${task}/${item}`)}: ${clean(prompt)}`,
    ...said("wanted", reference),
    ...said("answered", prediction),
    ...said("reasoned", reasoning),
    ...(image === null ? [] : [`   - drawn: ![](${relative(folder, placeOfImage(evaluated, image))})`]),
    `   - scores: ${numbers}`,
  ].join("\n");
}

function failuresPart(card: ModelCard): string {
  const { judged, failed, shown: drawn } = card.failures;
  const title = "Five random failures";
  if (judged === 0) {
    return section(title, "Nothing says right or wrong here: no judge, no yes or no, no exact match.");
  }
  if (failed === 0) return section(title, `None of the ${judged} judged items failed.`);
  return section(
    title,
    `${drawn.length} of ${failed} failures among ${judged} judged items, drawn by the name of the run and not chosen.`,
    drawn.map((line, index) => failureText(card, line, index)).join("\n"),
  );
}

function reproducePart({ run: { name, manifest, evaluations } }: ModelCard): string {
  const { commit, backend, weights, machine, seeds } = manifest;
  const seed = Object.entries(seeds ?? {}).map(([role, value]) => `${role} ${value}`).join(", ");
  const facts = [
    ...(backend === undefined ? [] : [`Backend: ${backend}; the same backend gives the same numbers.`]),
    ...(machine === undefined
      ? []
      : [`Computer: ${machine.os} ${machine.architecture}, ${machine.cores} cores.`]),
    ...(weights === undefined ? [] : [`Fingerprint of the frozen weights: ${weights}.`]),
    ...(seed === "" ? [] : [`Seeds: ${seed}.`]),
  ];
  const commands = [
    ...(commit === null || commit === undefined ? [] : [`git checkout ${commit}`]),
    `deno task train runs/${name}/config.yaml`,
    ...(evaluations.length === 0 ? [] : [`deno task eval runs/${name}`]),
    `deno task report runs/${name} --card`,
  ];
  return section("How to reproduce it", `\`\`\`\n${commands.join("\n")}\n\`\`\``, listed(facts));
}

/**
 * Writes the card of a run.
 *
 * @param card What the run folder and the data hold.
 * @returns Markdown; links are relative to the run's folder.
 */
export function renderModelCard(card: ModelCard): string {
  const { name, manifest, rows } = card.run;
  const started = manifest.started === undefined ? "" : `, started ${manifest.started.slice(0, 10)}`;
  const parts = [
    `# ${name}`,
    `A personalised model after ${
      rows.at(-1)?.step ?? 0
    } updates${started}. The same numbers as a page: [report.html](report.html).`,
    conceptPart(card),
    settingsPart(card),
    scoresPart(card),
    worsePart(card),
    hardPart(card),
    judgePart(card),
    imagesPart(card),
    failuresPart(card),
    reproducePart(card),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}
