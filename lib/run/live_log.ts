/**
 * Lines for a person: a live status block on a terminal, plain lines elsewhere, JSON for programs.
 *
 * @module
 */
import { styleText } from "node:util";
import type { Clock, Log } from "../core/capability.ts";

/** A log, and the place for what a command was asked for. */
export interface Screen extends Log {
  /** Writes a line that is never dropped: an answer is no progress. */
  readonly output: (text: string) => void;
}

/** How a log looks. */
export interface LogOptions {
  /** Drops `info` and `progress`; warnings and output stay. */
  readonly quiet?: boolean;
  /** One JSON object per line, nothing else. */
  readonly json?: boolean;
  readonly colour?: boolean;
  /** Whether the output can redraw lines. */
  readonly terminal?: boolean;
  /** Columns of the terminal. */
  readonly columns?: number;
  /** Where the status can't be redrawn: at most one line of it per so many milliseconds of this clock. */
  readonly throttle?: { readonly now: () => number; readonly milliseconds: number };
}

/** Where the text of a log goes. */
export interface LogSink {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
}

const plainStatus = (status: string): string =>
  status.split("\n").map((line) => line.trim()).filter((line) => line !== "").join(" | ");

const GAP = "   ";

/** Breaks a line of a status between its parts, so that none is wider than the terminal. */
function folded(line: string, width: number): readonly string[] {
  const lines = [""];
  for (const part of line.split(GAP)) {
    const last = lines[lines.length - 1] as string;
    if (last === "") lines[lines.length - 1] = part;
    else if (last.length + GAP.length + part.length <= width) lines[lines.length - 1] = last + GAP + part;
    else lines.push(part);
  }
  return lines.map((each) => each.slice(0, width));
}

/** Lets a function run at most once per interval. */
function throttled(
  run: (status: string) => void,
  throttle: LogOptions["throttle"],
): (status: string) => void {
  if (throttle === undefined) return run;
  let next = -Infinity;
  return (status) => {
    const now = throttle.now();
    if (now < next) return;
    next = now + throttle.milliseconds;
    run(status);
  };
}

function jsonLog(sink: LogSink, quiet: boolean, throttle: LogOptions["throttle"]): Screen {
  const write = (level: string) => (text: string): void => sink.out(`${JSON.stringify({ level, text })}\n`);
  const silent = (): void => {};
  return {
    info: quiet ? silent : write("info"),
    output: write("output"),
    warn: write("warning"),
    progress: quiet ? silent : throttled((status) => write("progress")(plainStatus(status)), throttle),
  };
}

/**
 * Makes a log.
 *
 * On a terminal, `progress` redraws its block in place and every other line is written above it.
 *
 * @param sink Where the text goes.
 * @param options How it looks.
 */
export function makeLog(sink: LogSink, options: LogOptions = {}): Screen {
  const { quiet = false, json = false, colour = false, terminal = false, columns = 110 } = options;
  if (json) return jsonLog(sink, quiet, options.throttle);
  const plain = throttled((status) => sink.out(`${plainStatus(status)}\n`), options.throttle);
  let block: readonly string[] = [];
  const erase = (): string => block.length === 0 ? "" : `\x1b[${block.length}A\x1b[0J`;
  const draw = (): string => block.map((line) => `${line}\n`).join("");
  const above = (text: string, write: (text: string) => void): void => {
    if (block.length > 0) sink.out(erase());
    write(`${text}\n`);
    if (block.length > 0) sink.out(draw());
  };
  const warning = colour ? styleText("yellow", "warning:", { validateStream: false }) : "warning:";
  return {
    info: (line) => {
      if (!quiet) above(line, sink.out);
    },
    output: (text) => above(text, sink.out),
    warn: (line) => above(`${warning} ${line}`, sink.error),
    progress: (status) => {
      if (quiet) return;
      if (!terminal) return plain(status);
      const before = erase();
      block = status === "" ? [] : status.split("\n").flatMap((line) => folded(line, columns - 1));
      sink.out(before + draw());
    },
  };
}

/**
 * Sends every line to two logs, as to the terminal and to `log.txt`.
 *
 * @param first One log.
 * @returns Both as one.
 */
export function teeLog(first: Log, second: Log): Log {
  return {
    info: (line) => [first, second].forEach((log) => log.info(line)),
    warn: (line) => [first, second].forEach((log) => log.warn(line)),
    progress: (status) => [first, second].forEach((log) => log.progress(status)),
  };
}

/**
 * Makes a log of dated lines, for `log.txt`; the live status is left out.
 *
 * @param write Takes each line, newline included.
 * @param clock Gives each line its time.
 */
export function datedLog(write: (line: string) => void, clock: Pick<Clock, "date">): Log {
  const keep = (level: string) => (line: string): void => write(`${clock.date()} ${level}${line}\n`);
  return { info: keep(""), warn: keep("warning: "), progress: () => {} };
}
