import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { Log } from "../../lib/core/capability.ts";
import { datedLog, type LogOptions, makeLog, type Screen, teeLog } from "../../lib/run/live_log.ts";

/** What a terminal of unlimited height shows after the text was written. */
function screen(text: string): string[] {
  const lines = [""];
  // deno-lint-ignore no-control-regex
  for (const part of text.split(/(\x1b\[\d*[AJ]|\n)/)) {
    const up = /\[(\d+)A/.exec(part)?.[1];
    if (part === "\n") lines.push("");
    else if (up !== undefined) lines.splice(lines.length - 1 - Number(up), Infinity, "");
    else if (!part.startsWith("\x1b")) lines[lines.length - 1] += part;
  }
  return lines;
}

const recorded = (options: LogOptions, use: (log: Screen) => void): { out: string; error: string } => {
  const text = { out: "", error: "" };
  use(makeLog({ out: (part) => (text.out += part), error: (part) => (text.error += part) }, options));
  return text;
};
const talk = (log: Log): void => {
  log.info("start");
  log.progress("step 1\nreward 0.5");
  log.warn("odd");
  log.progress("step 2\nreward 0.6");
  log.info("end");
};

describe("live_log", () => {
  it("writes plain lines where there is no terminal", () => {
    const { out, error } = recorded({}, talk);
    assert.equal(out, "start\nstep 1 | reward 0.5\nstep 2 | reward 0.6\nend\n");
    assert.equal(error, "warning: odd\n");
  });

  it("throttles the status where it can't be redrawn, and nothing else", () => {
    let now = 0;
    const { out } = recorded({ throttle: { now: () => now, milliseconds: 10 } }, (log) => {
      for (const at of [0, 9, 10, 11]) {
        now = at;
        log.progress(`at ${at}`);
        log.info(`info ${at}`);
      }
    });
    assert.deepEqual(out.trim().split("\n"), ["at 0", "info 0", "info 9", "at 10", "info 10", "info 11"]);
  });

  it("redraws the status in place on a terminal, other lines stand above it", () => {
    const { out } = recorded({ terminal: true }, talk);
    assert.deepEqual(screen(out), ["start", "end", "step 2", "reward 0.6", ""]);
  });

  it("cuts status lines at the width of the terminal, so that redrawing stays in place", () => {
    const { out } = recorded({ terminal: true, columns: 10 }, (log) => log.progress("0123456789abc"));
    assert.equal(out, "012345678\n");
  });

  it("breaks status lines between their parts where they are wider than the terminal, and redraws all", () => {
    const { out } = recorded({ terminal: true, columns: 20 }, (log) => {
      log.progress("reward 0.5   tier 0.1   ber 0.2\nkl 0");
      log.progress("reward 0.6   tier 0.1   ber 0.2\nkl 0");
    });
    assert.deepEqual(screen(out), ["reward 0.6", "tier 0.1   ber 0.2", "kl 0", ""]);
  });

  it("an empty status removes the block", () => {
    const { out } = recorded({ terminal: true }, (log) => {
      log.progress("a\nb");
      log.progress("");
      log.info("done");
    });
    assert.deepEqual(screen(out), ["done", ""]);
  });

  it("quiet keeps warnings only", () => {
    assert.deepEqual(recorded({ quiet: true }, talk), { out: "", error: "warning: odd\n" });
  });

  it("output is written even where the log is quiet, above the status, and as JSON where asked", () => {
    const answer = (log: Screen): void => {
      log.progress("step 1");
      log.output("a red hat");
    };
    assert.equal(recorded({ quiet: true }, answer).out, "a red hat\n");
    assert.equal(
      recorded({ quiet: true, json: true }, answer).out,
      '{"level":"output","text":"a red hat"}\n',
    );
    assert.deepEqual(screen(recorded({ terminal: true }, answer).out), ["a red hat", "step 1", ""]);
  });

  it("json writes one object per line and nothing else", () => {
    const { out, error } = recorded({ json: true }, talk);
    assert.deepEqual(out.trim().split("\n").map((line) => JSON.parse(line).level), [
      "info",
      "progress",
      "warning",
      "progress",
      "info",
    ]);
    assert.equal(error, "");
  });

  it("colours warnings only where asked", () => {
    assert.equal(recorded({ colour: true }, (log) => log.warn("x")).error, "\x1b[33mwarning:\x1b[39m x\n");
  });

  it("datedLog() writes lines with their time, but no live status", () => {
    const lines: string[] = [];
    const log = datedLog((line) => lines.push(line), { date: () => "2026-03-01T00:00:00.000Z" });
    talk(log);
    assert.deepEqual(lines, [
      "2026-03-01T00:00:00.000Z start\n",
      "2026-03-01T00:00:00.000Z warning: odd\n",
      "2026-03-01T00:00:00.000Z end\n",
    ]);
  });

  it("teeLog() sends every line to both", () => {
    const lines: string[] = [];
    const record = (name: string): Log => ({
      info: (line) => lines.push(`${name} info ${line}`),
      warn: (line) => lines.push(`${name} warn ${line}`),
      progress: (line) => lines.push(`${name} progress ${line}`),
    });
    talk(teeLog(record("a"), record("b")));
    assert.equal(lines.length, 10);
    assert.deepEqual(lines.slice(0, 2), ["a info start", "b info start"]);
  });
});
