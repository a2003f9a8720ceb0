/**
 * The real capabilities: the one place in the library that touches disk, terminal, clock and signals.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { dirname } from "node:path";
import type {
  Clock,
  Files,
  HasClock,
  HasFiles,
  HasInterrupt,
  HasLog,
  HasOutput,
  Interrupt,
  Log,
} from "../core/capability.ts";
import { messageOf, type PipelineError } from "../core/error.ts";
import { decodeText } from "../core/text_encoding.ts";
import { interruptRule } from "./interrupt_rule.ts";
import { datedLog, type LogOptions, type LogSink, makeLog, type Screen } from "./live_log.ts";
import type { Machine } from "./manifest.ts";

/** Every capability of a command. */
export type Live = HasFiles & HasLog & HasOutput & HasClock & HasInterrupt;

/** What a person can do about a place that is closed to the command, in words of the command line. */
function closedPlace(thrown: Error): string {
  if (thrown instanceof Deno.errors.NotCapable && /write access/.test(thrown.message)) {
    return "the task may write only to its own folders and to those that are named by --out, --run or --set runs=";
  }
  if (thrown instanceof Deno.errors.NotCapable) return `not permitted: ${thrown.message.split(",")[0]}`;
  return `${messageOf(thrown)}; change its rights, or name another place`;
}

const isClosed = (thrown: unknown): thrown is Error =>
  thrown instanceof Deno.errors.NotCapable || thrown instanceof Deno.errors.PermissionDenied;

const fileError = (path: string, thrown: unknown): PipelineError =>
  thrown instanceof Deno.errors.NotFound
    ? { _tag: "FileMissing", path, remedy: "check the name and the working folder" }
    : { _tag: "FileFailure", path, problem: isClosed(thrown) ? closedPlace(thrown) : messageOf(thrown) };

const onPath = <A>(path: string, body: () => Promise<A>): TE.TaskEither<PipelineError, A> =>
  TE.tryCatch(body, (thrown) => fileError(path, thrown));

async function syncFolder(path: string): Promise<void> {
  if (Deno.build.os === "windows") return;
  using folder = await Deno.open(path);
  await folder.sync();
}

const bytesOf = (content: Uint8Array | string): Uint8Array<ArrayBuffer> =>
  typeof content === "string" ? new TextEncoder().encode(content) : content as Uint8Array<ArrayBuffer>;

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true, truncate: true });
  let written = 0;
  while (written < bytes.length) written += await file.write(bytes.subarray(written));
  await file.sync();
}

async function writeAtomic(path: string, content: Uint8Array | string): Promise<void> {
  const temporary = `${path}.${crypto.randomUUID().slice(0, 8)}.tmp`;
  try {
    await writeSynced(temporary, bytesOf(content));
    await Deno.rename(temporary, path);
  } catch (thrown) {
    await Deno.remove(temporary).catch(() => {});
    throw thrown;
  }
  await syncFolder(dirname(path));
}

async function rename(from: string, to: string): Promise<void> {
  await Deno.rename(from, to);
  await syncFolder(dirname(to));
}

const ifMissing = <A>(value: A) => (thrown: unknown): A => {
  if (thrown instanceof Deno.errors.NotFound || thrown instanceof Deno.errors.NotADirectory) return value;
  throw thrown;
};

const namesIn = async (path: string): Promise<readonly string[]> =>
  (await Array.fromAsync(Deno.readDir(path), (entry) => entry.name)).sort();

/**
 * Makes the file system capability.
 *
 * @returns Files of this machine; every failure is `FileMissing` or `FileFailure` with the path.
 */
export function liveFiles(): Files {
  return {
    readBytes: (path) => onPath<Uint8Array>(path, () => Deno.readFile(path)),
    readText: (path) =>
      pipe(
        onPath<Uint8Array>(path, () => Deno.readFile(path)),
        TE.flatMapEither((bytes) => decodeText(bytes, path)),
      ),
    writeAtomic: (path, content) => onPath(path, () => writeAtomic(path, content)),
    append: (path, content) => onPath(path, () => Deno.writeFile(path, bytesOf(content), { append: true })),
    makeFolder: (path) => onPath(path, () => Deno.mkdir(path, { recursive: true })),
    list: (path) => onPath(path, () => namesIn(path).catch(ifMissing<readonly string[]>([]))),
    exists: (path) => onPath(path, () => Deno.stat(path).then(() => true).catch(ifMissing(false))),
    remove: (path) => onPath(path, () => Deno.remove(path, { recursive: true }).catch(ifMissing(undefined))),
    rename: (from, to) => onPath(from, () => rename(from, to)),
  };
}

