/**
 * Runs of an experiment as processes of their own, and what keeps two of them apart.
 *
 * A run leaves several gigabytes of compiled code behind, which only the end of its process gives back.
 *
 * @module
 */
import * as TE from "fp-ts/lib/TaskEither.js";
import type { Interrupt } from "../../lib/core/capability.ts";
import { messageOf } from "../../lib/core/error.ts";
import { attemptAsync } from "../../lib/core/stage.ts";
import type { CellRunner } from "../../lab/experiments/run_cells.ts";

/** Milliseconds between looks at whether somebody wants to stop. */
const PATIENCE = 200;

/**
 * Starts every run as `experiment run`, whose output it shows. The run stops after its step when this process ends, however it
 * ends: then the run's standard input closes.
 *
 * @param interrupt A person's wish to stop, handed on to the run.
 * @param flags Common flags, handed on.
 */
export function processRunner(interrupt: Interrupt, flags: readonly string[]): CellRunner {
  const script = new URL("../experiment.ts", import.meta.url).href;
  const args = ["run", "-A", "--no-check", "--node-modules-dir=none", script, "run"];
  const start = async (settingsFile: string): Promise<number> => {
    const child = new Deno.Command(Deno.execPath(), {
      args: [...args, settingsFile, "--attached", ...flags],
      env: { INIT_CWD: "" },
      stdin: "piped",
      stdout: "inherit",
      stderr: "inherit",
    }).spawn();
    const close = (): void => void child.stdin.close().catch(() => {});
    const watch = setInterval(() => {
      if (interrupt.requested()) close();
    }, PATIENCE);
    const { code } = await child.status;
    clearInterval(watch);
    close();
    return code;
  };
  return {
    run: (settingsFile) =>
      attemptAsync(
        (problem) => ({ _tag: "FileFailure", path: settingsFile, problem }),
        () => start(settingsFile),
      ),
  };
}

/**
 * Watches standard input, as a sign that the process which holds its other end is gone.
 *
 * @returns A wish to stop from the moment at which it closes.
 */
export function stopWhenInputCloses(): Interrupt {
  let closed = false;
  const drain = async (): Promise<void> => {
    for await (const _ of Deno.stdin.readable);
  };
  drain().catch(() => {}).finally(() => {
    closed = true;
  });
  return { requested: () => closed };
}

/**
 * Takes a lock that the operating system gives back when the process ends, even by SIGKILL.
 *
 * @param path The lock's file; its folder is made.
 * @param options.wait Whether to wait for another holder, or to refuse.
 * @returns A task; Left `InputInvalid` if another process holds the lock.
 */
export function takeLock(path: string, options: { readonly wait: boolean }): TE.TaskEither<
  {
    readonly _tag: "InputInvalid";
    readonly where: string;
    readonly problem: string;
    readonly remedy: string;
  },
  void
> {
  const refusal = (problem: string) =>
    ({
      _tag: "InputInvalid",
      where: path,
      problem,
      remedy: "let it finish, or name another folder by --out",
    }) as const;
  return TE.tryCatch(async () => {
    await Deno.mkdir(path.replace(/[^/\\]+$/, ""), { recursive: true });
    const file = await Deno.open(path, { write: true, create: true });
    if (options.wait) return await file.lock(true);
    if (!await file.tryLock(true)) throw new Error("another process is at work here");
  }, (thrown) => refusal(messageOf(thrown)));
}
