/**
 * `runs/runs.db`: all runs in one SQLite file, for lists, comparisons, and questions in SQL.
 *
 * The run folders stay the truth; the file can be deleted at any time and is rebuilt from them.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import * as E from "fp-ts/lib/Either.js";
import type { PipelineError } from "../core/error.ts";
import { attempt, type Checked } from "../core/stage.ts";
import type { RunSummary } from "./run_summary.ts";

/** An open registry. */
export interface Registry {
  /** Replaces the whole content. */
  readonly rebuild: (runs: readonly RunSummary[]) => Checked<void>;
  /** All runs, oldest first; by a metric or score, highest first, where one is named. */
  readonly list: (sortBy?: string) => Checked<readonly RunSummary[]>;
  readonly close: () => void;
}

const SCHEMA = `
create table if not exists runs (
  folder text primary key, command text, started text, backend text, commit_hash text, config_hash text, steps integer
) strict;
create table if not exists parameters (folder text, name text, value text, primary key (folder, name)) strict;
create table if not exists metrics (folder text, name text, value real, primary key (folder, name)) strict;
create table if not exists scores (folder text, name text, value real, primary key (folder, name)) strict;
`;

const failure = (path: string) => (problem: string): PipelineError => ({
  _tag: "FileFailure",
  path,
  problem: `${problem}; the file can be deleted, it is rebuilt from the run folders`,
});

function insertRun(database: DatabaseSync, run: RunSummary): void {
  database.prepare("insert into runs values (?, ?, ?, ?, ?, ?, ?)")
    .run(run.folder, run.command, run.started, run.backend, run.commit, run.configHash, run.steps);
  const insert = (table: string, values: Readonly<Record<string, string | number>>): void => {
    const statement = database.prepare(`insert into ${table} values (?, ?, ?)`);
    for (const [name, value] of Object.entries(values)) statement.run(run.folder, name, value);
  };
  const parameters = Object.entries(run.config).map(([name, value]) => [name, JSON.stringify(value)]);
  insert("parameters", Object.fromEntries(parameters));
  insert("metrics", run.metrics);
  insert("scores", run.scores);
}

function rebuild(database: DatabaseSync, runs: readonly RunSummary[]): void {
  database.exec("begin immediate");
  try {
    for (const table of ["runs", "parameters", "metrics", "scores"]) database.exec(`delete from ${table}`);
    for (const run of runs) insertRun(database, run);
    database.exec("commit");
  } catch (thrown) {
    database.exec("rollback");
    throw thrown;
  }
}

type Row = Readonly<Record<string, string | number | null>>;

const recordOf = <A>(database: DatabaseSync, table: string, folder: string, parse: (value: unknown) => A) => {
  const rows = database.prepare(`select name, value from ${table} where folder = ? order by name`).all(
    folder,
  );
  return Object.fromEntries((rows as Row[]).map(({ name, value }) => [String(name), parse(value)]));
};

function list(database: DatabaseSync, sortBy: string | undefined): readonly RunSummary[] {
  const sorted = "select runs.*, coalesce(scores.value, metrics.value) as sorted from runs" +
    " left join scores on scores.folder = runs.folder and scores.name = ?1" +
    " left join metrics on metrics.folder = runs.folder and metrics.name = ?1" +
    " order by sorted is null, sorted desc, started, runs.folder";
  const rows = database.prepare(sorted).all(sortBy ?? "") as Row[];
  return rows.map((row): RunSummary => {
    const folder = String(row["folder"]);
    return {
      folder,
      command: String(row["command"]),
      started: String(row["started"]),
      backend: String(row["backend"]),
      commit: String(row["commit_hash"]),
      configHash: String(row["config_hash"]),
      steps: Number(row["steps"]),
      config: recordOf(
        database,
        "parameters",
        folder,
        (value) => JSON.parse(String(value)) as string | number,
      ),
      metrics: recordOf(database, "metrics", folder, Number),
      scores: recordOf(database, "scores", folder, Number),
    };
  });
}

/**
 * Opens a registry.
 *
 * @param path The file, made if missing; `:memory:` for none.
 * @returns The registry, to be closed; `FileFailure` if the file is no database.
 */
export function openRegistry(path: string): Checked<Registry> {
  const checked = <A>(body: () => A): Checked<A> => attempt(failure(path), body);
  const opened = checked(() => {
    const database = new DatabaseSync(path);
    database.exec(SCHEMA);
    return database;
  });
  return E.map((database: DatabaseSync): Registry => ({
    rebuild: (runs) => checked(() => rebuild(database, runs)),
    list: (sortBy) => checked(() => list(database, sortBy)),
    close: () => database.close(),
  }))(opened);
}