/** Writes all of a text; a reader that went away, as in `| head`, is no failure. */
const writeAll = (stream: { writeSync: (bytes: Uint8Array) => number }, text: string): void => {
  let bytes = new TextEncoder().encode(text);
  try {
    while (bytes.length > 0) bytes = bytes.subarray(stream.writeSync(bytes));
  } catch (thrown) {
    if (!(thrown instanceof Deno.errors.BrokenPipe)) throw thrown;
  }
};

/** Columns where a terminal does not say how wide it is. */
const WIDE = 110;

const terminalColumns = (): number => {
  try {
    return Deno.consoleSize().columns || WIDE;
  } catch {
    return WIDE;
  }
};

/** Whether the status may be redrawn: on a terminal, unless `NO_COLOR` or `CI` asks for plain lines. */
const redraws = (): boolean => {
  if (!Deno.stdout.isTerminal() || Deno.noColor) return false;
  const { state } = Deno.permissions.querySync({ name: "env", variable: "CI" });
  return state !== "granted" || !Deno.env.has("CI");
};

/**
 * Makes the log of this process: information on stdout, warnings on stderr; on a terminal in colour and with a status
 * that stays in place, unless `NO_COLOR` is set.
 *
 * @param options `quiet` and `json`, as from the command line.
 */
export function liveLog(options: Pick<LogOptions, "quiet" | "json"> = {}): Screen {
  const sink: LogSink = {
    out: (text) => writeAll(Deno.stdout, text),
    error: (text) => writeAll(Deno.stderr, text),
  };
  return makeLog(sink, {
    ...options,
    terminal: redraws(),
    colour: Deno.stderr.isTerminal() && !Deno.noColor,
    columns: terminalColumns(),
    throttle: { now: () => performance.now(), milliseconds: 2000 },
  });
}

/**
 * Makes a log that appends to a file line by line, so that nothing is lost when the process is.
 *
 * @param path The file; its folder exists.
 */
export function liveFileLog(path: string): Log {
  return datedLog((line) => Deno.writeTextFileSync(path, line, { append: true }), liveClock());
}

/**
 * Makes the clock of this machine.
 *
 * @returns Monotonic milliseconds and the date.
 */
export function liveClock(): Clock {
  return { now: () => performance.now(), date: () => new Date().toISOString() };
}

/**
 * Listens for Ctrl-C by the rule of {@link interruptRule}; the process ends with code 130 where it says so.
 *
 * @param log Tells the person what will happen.
 * @param options.finishes Whether the command looks at the wish and ends in good order.
 * @returns The capability, and a function that stops listening.
 */
export function listenForInterrupt(
  log: Log,
  options: { readonly finishes: boolean },
): { readonly interrupt: Interrupt; readonly stop: () => void } {
  const rule = interruptRule(options);
  const onSignal = (): void => {
    const meaning = rule.signal(performance.now());
    if (meaning === "finish") {
      log.warn(
        "finishing what is under way, then stopping; press Ctrl-C again to stop at once, without saving",
      );
    }
    if (meaning === "end") Deno.exit(130);
  };
  Deno.addSignalListener("SIGINT", onSignal);
  return { interrupt: rule, stop: () => Deno.removeSignalListener("SIGINT", onSignal) };
}

/**
 * Makes all capabilities of a script or a notebook, where Ctrl-C keeps its usual meaning.
 *
 * @param options How the log looks.
 */
export function liveCapabilities(options: Pick<LogOptions, "quiet" | "json"> = {}): Live {
  const log = liveLog(options);
  return {
    files: liveFiles(),
    log,
    output: log.output,
    clock: liveClock(),
    interrupt: { requested: () => false },
  };
}

/**
 * Describes this computer, for the manifest.
 *
 * @returns Nothing that names its owner; `memory` is `null` without `--allow-sys`.
 */
export function liveMachine(): Machine {
  const memory = (): number | null => {
    try {
      return Deno.systemMemoryInfo().total;
    } catch {
      return null;
    }
  };
  return {
    os: Deno.build.os,
    architecture: Deno.build.arch,
    cores: navigator.hardwareConcurrency,
    memory: memory(),
    deno: Deno.version.deno,
    v8: Deno.version.v8,
    typescript: Deno.version.typescript,
  };
}

/**
 * Asks how much memory this process holds.
 *
 * @returns Bytes of resident memory.
 */
export function residentMemory(): number {
  return Deno.memoryUsage().rss;
}
