import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { keyFromSeed } from "../../lib/core/key.ts";
import { chooseCodes, imageDecoder, type ImageDecoderOptions } from "../../lib/showo/decode_image.ts";
import { type DecodeState, initialDecodeState } from "../../lib/showo/decode_state.ts";
import { encodeImagePrompts, guidedLogits, imageHidden, imagePrompts } from "../../lib/showo/guidance.ts";
import { showoModel } from "../../lib/showo/model.ts";
import { t2iPrompt } from "../../lib/showo/prompt.ts";
import { codesOfIds } from "../../lib/showo/vocabulary.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { useTestBackend } from "../support/backend.ts";
import { assertClose } from "../support/fixture.ts";
import { arrays, cases, config, vocabulary } from "./fixture_model.ts";
import { leaked, loadPolicy, numbers } from "./fixture_weights.ts";

await useTestBackend();
const model = showoModel(config, { compile: "none" });
const policy = loadPolicy();
const options: ImageDecoderOptions = { steps: 6, schedule: "cosine", guidance: 1.5 };
const decode = imageDecoder(model, options);
const texts = [[32, 16, 54, 6], [17, 14], [], [7, 7, 9, 1, 2]];
const fresh = (seed: number, temperature = 1) => ({
  prompt: t2iPrompt(vocabulary, texts[seed % 4] as number[], config.textBlock),
  state: initialDecodeState({ key: keyFromSeed(seed), numTokens: config.numVqTokens, temperature }),
});

describe("a decoding step", () => {
  for (const trace of cases.traces) {
    it(`gives the logits and probabilities of the recorded run: ${trace.name}`, () => {
      const guided = trace.guidance > 0;
      trace.steps_data.forEach((data, step) => {
        const [found, probabilities] = tf.tidy(() => {
          const prompts = imagePrompts(trace.initial_ids.map((ids) => ids.slice(0, 11)), { guided, model });
          const prefix = encodeImagePrompts(policy, prompts, { guided, model });
          const inputs = data.input_image_ids.map((ids) => [...codesOfIds(vocabulary, ids)]);
          const codes = tf.tensor2d(inputs, undefined, "int32");
          const guidance = guided ? tf.scalar(trace.guidance) : undefined;
          const hidden = imageHidden(policy, { codes, prefix, guidance }, model);
          // Forcing the recorded draws: every code counts as known.
          const forced = tf.tensor2d(data.codes, undefined, "int32");
          const { logps } = chooseCodes(policy, {
            hidden,
            codes: forced,
            uniforms: tf.zeros([2, 16]),
            guidance,
          }, model);
          return [
            numbers(guidedLogits(policy, { hidden, guidance }, { vocabulary })),
            numbers(tf.exp(logps)),
          ];
        });
        const at = trace.logits_steps.indexOf(step);
        const logits = arrays.get(`trace.${trace.name}.logits`)?.data as Float32Array;
        if (at >= 0) assertClose(found as number[], logits.slice(at * 2048, (at + 1) * 2048), 1e-4);
        const selected = arrays.get(`trace.${trace.name}.selected_probs`)?.data as Float32Array;
        data.input_image_ids.flat().forEach((id, n) => {
          if (id !== vocabulary.maskTokenId) return;
          const difference = Math.abs((probabilities?.[n] as number) - (selected[step * 32 + n] as number));
          assert.ok(difference < 1e-4, `probability differs by ${difference}`);
        });
      });
    });
  }

  it("records at the steps to return what the reference returns", () => {
    const trace = cases.traces.find(({ name }) => name === "multi_step");
    for (const step of [...trace?.steps_to_return ?? [], 5]) {
      assert.deepEqual(trace?.steps_data[step]?.codes, trace?.returned?.[String(step)]);
    }
  });
});

