/**
 * Runs commands as a person does, with the flags of their task and no more than its permissions.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import project from "../../deno.json" with { type: "json" };

/** The project's folder. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** What a command said. */
export interface Outcome {
  readonly code: number;
  readonly out: string;
  /** Stderr without Deno's own warnings. */
  readonly error: string;
}

/** What Deno itself says: permissions are experimental. */
const DENO_LINE = /^Warning /;

/** The flags and the module of a task. */
function runOf(task: keyof typeof project.tasks): readonly string[] {
  const entry = project.tasks[task];
  const command = typeof entry === "string" ? entry : entry.command;
  return command.replace(/^deno run /, "").split(" ");
}

const commandOf = (
  task: keyof typeof project.tasks,
  args: readonly string[],
  prints: "piped" | "null",
): Deno.Command =>
  new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--no-prompt", ...runOf(task), ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: prints,
    stderr: prints,
  });

/**
 * Starts a command in the project's folder, for tests that end it themselves.
 *
 * @param task Its name in `deno.json`.
 * @returns The process; nothing that it prints is kept.
 */
export function startTask(task: keyof typeof project.tasks, ...args: string[]): Deno.ChildProcess {
  return commandOf(task, args, "null").spawn();
}

/**
 * Runs a command in the project's folder.
 *
 * @param task Its name in `deno.json`.
 * @returns Exit code and what it printed.
 */
export async function runTask(task: keyof typeof project.tasks, ...args: string[]): Promise<Outcome> {
  const { code, stdout, stderr } = await commandOf(task, args, "piped").output();
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  const error = text(stderr).split("\n").filter((line) => !DENO_LINE.test(line)).join("\n");
  return { code, out: text(stdout), error };
}

/**
 * Names a folder that commands may write to.
 *
 * @returns `relative` to the project's folder, and `absolute`; the caller removes it.
 */
export function scratchFolder(): { readonly relative: string; readonly absolute: string } {
  const relative = join("runs", `test-${crypto.randomUUID()}`);
  return { relative, absolute: join(ROOT, relative) };
}
