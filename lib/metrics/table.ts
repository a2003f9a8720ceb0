/**
 * One model of a result table, measured rows and published ones side by side; `table_formats.ts` prints it.
 *
 * @module
 */
import { type BenchmarkScore, FULL_COVERAGE } from "./aggregate.ts";
import type { Interval } from "./bootstrap.ts";

/** A metric. */
export interface TableColumn {
  /** `vqa_bleu`; the same in measured and published rows. */
  readonly key: string;
  readonly title: string;
}

/** One number. */
export interface TableCell {
  /** `null` = not measured or not reported. */
  readonly value: number | null;
  readonly interval: Interval | null;
  /** `*` for low coverage, `†` for a repaired number. */
  readonly marks: readonly string[];
}

/** One method. */
export interface TableRow {
  readonly method: string;
  readonly group: string;
  /** Measured here, or copied from the paper. */
  readonly origin: "measured" | "paper";
  /** The version of the paper that a copied row is from. */
  readonly version?: string;
  readonly cells: Readonly<Record<string, TableCell>>;
}

/** A table. */
export interface MetricTable {
  readonly title: string;
  readonly columns: readonly TableColumn[];
  readonly rows: readonly TableRow[];
  /** Lines under the table: judge, CLIP flavour, reference choice, splitter, pictures per prompt … */
  readonly notes: readonly string[];
}

/** The mark of a number whose coverage is below 0.95. */
export const COVERAGE_MARK = "*";

/** The columns of the paper's main table. */
export const MAIN_COLUMNS: readonly TableColumn[] = [
  { key: "rec_weight", title: "Rec" },
  { key: "rea_bleu", title: "Rea BLEU" },
  { key: "dense_rea_judge", title: "Dense Rea judge" },
  { key: "vqa_bleu", title: "VQA BLEU" },
  { key: "vqa_judge", title: "VQA judge" },
  { key: "qa_bleu", title: "QA BLEU" },
  { key: "qa_judge", title: "QA judge" },
  { key: "pure_gen_clip_t", title: "Pure Gen CLIP-T" },
  { key: "pure_gen_clip_i", title: "Pure Gen CLIP-I" },
  { key: "dense_gen_judge", title: "Dense Gen judge" },
  { key: "dense_gen_clip_i", title: "Dense Gen CLIP-I" },
  { key: "rea_gen_clip_t", title: "Rea Gen CLIP-T" },
  { key: "rea_gen_clip_i", title: "Rea Gen CLIP-I" },
  { key: "dense_rea_gen_judge", title: "Dense Rea Gen judge" },
  { key: "dense_rea_gen_clip_i", title: "Dense Rea Gen CLIP-I" },
];

/**
 * Makes a row from measured scores.
 *
 * @param method What the row is called.
 * @param scores Scores by column key.
 * @param group Default empty.
 * @returns The row; numbers with a coverage below 0.95 carry `*`.
 */
export function measuredRow(
  method: string,
  scores: Readonly<Record<string, BenchmarkScore>>,
  group = "",
): TableRow {
  const cells = Object.entries(scores).map(([key, score]): [string, TableCell] => [
    key,
    {
      value: score.mean,
      interval: score.interval,
      marks: score.coverage < FULL_COVERAGE ? [COVERAGE_MARK] : [],
    },
  ]);
  return { method, group, origin: "measured", cells: Object.fromEntries(cells) };
}

const LEGEND: Readonly<Record<string, string>> = {
  [COVERAGE_MARK]: "fewer than 95 % of the items have a score",
  "†": "a damaged digit of the published number was put right",
};

/**
 * Lists what stands under a table: the given notes, then what its marks and rows mean.
 *
 * @returns One line each.
 */
export function footnotes(table: MetricTable): readonly string[] {
  const marks = new Set(table.rows.flatMap((row) => Object.values(row.cells).flatMap((cell) => cell.marks)));
  const legend = [...marks].map((mark) => `${mark} ${LEGEND[mark] ?? "marked"}`);
  const versions = new Set(table.rows.flatMap((row) => row.origin === "paper" ? [row.version ?? ""] : []));
  return [
    ...table.notes,
    ...[...versions].map((version) =>
      `(paper): numbers as published${version === "" ? "" : ` in ${version}`}, not reproduced here`
    ),
    ...legend,
  ];
}

/**
 * The columns for which at least one measured row has a number; all, if nothing was measured.
 *
 * @returns The same table with those columns.
 */
export function measuredColumns(table: MetricTable): MetricTable {
  const measured = table.rows.filter((row) => row.origin === "measured");
  if (measured.length === 0) return table;
  const has = ({ key }: TableColumn): boolean => measured.some((row) => row.cells[key] !== undefined);
  return { ...table, columns: table.columns.filter(has) };
}
