/**
 * The outcome of an evaluation as it is kept: `eval/step-000040.json`, versioned.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as E from "fp-ts/lib/Either.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as t from "io-ts";
import { decodeWith, parseJson } from "../concept/json_file.ts";
import type { HasFiles } from "../core/capability.ts";
import type { Checked, Stage } from "../core/stage.ts";
import type { Splitter } from "../metrics/segments.ts";
import type { ImageStatistics } from "../metrics/image_statistics.ts";
import type { Measured } from "../rl/image_band.ts";
import { type Evaluation as RunEvaluation, ImagesEntry } from "../run/evaluation.ts";
import { type HardCases, HardCasesEntry } from "../run/hard_cases.ts";
import { type Judges, JudgesEntry } from "../run/judges.ts";
import type { Reasoning } from "./generate.ts";
import { type ImageSummary, imageSummary } from "./image_summary.ts";
import { metricTitle } from "./metrics.ts";
import type { Benchmark } from "./other_benchmarks.ts";
import type { ScoredItem, ScoreOptions } from "./scored.ts";
import { type MetricScore, summarise } from "./summarise.ts";

/** The version of the file; a change that readers must know of raises it. */
export const EVALUATION_VERSION = 1;

/** All choices that a number depends on. */
export interface Protocol extends Omit<ScoreOptions, "pictureBatch" | "maxWords"> {
  readonly seed: number;
  readonly imagesPerPrompt: number;
  /** Facts that the reasoning tasks ask for. */
  readonly facts: "test" | "train" | "all";
  readonly splitter: Splitter;
  /** What completed the prompts that need a fact; `given` = somebody else's predictions. */
  readonly reasoning: Reasoning | "given";
  /** Id of the judge; `null` = none. */
  readonly judge: string | null;
}

/** What an evaluation found. Reports read the part that {@link RunEvaluation} names. */
export interface Evaluation extends RunEvaluation {
  readonly v: typeof EVALUATION_VERSION;
  readonly bench: Benchmark;
  readonly model: string;
  readonly concepts: readonly string[];
  readonly protocol: Protocol;
  readonly scores: Readonly<Record<string, MetricScore>>;
  /** The photos scored like pictures, by `clip_i`, `dino_i`, `face_sim`; mean over concepts. */
  readonly realImages: Readonly<Record<string, number | null>>;
  /** Absent from files of earlier versions of this program. */
  readonly images?: ImageSummary;
}

/** What {@link evaluationOf} is made from. */
export interface EvaluationParts {
  readonly bench: Benchmark;
  readonly step: number;
  readonly model: string;
  readonly concepts: readonly string[];
  readonly protocol: Protocol;
  readonly items: readonly ScoredItem[];
  /** One per concept. */
  readonly realImages: readonly Readonly<Record<string, number | null>>[];
  /** Mean statistics of the training photos, one per concept. */
  readonly photos?: readonly ImageStatistics[];
  /** What the cold start drew like, if it was evaluated. */
  readonly start?: Measured;
  /** How far the judge can be trusted, if that was measured. */
  readonly judges?: Judges;
  /** Scores on hard cases, if they were asked. */
  readonly hardCases?: HardCases;
}

const meanOf = (values: readonly (number | null | undefined)[]): number | null => {
  const known = values.filter((value) => typeof value === "number");
  return known.length === 0 ? null : known.reduce((a, b) => a + b, 0) / known.length;
};

function notesOf({ protocol, concepts, items }: EvaluationParts): readonly string[] {
  const { judge, imagesPerPrompt, clipFlavour, references, splitter, hitRule, facts, reasoning, seed } =
    protocol;
  const pictures = items.some(({ sample }) => sample !== null);
  const blank = items.filter(({ scores }) => Object.values(scores).includes(null)).length;
  return [
    `${concepts.length === 1 ? "concept" : `${concepts.length} concepts:`} ${
      concepts.join(", ")
    }; seed ${seed}`,
    `judge: ${judge ?? "none"}`,
    ...(pictures
      ? [
        `${imagesPerPrompt} pictures per prompt; references: ${references} photos; CLIP preprocessing: ${clipFlavour}; ` +
        `clauses: ${splitter}; reasoning: ${reasoning}`,
      ]
      : []),
    `yes and no: ${hitRule}; facts asked for: ${facts}`,
    concepts.length === 1
      ? "intervals: 95 %, bootstrap over the prompts of one concept"
      : "intervals: 95 %, bootstrap over concepts",
    ...(blank === 0 ? [] : [`${blank} of ${items.length} items lack at least one score`]),
  ];
}

/**
 * Puts an evaluation together.
 *
 * @param parts Scored items and how they came about.
 * @returns The evaluation, ready to be written.
 */
export function evaluationOf(parts: EvaluationParts): Evaluation {
  const { bench, step, model, concepts, protocol, items, realImages, photos = [], start = {} } = parts;
  const { judges, hardCases } = parts;
  const scores = summarise(items, protocol);
  const photoMetrics = [...new Set(realImages.flatMap((scored) => Object.keys(scored)))];
  return {
    v: EVALUATION_VERSION,
    step,
    bench,
    model,
    concepts,
    protocol,
    scores,
    titles: Object.fromEntries(Object.keys(scores).map((key) => [key, metricTitle(key)])),
    realImages: Object.fromEntries(
      photoMetrics.map((metric) => [metric, meanOf(realImages.map((scored) => scored[metric]))]),
    ),
    notes: notesOf(parts),
    images: imageSummary(items, { photos, start, seed: protocol.seed }),
    ...(judges === undefined ? {} : { judges }),
    ...(hardCases === undefined ? {} : { hardCases }),
  };
}

const nullable = t.union([t.number, t.null]);
const fileCodec = t.intersection([
  t.type({
    v: t.literal(EVALUATION_VERSION),
    step: t.number,
    bench: t.keyof({ "unifybench++": null, yollava: null, mcllava: null, dreambench: null }),
    model: t.string,
    concepts: t.array(t.string),
    protocol: t.UnknownRecord,
    scores: t.record(
      t.string,
      t.intersection([
        t.type({ value: nullable, scored: t.number, items: t.number, coverage: t.number }),
        t.partial({ low: t.number, high: t.number }),
      ]),
    ),
    titles: t.record(t.string, t.string),
    notes: t.array(t.string),
    realImages: t.record(t.string, nullable),
  }),
  t.partial({ images: ImagesEntry, judges: JudgesEntry, hardCases: HardCasesEntry }),
]);

/**
 * Reads an evaluation back.
 *
 * @param path Its name, for messages.
 * @returns The evaluation; Left `InputInvalid` naming the field.
 */
export function parseEvaluation(text: string, path: string): Checked<Evaluation> {
  return pipe(
    parseJson(text, path),
    E.flatMap(decodeWith(fileCodec, path)),
    E.map((decoded) => decoded as unknown as Evaluation),
  );
}

/**
 * Reads an evaluation file.
 *
 * @returns The evaluation; Left `FileMissing` or `InputInvalid`.
 */
export function readEvaluation(path: string): Stage<HasFiles, Evaluation> {
  return pipe(
    RTE.asks(({ files }: HasFiles) => files),
    RTE.flatMapTaskEither((files) => files.readText(path)),
    RTE.flatMapEither((text) => parseEvaluation(text, path)),
  );
}
