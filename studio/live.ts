/**
 * The studio on this machine: it listens, looks at files and opens the browser.
 *
 * @module
 */
import project from "../deno.json" with { type: "json" };
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import * as TE from "fp-ts/lib/TaskEither.js";
import { messageOf, type PipelineError } from "../lib/core/error.ts";
import type { Stage } from "../lib/core/stage.ts";
import type { Live } from "../lib/run/live.ts";
import { makeApp } from "./app.ts";
import type { FileMark, HasMarks, StudioPlaces } from "./capability.ts";
import type { Address } from "./safety/guard.ts";
import { makeSession } from "./safety/session.ts";
import type { HasProcesses } from "./work/queue.ts";

/** How the studio is opened. */
export interface StudioOptions extends Address {
  readonly places: StudioPlaces;
  /** A token that may be used again and again; empty = one that works once. */
  readonly token: string;
  /** Whether the browser is opened. */
  readonly open: boolean;
}

async function markOf(path: string): Promise<FileMark | null> {
  try {
    const { mtime, size } = await Deno.stat(path);
    return { modified: mtime?.getTime() ?? 0, size };
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound || thrown instanceof Deno.errors.NotADirectory) return null;
    throw thrown;
  }
}

/**
 * Makes the capability of looking at files.
 *
 * @returns The capability; left `FileFailure` for what may not be looked at.
 */
export function liveMarks(): HasMarks {
  return {
    mark: (path) =>
      TE.tryCatch(
        () => markOf(path),
        (thrown): PipelineError => ({ _tag: "FileFailure", path, problem: messageOf(thrown) }),
      ),
  };
}

/**
 * Makes a word that nobody can guess.
 *
 * @returns 43 characters that may stand in a URL, 256 random bits.
 */
export function liveSecret(): string {
  return crypto.getRandomValues(new Uint8Array(32)).toBase64({ alphabet: "base64url", omitPadding: true });
}

/** The arguments of `deno` that a task of the project stands for. */
const runOf = (task: string): readonly string[] => {
  const entry = Object.entries(project.tasks).find(([name]) => name === task)?.[1];
  const command = typeof entry === "string" ? entry : entry?.command ?? "";
  return command.replace(/^deno /, "").split(" ");
};

/** What Deno itself says: permissions in a file are experimental. */
const DENO_LINE = /^Warning Permissions in the config file/;

/** Hands on the lines of a stream. */
async function eachLine(stream: ReadableStream<Uint8Array>, onLine: (line: string) => void): Promise<void> {
  for await (const line of createInterface({ input: Readable.fromWeb(stream) })) {
    if (line !== "" && !DENO_LINE.test(line)) onLine(line);
  }
}

/**
 * Makes the capability of starting the project's tasks, each in a process of its own with its task's permissions.
 *
 * @returns The capability; a process that cannot be started has ended with code 127.
 */
export function liveProcesses(): HasProcesses {
  return {
    start: (words, onLine) => {
      const [task = "", ...args] = words;
      try {
        const child = new Deno.Command(Deno.execPath(), {
          args: [...runOf(task), ...args],
          env: { NO_COLOR: "1", INIT_CWD: "" },
          ...{ stdin: "null", stdout: "piped", stderr: "piped" },
        }).spawn();
        const read = [eachLine(child.stdout, onLine), eachLine(child.stderr, onLine)];
        const ended = Promise.all([child.status, ...read]).then(([{ code }]) => code);
        return { stop: () => child.kill("SIGINT"), ended };
      } catch (thrown) {
        onLine(messageOf(thrown));
        return { stop: () => {}, ended: Promise.resolve(127) };
      }
    },
  };
}

/** Opens an address in the browser; without one, the printed link is enough. */
function openBrowser(url: string): void {
  const program = Deno.build.os === "darwin" ? "open" : "xdg-open";
  try {
    new Deno.Command(program, { args: [url], stdin: "null", stdout: "null", stderr: "null" }).spawn().unref();
  } catch {
    return;
  }
}

const listen = (
  options: Address,
  handler: Deno.ServeHandler,
): TE.TaskEither<PipelineError, Deno.HttpServer<Deno.NetAddr>> =>
  TE.tryCatch(
    () =>
      Promise.resolve(
        Deno.serve({ hostname: options.hostname, port: options.port, onListen: () => {} }, handler),
      ),
    (thrown): PipelineError => ({
      ...{ _tag: "InputInvalid", where: `port ${options.port}` },
      ...{ problem: messageOf(thrown), remedy: "choose another --port, or leave it out" },
    }),
  );

/**
 * Serves the studio until Ctrl-C.
 *
 * @param options Where, what, and for whom.
 * @returns A stage that ends when the server does; left `InputInvalid` if the port is taken.
 */
export function serveStudio(options: StudioOptions): Stage<Live, void> {
  return (live) => async () => {
    let answer: Deno.ServeHandler = () => new Response(null, { status: 503 });
    const server = await listen(options, (request, info) => answer(request, info))();
    if (server._tag === "Left") return server;
    const { port } = server.right.addr;
    const session = makeSession(port, {
      secret: liveSecret,
      ...(options.token === "" ? {} : { token: options.token }),
    });
    const address = { hostname: options.hostname, port };
    const app = makeApp({
      needs: { ...live, ...liveMarks(), ...liveProcesses() },
      places: options.places,
      session,
      address,
    });
    answer = (request) => app.fetch(request);
    const url = `http://${options.hostname}:${port}/?token=${encodeURIComponent(session.token)}`;
    live.output(`studio: ${url}`);
    live.log.info(
      "open the link in a browser on this computer; Ctrl-C ends the studio; runs that it started save and stop",
    );
    if (options.open) openBrowser(url);
    await server.right.finished;
    return { _tag: "Right", right: undefined };
  };
}
