/**
 * The paper's tables as data, to stand beside measured numbers; never to be averaged with them.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as E from "fp-ts/lib/Either.js";
import * as t from "io-ts";
import tables from "../../assets/published/tables.json" with { type: "json" };
import { decodeWith } from "../concept/json_file.ts";
import type { Checked } from "../core/stage.ts";
import type { TableRow } from "./table.ts";

const columnCodec = t.readonly(t.strict({ key: t.string, title: t.string }));

const rowCodec = t.readonly(t.strict({
  /** Empty, or "Und only", "Gen only", "Unified". */
  group: t.string,
  method: t.string,
  size: t.union([t.string, t.null]),
  /** By column key; `null` = not reported. */
  values: t.readonly(t.record(t.string, t.union([t.number, t.null]))),
  /** Columns whose number was put right after a damaged glyph. */
  repaired: t.readonlyArray(t.string),
  note: t.union([t.string, t.null]),
}));

const tableCodec = t.readonly(t.strict({
  id: t.string,
  /** The version of the paper that the table is from. */
  version: t.string,
  title: t.string,
  columns: t.readonlyArray(columnCodec),
  rows: t.readonlyArray(rowCodec),
}));

const fileCodec = t.readonly(t.strict({
  source: t.string,
  notes: t.readonlyArray(t.string),
  tables: t.readonlyArray(tableCodec),
}));

/** One method of a published table. */
export type PublishedRow = t.TypeOf<typeof rowCodec>;

/** A published table. */
export type PublishedTable = t.TypeOf<typeof tableCodec>;

/** The file of published tables. */
export type PublishedTables = t.TypeOf<typeof fileCodec>;

/** The mark of a repaired number. */
export const REPAIRED_MARK = "†";

/**
 * Decodes a file of published tables.
 *
 * @param json The parsed file.
 * @returns The tables; Left `InputInvalid` with the path of what is wrong.
 */
export function decodePublished(json: unknown): Checked<PublishedTables> {
  return decodeWith(fileCodec, "published tables")(json);
}

/**
 * The bundled tables 1, 2, 3 and 5 of the paper: `table1`, `table2`, `table3`, `table5_left`, `table5_right`.
 *
 * @param id Which.
 * @returns The table; Left `InputInvalid` for another id.
 *
 * @example
 * ```ts
 * import { publishedTable } from "./published.ts";
 * import assert from "node:assert/strict";
 * const table = publishedTable("table1");
 * assert.ok(table._tag === "Right");
 * assert.equal(table.right.rows.find((row) => row.method === "UniCTokens-R1")?.values.rec_weight, 0.859);
 * ```
 */
export function publishedTable(id: string): Checked<PublishedTable> {
  return pipe(
    decodePublished(tables),
    E.flatMap((file) => {
      const known = file.tables.map((table) => table.id).join(", ");
      return E.fromNullable({
        _tag: "InputInvalid" as const,
        where: "published tables",
        problem: `no table "${id}"`,
        remedy: `known: ${known}`,
      })(file.tables.find((table) => table.id === id));
    }),
  );
}

/**
 * Turns published rows into rows of our tables, labelled as the paper's.
 *
 * @param table A published table.
 * @param methods Which methods, in order; default all.
 * @returns The rows; repaired numbers carry †.
 */
export function publishedRows(table: PublishedTable, methods?: readonly string[]): readonly TableRow[] {
  const chosen = methods?.flatMap((method) => table.rows.filter((row) => row.method === method)) ??
    table.rows;
  return chosen.map((row) => ({
    method: row.note === null ? row.method : `${row.method} (${row.note})`,
    group: row.group,
    origin: "paper",
    version: table.version,
    cells: Object.fromEntries(
      Object.entries(row.values).map(([key, value]) => [
        key,
        { value, interval: null, marks: row.repaired.includes(key) ? [REPAIRED_MARK] : [] },
      ]),
    ),
  }));
}
