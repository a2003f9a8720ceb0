/**
 * Evaluations as a table, with the paper's numbers beside them.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { FULL_COVERAGE } from "../metrics/aggregate.ts";
import { publishedRows, publishedTable } from "../metrics/published.ts";
import { type Benchmark, PUBLISHED_COLUMNS } from "./other_benchmarks.ts";
import { COVERAGE_MARK, type MetricTable, type TableCell, type TableRow } from "../metrics/table.ts";
import type { Evaluation } from "./evaluation.ts";
import { inTableOrder, metricTitle } from "./metrics.ts";
import type { MetricScore } from "./summarise.ts";

/** The published rows that a reader looks for first. */
export const PUBLISHED_METHODS: readonly string[] = ["UniCTokens", "UniCTokens-R1"];

const cellOf = ({ value, low, high, coverage }: MetricScore): TableCell => ({
  value,
  interval: low === undefined || high === undefined ? null : { low, high },
  marks: coverage < FULL_COVERAGE ? [COVERAGE_MARK] : [],
});

const plainCell = (value: number | null): TableCell => ({ value, interval: null, marks: [] });

const measured = ({ model, scores }: Evaluation): TableRow => ({
  method: model,
  group: "",
  origin: "measured",
  cells: Object.fromEntries(Object.entries(scores).map(([key, score]) => [key, cellOf(score)])),
});

/** The photos themselves: an upper bound of likeness, in the columns where the pictures are compared with them. */
function realRow({ realImages, scores }: Evaluation): readonly TableRow[] {
  const cells = Object.entries(realImages).flatMap(([metric, value]) =>
    Object.keys(scores).filter((key) => key === metric || key.endsWith(`_${metric}`))
      .map((key) => [key, plainCell(value)] as const)
  );
  if (cells.length === 0) return [];
  return [{ method: "Real Images", group: "", origin: "measured", cells: Object.fromEntries(cells) }];
}

const TABLES: Readonly<Record<Benchmark, readonly string[]>> = {
  "unifybench++": ["table1", "table2", "table3"],
  yollava: ["table5_left", "table5_right"],
  mcllava: ["table5_left"],
  dreambench: ["table5_right"],
};

/** The rows of a table that are wanted: by method, or all where the table is named; `table5` names both its halves. */
const wantedRows = (id: string, wanted: readonly string[]): readonly TableRow[] => {
  const table = publishedTable(id);
  if (E.isLeft(table)) return [];
  const named = wanted.some((name) => name === id || (name === "table5" && id.startsWith("table5_")));
  return publishedRows(table.right, named ? undefined : wanted);
};

/** Published rows under our names of columns; a method that stands in several tables, or in both halves of one, is one row. */
function paperRows(bench: Benchmark, wanted: readonly string[]): readonly TableRow[] {
  const ours = new Map(Object.entries(PUBLISHED_COLUMNS[bench]).map(([key, published]) => [published, key]));
  const rows = TABLES[bench].flatMap((id) => wantedRows(id, wanted));
  return [...Map.groupBy(rows, ({ method }) => method).values()].map((same) => ({
    ...same[0] as TableRow,
    cells: Object.fromEntries(
      same.flatMap(({ cells }) => Object.entries(cells))
        .flatMap(([key, cell]) => {
          const name = ours.size === 0 ? key : ours.get(key);
          return name === undefined ? [] : [[name, cell]];
        }),
    ),
  }));
}

/**
 * Makes a table of evaluations. Published numbers stand beside the measured ones and are never averaged with them.
 *
 * @param evaluations One column each, in order.
 * @param options.published Methods of the paper's tables, or `table1` … `table5` for all of theirs; default UniCTokens and
 * UniCTokens-R1.
 * @param options.title Default: bench and concepts.
 * @returns Columns for all metrics that one of the evaluations has; notes are those of the first.
 */
export function evaluationTable(
  evaluations: readonly Evaluation[],
  options: { readonly published?: readonly string[]; readonly title?: string } = {},
): MetricTable {
  const keys = inTableOrder(evaluations.flatMap(({ scores }) => Object.keys(scores)));
  const [first] = evaluations;
  const published = first === undefined ? [] : paperRows(first.bench, options.published ?? PUBLISHED_METHODS);
  const concepts = [...new Set(evaluations.flatMap(({ concepts: ids }) => ids))];
  return {
    title: options.title ?? `${first?.bench ?? ""}: ${concepts.join(", ")}`,
    columns: keys.map((key) => ({ key, title: metricTitle(key) })),
    rows: [...evaluations.map(measured), ...(first === undefined ? [] : realRow(first)), ...published],
    notes: first?.notes ?? [],
  };
}
