import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { annealed, maskedAfter, maskRatio } from "../../lib/showo/schedule.ts";
import { cases } from "./fixture_model.ts";

describe("mask schedule", () => {
  for (const { num_tokens: numTokens, steps, t0, ...expected } of cases.schedules) {
    it(`equals the reference: ${numTokens} tokens, ${steps} steps, T0 ${t0}`, () => {
      let unknown = numTokens;
      let temperature = t0;
      for (let step = 0; step < steps; step++) {
        const ratio = maskRatio("cosine", (step + 1) / steps);
        assert.ok(Math.abs(ratio - (expected.mask_ratio_fp32[step] as number)) < 1e-7);
        unknown = maskedAfter(step, { steps, schedule: "cosine", unknown, numTokens });
        assert.equal(unknown, expected.masked_after_step[step]);
        temperature = annealed(temperature, step, steps);
        assert.ok(Math.abs(temperature - (expected.temperature_after_step[step] as number)) <= 1e-12 * t0);
      }
    });
  }

  it("ends with one token and no noise, whatever the curve", () => {
    for (const schedule of ["cosine", "linear", "square"] as const) {
      assert.equal(maskedAfter(7, { steps: 8, schedule, unknown: 5, numTokens: 64 }), 1);
      assert.ok(maskRatio(schedule, 0) === 1 && Math.abs(maskRatio(schedule, 1)) < 1e-7);
    }
    assert.equal(annealed(3, 7, 8), 0);
  });

  it("masks one token even where all are known", () => {
    assert.equal(maskedAfter(3, { steps: 8, schedule: "cosine", unknown: 0, numTokens: 64 }), 1);
  });
});
