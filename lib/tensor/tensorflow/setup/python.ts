/**
 * Python as a tool: fetching wheels with pip, unpacking and hashing them with the standard library.
 *
 * @module
 */
import * as TE from "fp-ts/lib/TaskEither.js";
import { messageOf, type PipelineError } from "../../../core/error.ts";

/** How a Python command is run. */
export interface PythonOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Called for each line of its output. */
  readonly onLine?: (line: string) => void;
}

/** What a command said before it ended. */
export interface Finished {
  readonly success: boolean;
  readonly output: string;
  readonly errors: string;
}

const WITHOUT_IT = "without TensorFlow's library everything runs on wasm, about ten times slower";

/**
 * Makes the error of a setup step.
 *
 * @param step Which step.
 * @param problem What happened.
 * @param remedy What to do.
 */
export function setupFailed(step: string, problem: string, remedy: string = WITHOUT_IT): PipelineError {
  return { _tag: "SetupFailed", step, problem, remedy };
}

const startFailure = (thrown: unknown): PipelineError => {
  if (thrown instanceof Deno.errors.NotFound) {
    const remedy =
      `install Python 3 with pip, or name a folder that has the libraries with --lib; ${WITHOUT_IT}`;
    return setupFailed("python", "there is no python3 on the PATH", remedy);
  }
  if (thrown instanceof Deno.errors.NotCapable) {
    return setupFailed(
      "python",
      "python3 may not be run",
      `allow it with --allow-run=python3; ${WITHOUT_IT}`,
    );
  }
  return setupFailed("python", messageOf(thrown));
};

async function readLines(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  onLine: (line: string) => void,
): Promise<string> {
  let text = "";
  let rest = "";
  for await (const piece of stream.pipeThrough(new TextDecoderStream())) {
    text += piece;
    const lines = (rest + piece).split("\n");
    rest = lines.pop() ?? "";
    lines.forEach(onLine);
  }
  return text;
}

/**
 * Runs `python3` to its end.
 *
 * @param options Extra environment, and who hears its lines.
 * @returns What it said. Left `SetupFailed` only if it could not be started.
 */
export function runPython(
  args: readonly string[],
  options: PythonOptions = {},
): TE.TaskEither<PipelineError, Finished> {
  return TE.tryCatch(async () => {
    const child = new Deno.Command("python3", {
      args: [...args],
      env: { PYTHONUNBUFFERED: "1", ...options.environment },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const [output, errors, { success }] = await Promise.all([
      readLines(child.stdout, options.onLine ?? (() => {})),
      readLines(child.stderr, () => {}),
      child.status,
    ]);
    return { success, output, errors };
  }, startFailure);
}

/**
 * Finds the line of a failed command that says why.
 *
 * @param finished What it said.
 * @returns pip's first `ERROR:` line, or the last line that isn't empty.
 *
 * @example
 * ```ts
 * import { reasonOf } from "./python.ts";
 * import assert from "node:assert/strict";
 * const errors = "WARNING: slow\nERROR: No matching distribution found\nnotice\n";
 * assert.equal(reasonOf({ success: false, output: "", errors }), "No matching distribution found");
 * ```
 */
export function reasonOf(finished: Finished): string {
  const lines = `${finished.output}\n${finished.errors}`.split("\n").map((line) => line.trim());
  const error = lines.find((line) => line.startsWith("ERROR:"));
  return error?.slice("ERROR:".length).trim() ?? lines.findLast((line) => line !== "") ?? "no message";
}

/** Checks that `python3 -m pip` works. Left `SetupFailed` with the remedy if not. */
export function requirePip(): TE.TaskEither<PipelineError, void> {
  return TE.flatMap((finished: Finished) =>
    finished.success ? TE.right(undefined) : TE.left(
      setupFailed("pip", "python3 has no pip", `install it (package python3-pip); ${WITHOUT_IT}`),
    )
  )(runPython(["-m", "pip", "--version"]));
}

/** Copies the kept files of a wheel to disk, one stream at a time, and prints each name. */
export const UNPACK_PROGRAM = `
import os, re, shutil, sys, zipfile
wheel, target, keep = sys.argv[1], sys.argv[2], re.compile(sys.argv[3])
with zipfile.ZipFile(wheel) as archive:
    for info in archive.infolist():
        name = info.filename
        if info.is_dir() or ".." in name.split("/") or not keep.fullmatch(name):
            continue
        path = os.path.join(target, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with archive.open(info) as source, open(path, "wb") as out:
            shutil.copyfileobj(source, out, 1 << 20)
            out.flush()
            os.fsync(out.fileno())
        if info.external_attr >> 16:
            os.chmod(path, (info.external_attr >> 16) & 0o777)
        print(name)
`;

/** Prints the SHA-256 of a file. */
export const HASH_PROGRAM = `
import hashlib, sys
digest = hashlib.sha256()
with open(sys.argv[1], "rb") as file:
    while piece := file.read(1 << 20):
        digest.update(piece)
print(digest.hexdigest())
`;
