import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { keyFromSeed, uniforms } from "../../lib/core/key.ts";
import {
  codeUniforms,
  confidences,
  initialDecodeState,
  remasked,
  settleStep,
  stopDecoding,
} from "../../lib/showo/decode_state.ts";
import { annealed, maskedAfter } from "../../lib/showo/schedule.ts";
import { codesOfIds } from "../../lib/showo/vocabulary.ts";
import { assertClose } from "../support/fixture.ts";
import { arrays, bits, cases, vocabulary } from "./fixture_model.ts";

describe("remasked()", () => {
  for (const trace of cases.traces) {
    it(`repeats the recorded run: ${trace.name}`, () => {
      const stored = (part: string, step: number, row: number) =>
        (arrays.get(`trace.${trace.name}.${part}`)?.data as Float32Array).slice(
          (step * 2 + row) * 16,
          (step * 2 + row + 1) * 16,
        );
      [0, 1].forEach((row) => {
        let codes = codesOfIds(vocabulary, (trace.initial_ids[row] as number[]).slice(12, 28));
        let temperature = trace.t0;
        trace.steps_data.forEach((data, step) => {
          assert.deepEqual(codes, codesOfIds(vocabulary, data.input_image_ids[row] as number[]));
          const unknown = Array.from(codes, (code) => code < 0);
          const chosen = (data.sampled_raw[row] as number[]).map((drawn, n) =>
            unknown[n] ? drawn : codes[n] as number
          );
          assert.deepEqual(chosen, data.codes[row]);
          temperature = annealed(temperature, step, trace.steps);
          assert.ok(Math.abs(temperature - data.temperature) < 1e-12);
          const count = maskedAfter(step, {
            steps: trace.steps,
            schedule: "cosine",
            unknown: unknown.filter(Boolean).length,
            numTokens: 16,
          });
          assert.equal(count, data.masked_count[row]);
          const logps = stored("selected_probs", step, row).map(Math.log);
          const noise = stored("uniforms", step, row);
          assertClose(
            confidences({ logps, unknown, noise, temperature }),
            stored("confidence", step, row),
            1e-4,
          );
          const again = remasked({ logps, unknown, noise, temperature, count });
          assert.deepEqual(again.map(Number), bits([data.remask[row] as string]));
          codes = Int32Array.from(chosen, (code, n) => again[n] ? -1 : code);
        });
        assert.deepEqual(
          codes,
          codesOfIds(vocabulary, (trace.caller_ids_after[row] as number[]).slice(12, 28)),
        );
      });
    });
  }

  it("masks fewer where several share the cut-off", () => {
    const same = { unknown: [true, true, true], noise: [0.5, 0.5, 0.5], temperature: 0 };
    assert.deepEqual(remasked({ ...same, logps: [-1, -1, -1], count: 1 }), [false, false, false]);
    assert.deepEqual(remasked({ ...same, logps: [-3, -1, -1], count: 1 }), [true, false, false]);
  });

  it("survives a picture of one token and draws of 0", () => {
    assert.deepEqual(remasked({ logps: [-1], unknown: [true], noise: [0], temperature: 1, count: 1 }), [
      true,
    ]);
    const extreme = confidences({ logps: [-100, -1], unknown: [true, false], noise: [0, 1], temperature: 1 });
    assert.ok(extreme.every(Number.isFinite));
  });
});

describe("settleStep()", () => {
  const options = { steps: 6, schedule: "cosine" } as const;

  it("follows the schedule, keeps known codes and records what the model saw", () => {
    fc.assert(fc.property(fc.nat(), fc.integer({ min: 2, max: 40 }), (seed, numTokens) => {
      const key = keyFromSeed(seed);
      let state = initialDecodeState({ key, numTokens, temperature: 1.5 });
      for (let step = 0; step < options.steps; step++) {
        const unknown = state.codes.filter((code) => code < 0).length;
        const chosen = state.codes.map((code, n) => code < 0 ? n : code);
        const logps = uniforms(keyFromSeed(seed + step), numTokens).map((u) => -1 - u);
        const { state: next, record } = settleStep(state, { chosen, logps }, options);
        assert.deepEqual([record.step, record.state, record.chosen], [step, state.codes, chosen]);
        assert.equal(
          next.codes.filter((code) => code < 0).length,
          maskedAfter(step, { ...options, unknown, numTokens }),
        );
        next.codes.forEach((code, n) =>
          assert.ok(code === n || (code === -1 && (state.codes[n] as number) < 0))
        );
        state = next;
      }
      assert.equal(state.temperature, 0);
    }));
  });

  it("draws by key and step alone", () => {
    const [one, two] = [1, 2].map((seed) => initialDecodeState({ key: keyFromSeed(seed), numTokens: 8 }));
    assert.ok(one !== undefined && two !== undefined);
    assert.deepEqual(codeUniforms(one), codeUniforms({ ...one, codes: new Int32Array(8), temperature: 9 }));
    assert.notDeepEqual(codeUniforms(one), codeUniforms({ ...one, step: 1 }));
    assert.notDeepEqual(codeUniforms(one), codeUniforms(two));
  });
});

describe("stopDecoding()", () => {
  const key = keyFromSeed(1);
  const chosen = Int32Array.of(5, 6, 7);
  const record = { step: 1, state: Int32Array.of(-1, -1, 7), chosen, logps: new Float32Array(3) };
  const at = (step: number) => ({ codes: Int32Array.of(5, -1, 7), step, temperature: 0.5, key });
  const options = { steps: 4, schedule: "cosine", codebookSize: 64 } as const;

  it("returns the complete picture and the re-masked state", () => {
    assert.deepEqual(stopDecoding(at(2), record, options), { codes: chosen, state: at(2) });
    assert.deepEqual(stopDecoding(at(4), record, options), { codes: chosen, state: at(4) });
  });

  it("as released, turns the code still unknown at the end into the last of the codebook", () => {
    const { codes } = stopDecoding(at(4), record, { ...options, compat: "released" });
    assert.deepEqual([...codes], [5, 63, 7]);
  });

  it("as released, pauses with nothing left to refine", () => {
    const paused = stopDecoding(at(2), record, { ...options, compat: "released" });
    assert.deepEqual([paused.codes, paused.state], [chosen, { ...at(2), codes: chosen }]);
  });
});