describe("imageDecoder()", () => {
  it("decodes complete pictures, one record per step", () => {
    const [image] = decode(policy, [fresh(1)]);
    assert.ok(image !== undefined && image.codes.every((code) => code >= 0 && code < 64));
    assert.deepEqual(image.records.map(({ step }) => step), [0, 1, 2, 3, 4, 5]);
    assert.deepEqual(image.records[5]?.chosen, image.codes);
    for (const { state, chosen, logps } of image.records) {
      state.forEach((code, n) => assert.ok(code < 0 || code === chosen[n]));
      assert.ok(logps.every((logp) => logp <= 1e-6));
    }
  });

  it("gives each candidate the same picture whatever runs beside it", () => {
    const alone = [1, 2, 3, 4, 5].flatMap((seed) => decode(policy, [fresh(seed)]));
    const together = decode(policy, [1, 2, 3, 4, 5].map((seed) => fresh(seed)));
    const inPairs = imageDecoder(model, { ...options, batchSize: 2 })(
      policy,
      [1, 2, 3, 4, 5].map((seed) => fresh(seed)),
    );
    assert.deepEqual(together.map(({ codes }) => codes), alone.map(({ codes }) => codes));
    assert.deepEqual(inPairs.map(({ codes }) => codes), alone.map(({ codes }) => codes));
    together.forEach(({ records }, index) =>
      records.forEach(({ state, logps }, step) => {
        assert.deepEqual(state, alone[index]?.records[step]?.state);
        assertClose(logps, alone[index]?.records[step]?.logps as Float32Array, 1e-4);
      })
    );
  });

  it("gives different pictures for different keys", () => {
    const pictures = [3, 7, 11].map((seed) => decode(policy, [fresh(seed)])[0]?.codes.join());
    assert.equal(new Set(pictures).size, 3);
  });

  it("pauses at any step, drops candidates, and goes on exactly", () => {
    const straight = decode(policy, [1, 2, 3].map((seed) => fresh(seed)));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.subarray([0, 1, 2], { minLength: 1 }), (until, kept) => {
        const paused = decode(policy, [1, 2, 3].map((seed) => fresh(seed)), until);
        paused.forEach(({ codes, state, records }, row) => {
          assert.deepEqual(codes, straight[row]?.records[until - 1]?.chosen);
          assert.equal(state.step, until);
          assert.equal(records.length, until);
        });
        const resumed = decode(
          policy,
          kept.map((row) => ({ ...fresh(row + 1), state: paused[row]?.state as DecodeState })),
        );
        resumed.forEach(({ codes, records }, index) => {
          const whole = straight[kept[index] as number];
          assert.deepEqual(codes, whole?.codes);
          assert.deepEqual(
            records.map(({ state }) => state),
            whole?.records.slice(until).map(({ state }) => state),
          );
        });
      }),
      { numRuns: 5 },
    );
  });

  it("returns a finished picture as it is", () => {
    const [done] = decode(policy, [fresh(2)]);
    const [again] = decode(policy, [{
      ...fresh(2),
      state: { ...done?.state as DecodeState, codes: done?.codes as Int32Array },
    }]);
    assert.deepEqual([again?.codes, again?.records], [done?.codes, []]);
  });

  it("keeps the codes that are given", () => {
    const codes = Array.from({ length: 16 }, (_, n) => n < 9 ? n : -1);
    const state = initialDecodeState({ key: keyFromSeed(4), numTokens: 16, codes });
    const [image] = decode(policy, [{ ...fresh(4), state }]);
    assert.deepEqual([...image?.codes.slice(0, 9) ?? []], codes.slice(0, 9));
    assert.ok(image?.codes.every((code) => code >= 0));
  });

  it("without guidance equals a decoder of the conditional branch", () => {
    const plain = imageDecoder(model, { ...options, guidance: 0 });
    const [image] = plain(policy, [fresh(1)]);
    assert.ok(image?.codes.every((code) => code >= 0));
    const unconditional = { ...fresh(1), prompt: t2iPrompt(vocabulary, [], config.textBlock) };
    // Where the prompt is the empty one both branches agree, so guidance changes nothing.
    assert.deepEqual(plain(policy, [unconditional])[0]?.codes, decode(policy, [unconditional])[0]?.codes);
  });

  it("as released, ends with one token of the last code", () => {
    const released = imageDecoder(model, { ...options, compat: "released" })(policy, [fresh(1)])[0];
    const exact = decode(policy, [fresh(1)])[0];
    const changed = [...released?.codes ?? []].flatMap((code, n) =>
      code === exact?.codes[n] ? [] : [[n, code]]
    );
    assert.equal(changed.length, 1);
    assert.deepEqual(changed[0], [exact?.state.codes.indexOf(-1), 63]);
  });

  it("as released, a resumed picture is its preview with one token of the last code", () => {
    const released = imageDecoder(model, { ...options, compat: "released" });
    for (const seed of [1, 2, 3]) {
      const [paused] = released(policy, [fresh(seed, 1.8)], 2);
      const [resumed] = released(policy, [{ ...fresh(seed), state: paused?.state as DecodeState }]);
      const changed = [...resumed?.codes ?? []].filter((code, n) => code !== paused?.codes[n]);
      assert.deepEqual(changed, [63]);
      const unknown = resumed?.records.map(({ state }) => state.filter((code) => code < 0).length);
      assert.deepEqual(unknown, [0, 1, 1, 1]);
    }
  });

  it("shows the most likely codes at a pause, and goes on with those that were drawn", () => {
    const showing = imageDecoder(model, { ...options, preview: "likely" });
    const candidates = [fresh(1), fresh(1, 2), fresh(2)];
    const [drawn, likely] = [decode(policy, candidates, 3), showing(policy, candidates, 3)];
    likely.forEach(({ codes, state, records }, index) => {
      const other = drawn[index] as typeof drawn[number];
      assert.deepEqual([state, records], [other.state, other.records]);
      const last = records[2] as typeof records[number];
      last.state.forEach((code, n) => assert.ok(code < 0 || codes[n] === code));
      assert.ok(codes.every((code) => code >= 0));
      assert.notDeepEqual(codes, other.codes);
    });
    assert.deepEqual(showing(policy, candidates), decode(policy, candidates));
    assert.equal(leaked(() => void showing(policy, candidates, 3)), 0);
    const compiled = imageDecoder(showoModel(config, { compile: "model" }), {
      ...options,
      preview: "likely",
    });
    assert.deepEqual(
      compiled(policy, candidates, 3).map(({ codes }) => codes),
      likely.map(({ codes }) => codes),
    );
  });

  it("gives the same pictures compiled", () => {
    const candidates = [1, 2].map((seed) => fresh(seed));
    const expected = decode(policy, candidates).map(({ codes }) => codes);
    for (const compile of ["model", "block"] as const) {
      const compiled = imageDecoder(showoModel(config, { compile }), options);
      assert.deepEqual(compiled(policy, candidates).map(({ codes }) => codes), expected);
      assert.equal(leaked(() => void compiled(policy, candidates)), 0);
    }
  });

  it("accepts no candidates", () => {
    assert.deepEqual(decode(policy, []), []);
  });
});
