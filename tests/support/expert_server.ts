/**
 * Starts servers of reward experts as processes; the tests themselves have no network.
 *
 * @module
 */
import { ROOT } from "./command.ts";

/** A server that runs. */
export interface ExpertServer {
  /** What it said first: addresses, a line each. */
  readonly addresses: readonly string[];
  /** Ends it; does nothing if it ended by itself. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts a program that prints addresses, and waits for the first of them.
 *
 * @param program `deno` stands for the one that runs.
 */
export async function startExpertServer(program: string, args: readonly string[]): Promise<ExpertServer> {
  const child = new Deno.Command(program === "deno" ? Deno.execPath() : program, {
    args: [...args],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    ...{ stdin: "null", stdout: "piped", stderr: "null" },
  }).spawn();
  let said = "";
  let ready: () => void = () => {};
  const started = new Promise<void>((resolve) => ready = resolve);
  const reading = (async () => {
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      said += text;
      if (/http:\S+\n/.test(said)) ready();
    }
    ready();
  })();
  await started;
  const addresses = [...said.matchAll(/http:\S+/g)].map(([address]) => address);
  if (addresses.length === 0) throw new Error(`${program} ${args.join(" ")} says no address: ${said}`);
  return {
    addresses,
    stop: async () => {
      try {
        child.kill();
      } catch {
        // It has ended.
      }
      await child.status;
      await reading;
    },
  };
}
