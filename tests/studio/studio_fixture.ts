/**
 * A studio over files in memory, and a browser that keeps its cookie.
 *
 * @module
 */
import * as TE from "fp-ts/lib/TaskEither.js";
import { makeApp } from "../../studio/app.ts";
import { makeSession } from "../../studio/safety/session.ts";
import { writeDemoRun } from "../run/demo_run.ts";
import { type MemoryFiles, memoryFiles } from "../run/memory_files.ts";

/** The name that the studio of the tests has. */
export const HOST = "127.0.0.1:8000";

/** What a request may say besides its path. */
export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: BodyInit;
}

/** A studio and a browser that was let in. */
export interface TestStudio {
  readonly files: MemoryFiles;
  readonly cookie: string;
  /** What was started, and how each of it ends. */
  readonly started: readonly (readonly string[])[];
  readonly ends: readonly ((code: number) => void)[];
  /** Asks with the cookie, as a page of the studio. */
  readonly ask: (path: string, asked?: Asked) => Promise<Response>;
  /** Asks as anybody. */
  readonly askAs: (
    headers: Readonly<Record<string, string>>,
    path: string,
    asked?: Asked,
  ) => Promise<Response>;
}

/**
 * Makes a studio with runs in it.
 *
 * @param runs Names of runs.
 */
export async function testStudio(...runs: readonly string[]): Promise<TestStudio> {
  const files = memoryFiles();
  for (const name of runs) await writeDemoRun(files, { name, reward: 0.6, drawn: true });
  const words = ["the-token", "the-cookie"];
  const session = makeSession(8000, { secret: () => words.shift() ?? "" });
  const silent = (): void => {};
  const needs = {
    files,
    clock: { now: () => 0, date: () => "2026-03-01T12:40:00.000Z" },
    log: { info: silent, warn: silent, progress: silent },
    mark: (path: string) =>
      TE.right(files.entries.has(path) ? { modified: Date.parse("2026-03-01T12:39:00Z"), size: 1 } : null),
  };
  const started: string[][] = [];
  const ends: ((code: number) => void)[] = [];
  const start = (words: readonly string[], onLine: (line: string) => void) => {
    started.push([...words]);
    onLine("step 1/4");
    const { promise, resolve } = Promise.withResolvers<number>();
    ends.push(resolve);
    return { stop: () => resolve(130), ended: promise };
  };
  const address = { hostname: "127.0.0.1", port: 8000 };
  const app = makeApp({ needs: { ...needs, start }, places: { runs: "runs" }, session, address });
  const askAs: TestStudio["askAs"] = async (headers, path, asked = {}) =>
    await app.request(`http://${HOST}${path}`, {
      ...asked,
      headers: { host: HOST, ...headers, ...asked.headers },
    });
  const entered = await askAs({}, "/?token=the-token");
  const cookie = entered.headers.get("set-cookie")?.split(";")[0] ?? "";
  return {
    files,
    cookie,
    askAs,
    started,
    ends,
    ask: (path, asked) => askAs({ cookie, origin: `http://${HOST}` }, path, asked),
  };
}
