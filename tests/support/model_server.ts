/**
 * Starts and stops the server of `model_server_process.ts`; the tests themselves have no network.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { ROOT } from "./command.ts";

/** A request as the server saw it. */
export interface ServedRequest {
  readonly path: string;
  // deno-lint-ignore no-explicit-any
  readonly asked: any;
}

/** A server that runs. */
export interface ModelServer {
  /** Up to `/v1`. */
  readonly address: string;
  /** Ends it. */
  readonly stop: () => Promise<readonly ServedRequest[]>;
}

/**
 * Starts the server.
 *
 * @returns Its address; `stop` gives all requests that came.
 */
export async function startModelServer(): Promise<ModelServer> {
  const script = fileURLToPath(new URL("./model_server_process.ts", import.meta.url));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "-A", script],
    cwd: ROOT,
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const lines: string[] = [];
  let first: (line: string) => void = () => {};
  const started = new Promise<string>((resolve) => first = resolve);
  const reading = (async () => {
    let rest = "";
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      const parts = (rest + text).split("\n");
      rest = parts.pop() ?? "";
      lines.push(...parts);
      if (lines[0] !== undefined) first(lines[0]);
    }
  })();
  const { port } = JSON.parse(await started);
  return {
    address: `http://127.0.0.1:${port}/v1`,
    stop: async () => {
      child.kill();
      await child.status;
      await reading;
      return lines.slice(1).map((line) => JSON.parse(line));
    },
  };
}
