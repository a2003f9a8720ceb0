/**
 * Result tables as text: for the terminal, Markdown, CSV and LaTeX.
 *
 * @module
 */
import { footnotes, type MetricTable, type TableCell, type TableRow } from "./table.ts";

/** Whether methods or metrics run down the page. */
export type TableOrientation = "methods" | "metrics";

/** How a table is printed. */
export interface TableStyle {
  /** Default `metrics`: fifteen metrics are too wide for a terminal. */
  readonly orientation?: TableOrientation;
  /** Digits after the point; default 3. */
  readonly digits?: number;
  /** Whether intervals are printed; default true. */
  readonly intervals?: boolean;
}

type Grid = readonly (readonly string[])[];

const NOTHING = "–";

const cellText = (cell: TableCell | undefined, style: TableStyle): string => {
  const { digits = 3, intervals = true } = style;
  if (cell === undefined || cell.value === null) return NOTHING;
  const { low, high } = cell.interval ?? { low: NaN, high: NaN };
  const range = cell.interval === null || !intervals
    ? ""
    : ` [${low.toFixed(digits)}, ${high.toFixed(digits)}]`;
  return `${cell.value.toFixed(digits)}${cell.marks.join("")}${range}`;
};

const methodText = (row: TableRow): string => row.origin === "paper" ? `${row.method} (paper)` : row.method;

/** Head line and body lines, first column the names. */
const gridOf = (table: MetricTable, style: TableStyle): Grid => {
  const { columns, rows } = table;
  const cell = (row: TableRow, key: string): string => cellText(row.cells[key], style);
  if (style.orientation === "methods") {
    return [
      ["method", ...columns.map((column) => column.title)],
      ...rows.map((row) => [methodText(row), ...columns.map(({ key }) => cell(row, key))]),
    ];
  }
  return [
    ["metric", ...rows.map(methodText)],
    ...columns.map(({ key, title }) => [title, ...rows.map((row) => cell(row, key))]),
  ];
};

const widthOf = (text: string): number => Array.from(text).length;

const aligned = (grid: Grid): readonly string[] => {
  const widths = (grid[0] ?? []).map((_, column) =>
    Math.max(...grid.map((line) => widthOf(line[column] ?? "")))
  );
  return grid.map((line) =>
    line.map((text, column) => {
      const space = " ".repeat((widths[column] as number) - widthOf(text));
      return column === 0 ? text + space : space + text;
    }).join("  ").trimEnd()
  );
};

/**
 * Prints a table for a terminal.
 *
 * @param style Orientation, digits, intervals.
 * @returns Lines, joined, with a final newline: title, aligned columns, footnotes.
 *
 * @example
 * ```ts
 * import { terminalTable } from "./table_formats.ts";
 * import assert from "node:assert/strict";
 * const cell = { value: 0.5, interval: { low: 0.4, high: 0.6 }, marks: [] };
 * const table = {
 *   title: "nano",
 *   columns: [{ key: "rec_weight", title: "Rec" }],
 *   rows: [{ method: "ours", group: "", origin: "measured", cells: { rec_weight: cell } }],
 *   notes: [],
 * } as const;
 * assert.equal(terminalTable(table, { digits: 1 }), "nano\nmetric            ours\nRec     0.5 [0.4, 0.6]\n");
 * ```
 */
export function terminalTable(table: MetricTable, style: TableStyle = {}): string {
  return [table.title, ...aligned(gridOf(table, style)), ...footnotes(table)].join("\n") + "\n";
}

/**
 * Prints a table as GitHub Markdown.
 *
 * @param style Orientation, digits, intervals.
 * @returns A bold title, the table and the footnotes as a list.
 */
export function markdownTable(table: MetricTable, style: TableStyle = {}): string {
  const escaped = (text: string): string =>
    text.replaceAll("\\", "\\\\").replaceAll("|", "\\|").replaceAll("*", "\\*");
  const line = (cells: readonly string[]): string => `| ${cells.map(escaped).join(" | ")} |`;
  const [head = [], ...body] = gridOf(table, style);
  const rule = `|${head.map((_, column) => column === 0 ? "---" : "---:").join("|")}|`;
  const notes = footnotes(table).map((note) => `- ${escaped(note)}`);
  const below = notes.length === 0 ? [] : ["", ...notes];
  return [`**${escaped(table.title)}**`, "", line(head), rule, ...body.map(line), ...below].join("\n") + "\n";
}

/**
 * Prints a table as CSV, one number a line, for other programs.
 *
 * @param table The table; title and notes are left out.
 * @returns `method,group,origin,metric,value,low,high,marks` and one line per method and metric with full precision; an empty
 * field = none. Lines end in CRLF (RFC 4180).
 */
export function csvTable(table: MetricTable): string {
  const quoted = (text: string): string => /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  const number = (value: number | null | undefined): string =>
    value === null || value === undefined ? "" : String(value);
  const lines = table.rows.flatMap((row) =>
    table.columns.map(({ key }) => {
      const cell = row.cells[key];
      const numbers = [cell?.value, cell?.interval?.low, cell?.interval?.high].map(number);
      return [row.method, row.group, row.origin, key, ...numbers, (cell?.marks ?? []).join("")];
    })
  );
  const head = ["method", "group", "origin", "metric", "value", "low", "high", "marks"];
  return [head, ...lines].map((fields) => fields.map(quoted).join(",") + "\r\n").join("");
}

const LATEX: Readonly<Record<string, string>> = {
  "\\": "\\textbackslash{}",
  "–": "--",
  "†": "\\dag{}",
  "*": "\\textsuperscript{*}",
  "~": "\\textasciitilde{}",
  "^": "\\textasciicircum{}",
  "<": "\\textless{}",
  ">": "\\textgreater{}",
};

/**
 * Prints a table as LaTeX for the `booktabs` package.
 *
 * @param style Orientation, digits, intervals.
 * @returns A `table` environment; the title is the caption, footnotes stand below.
 */
export function latexTable(table: MetricTable, style: TableStyle = {}): string {
  const escaped = (text: string): string =>
    text.replace(/[\\–†*~^<>&%$#_{}]/g, (character) => LATEX[character] ?? `\\${character}`);
  const line = (cells: readonly string[]): string => `${cells.map(escaped).join(" & ")} \\\\`;
  const [head = [], ...body] = gridOf(table, style);
  const notes = footnotes(table).map((note) => `\\par\\footnotesize ${escaped(note)}`);
  return [
    "\\begin{table}",
    "\\centering",
    `\\caption{${escaped(table.title)}}`,
    `\\begin{tabular}{l${"r".repeat(Math.max(0, head.length - 1))}}`,
    "\\toprule",
    line(head),
    "\\midrule",
    ...body.map(line),
    "\\bottomrule",
    "\\end{tabular}",
    ...notes,
    "\\end{table}",
  ].join("\n") + "\n";
}
