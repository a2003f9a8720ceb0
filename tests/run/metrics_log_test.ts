import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import {
  appendMetrics,
  metricsLine,
  parseMetrics,
  readMetrics,
  truncateMetrics,
} from "../../lib/run/metrics_log.ts";
import { memoryFiles } from "./memory_files.ts";
import { right } from "./outcome.ts";

const rows = fc.array(
  fc.record({
    step: fc.nat(),
    metrics: fc.dictionary(
      fc.string({ minLength: 1 }).filter((name) => name !== "step" && name !== "__proto__"),
      fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0)),
    ),
  }),
);

describe("metrics_log", () => {
  it("every row of finite numbers comes back", () => {
    fc.assert(fc.property(rows, (all) => {
      const read = parseMetrics(all.map((row) => metricsLine(row)).join(""));
      assert.deepEqual(JSON.parse(JSON.stringify(read)), JSON.parse(JSON.stringify(all)));
    }));
  });

  it("metricsLine() gives every row the same keys, null for what is absent or not finite", () => {
    const line = metricsLine({ step: 2, metrics: { reward: 0.5, kl: Infinity } }, [
      "kl",
      "reward",
      "entropy",
    ]);
    assert.equal(line, '{"step":2,"kl":null,"reward":0.5,"entropy":null}\n');
  });

  it("parseMetrics() leaves out a line that was cut short", () => {
    const text = '{"step":1,"kl":0}\n\n{"step":2,"kl":1}\n{"step":3,"k';
    assert.deepEqual(parseMetrics(text).map(({ step }) => step), [1, 2]);
  });

  it("truncateMetrics() cuts back to the checkpoint, so that a resumed run repeats no step", async () => {
    const files = memoryFiles();
    for (const step of [1, 2, 3, 4]) {
      right(await appendMetrics("m.jsonl", { step, metrics: { kl: step } })({ files })());
    }
    right(await files.append("m.jsonl", '{"step":5')());
    right(await truncateMetrics("m.jsonl", 2)({ files })());
    right(await appendMetrics("m.jsonl", { step: 3, metrics: { kl: 30 } })({ files })());
    const read = right(await readMetrics("m.jsonl")({ files })());
    assert.deepEqual(read.map(({ step, metrics }) => [step, metrics["kl"]]), [[1, 1], [2, 2], [3, 30]]);
  });

  it("readMetrics() finds no rows in a file that is not there", async () => {
    assert.deepEqual(right(await readMetrics("none")({ files: memoryFiles() })()), []);
  });
});
