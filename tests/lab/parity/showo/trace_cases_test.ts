import { describe, it } from "@std/testing/bdd";
import { passed } from "../../../../lab/parity/check.ts";
import { traceChecks, traceStepChecks } from "../../../../lab/parity/showo/trace_cases.ts";
import assert from "node:assert/strict";
import { useTestBackend } from "../../../support/backend.ts";
import { assertChecks, readModel } from "./showo_reference.ts";

await useTestBackend();
const fixture = await readModel();
const traces = fixture.cases.traces ?? [];

describe("traceChecks()", () => {
  it("agree with every recorded run", () => {
    const returned = traces.reduce(
      (sum, trace) => sum + (trace.returned ? (trace.steps_to_return?.length ?? 0) + 1 : 0),
      0,
    );
    assertChecks(() => traceChecks(fixture), 7 * traces.length + returned);
  });
  it("notice a changed draw and a changed temperature", () => {
    const [first] = traces;
    assert.ok(first !== undefined);
    const failed = (trace: typeof first) =>
      traceChecks({ ...fixture, cases: { traces: [trace] } }).filter((check) => !passed(check)).map((c) =>
        c.quantity
      );
    const [step, ...rest] = first.steps_data;
    assert.ok(step !== undefined);
    const sampled_raw = step.sampled_raw.map((row) => row.map((code, n) => n === 0 ? code + 1 : code));
    assert.ok(
      failed({ ...first, steps_data: [{ ...step, sampled_raw }, ...rest] }).includes("codes after each step"),
    );
    assert.deepEqual(failed({ ...first, t0: 2 }).filter((quantity) => quantity === "temperature"), [
      "temperature",
    ]);
  });
});

describe("traceStepChecks()", () => {
  it("agree at every step", () => {
    const steps = traces.reduce(
      (sum, { steps_data, logits_steps }) => sum + steps_data.length + logits_steps.length,
      0,
    );
    assertChecks(() => traceStepChecks(fixture), steps);
  });
});
