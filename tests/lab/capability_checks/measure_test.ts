import { describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import assert from "node:assert/strict";
import { join } from "node:path";
import { describe as describeError } from "../../../lib/core/error.ts";
import { type GateRequest, measureGates } from "../../../lab/capability_checks/measure.ts";
import type { GateResult } from "../../../lab/capability_checks/gate.ts";
import { liveCapabilities } from "../../../lib/run/live.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import { useTestBackend } from "../../support/backend.ts";

const device = await useTestBackend();
const folder = await Deno.makeTempDir();
const request: GateRequest = {
  ...{ what: "base", profile: "assets/nano", count: 2, seed: 7, device },
  out: join(folder, "new", "gates.json"),
};

/** Measures and keeps what is shown. */
async function measured(changes: Partial<GateRequest> = {}) {
  const lines: string[] = [];
  const silent = { info: () => {}, warn: () => {}, progress: () => {} };
  const live = { ...liveCapabilities(), log: silent, output: (line: string) => void lines.push(line) };
  return { lines, outcome: await measureGates({ ...request, ...changes })(live)() };
}

describe("measureGates()", () => {
  it("shows every gate of the bundled models in a table, writes the numbers, and keeps no tensor", async () => {
    const tensors = tf.memory().numTensors;
    const { lines, outcome } = await measured();
    assert.ok(E.isRight(outcome), E.isLeft(outcome) ? describeError(outcome.left) : "");
    assert.equal(tf.memory().numTensors, tensors);
    const results = JSON.parse(await Deno.readTextFile(request.out)) as readonly GateResult[];
    const names = results.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    for (const group of ["judge on renders", "tokenizer", "drawing from words", "VQA", "picking"]) {
      assert.ok(names.some((name) => name.startsWith(group)), group);
    }
    for (const { name, value, trials } of results) {
      assert.ok(Number.isFinite(value) && value >= 0 && trials >= 1, `${name}: ${value} in ${trials}`);
      assert.ok(lines.some((line) => line.includes(`| ${name} |`)), name);
    }
  });

  it("says what is missing, and shows nothing", async () => {
    const noProfile = await measured({ profile: join(folder, "nowhere") });
    const noRun = await measured({ what: join(folder, "no-run") });
    for (const { lines, outcome } of [noProfile, noRun]) {
      assert.deepEqual(lines, []);
      assert.match(E.isLeft(outcome) ? describeError(outcome.left) : "", /nowhere|no-run/);
    }
  });
});
