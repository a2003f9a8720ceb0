/**
 * A cache of replies in an SQLite file, so that a second evaluation asks nothing twice.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { DatabaseSync } from "node:sqlite";
import { messageOf, type PipelineError } from "../../core/error.ts";
import type { CachedReply, JudgeCache } from "./cache.ts";

/** A cache that holds a file open. */
export interface SqliteCache extends JudgeCache {
  readonly close: () => void;
}

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA busy_timeout = 10000;
  CREATE TABLE IF NOT EXISTS judge_replies (
    key TEXT PRIMARY KEY,
    model TEXT NOT NULL,
    rubric_version TEXT NOT NULL,
    reply TEXT NOT NULL,
    prompt_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
`;

const FIND = "SELECT reply, prompt_tokens, completion_tokens FROM judge_replies WHERE key = ?";
const STORE = "INSERT OR REPLACE INTO judge_replies VALUES (?, ?, ?, ?, ?, ?)";

const inFile = <A>(path: string, body: () => A): TE.TaskEither<PipelineError, A> =>
  pipe(TE.tryCatch(() => Promise.resolve().then(body), (thrown): PipelineError => ({
    _tag: "FileFailure",
    path,
    problem: `judge cache: ${messageOf(thrown)}`,
  })));

type Row = { readonly reply: string; readonly prompt_tokens: number; readonly completion_tokens: number };

const read = (row: Row | undefined): CachedReply | null =>
  row === undefined
    ? null
    : { reply: row.reply, promptTokens: row.prompt_tokens, completionTokens: row.completion_tokens };

/**
 * Opens a cache file, or makes it. Several processes may use it at once.
 *
 * @param path The file; its folder must exist. `:memory:` keeps it in memory.
 * @returns The cache, to be closed by its owner; Left `FileFailure` if the file is no cache or cannot be written.
 */
export function openSqliteCache(path: string): TE.TaskEither<PipelineError, SqliteCache> {
  return inFile(path, () => {
    const database = new DatabaseSync(path);
    try {
      database.exec(SCHEMA);
      const [find, store] = [database.prepare(FIND), database.prepare(STORE)];
      return {
        find: (key) => inFile(path, () => read(find.get(key) as Row | undefined)),
        store: (key, { model, rubricVersion }, { reply, promptTokens, completionTokens }) =>
          inFile(
            path,
            () => void store.run(key, model, rubricVersion, reply, promptTokens, completionTokens),
          ),
        close: () => database.close(),
      };
    } catch (thrown) {
      database.close();
      throw thrown;
    }
  });
}
