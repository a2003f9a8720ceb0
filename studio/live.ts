/**
 * The studio on this machine: it listens, looks at files and opens the browser.
 *
 * @module
 */
import * as TE from "fp-ts/lib/TaskEither.js";
import { messageOf, type PipelineError } from "../lib/core/error.ts";
import type { Stage } from "../lib/core/stage.ts";
import type { Live } from "../lib/run/live.ts";
import { makeApp } from "./app.ts";
import type { FileMark, HasMarks, StudioPlaces } from "./capability.ts";
import type { Address } from "./safety/guard.ts";
import { makeSession } from "./safety/session.ts";

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
    const app = makeApp({ needs: { ...live, ...liveMarks() }, places: options.places, session, address });
    answer = (request) => app.fetch(request);
    const url = `http://${options.hostname}:${port}/?token=${encodeURIComponent(session.token)}`;
    live.output(`studio: ${url}`);
    live.log.info("open the link in a browser on this computer; Ctrl-C ends the studio, not the runs");
    if (options.open) openBrowser(url);
    await server.right.finished;
    return { _tag: "Right", right: undefined };
  };
}
