import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { keyFromSeed, split } from "../../lib/core/key.ts";
import { drawTokens, mmuPrefixInput, paddedLength, textDecoder } from "../../lib/showo/decode_text.ts";
import { causalVisibility, mmuVisibility } from "../../lib/showo/mask.ts";
import { showoModel } from "../../lib/showo/model.ts";
import { emptyBuffer, encodePrefix, textStep } from "../../lib/showo/prefix.ts";
import { mmuPrompt } from "../../lib/showo/prompt.ts";
import { keepTop } from "../../lib/showo/sampling.ts";
import { logits } from "../../lib/showo/transformer.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { useTestBackend } from "../support/backend.ts";
import { assertClose } from "../support/fixture.ts";
import { arrays, bits, cases, config, type TextCase, vocabulary } from "./fixture_model.ts";
import { leaked, loadPolicy, numbers } from "./fixture_weights.ts";

await useTestBackend();
const model = showoModel(config, { compile: "none" });
const policy = loadPolicy();
const question = mmuPrompt(vocabulary, [48, 16, 17], Array.from({ length: 16 }, (_, n) => 70 + n));
const short = mmuPrompt(vocabulary, [3, 9]);

/** Raw logits of each step when the recorded tokens are fed. */
function replay({ prompt_ids, generated }: TextCase): number[][] {
  return tf.tidy(() => {
    const front = prompt_ids.slice(0, -1);
    const prefix = encodePrefix(policy, mmuPrefixInput([front], { vocabulary, length: 32 }), model);
    let buffer = emptyBuffer(1, generated.length, model);
    return generated.map((_, step) => {
      const id = step === 0 ? prompt_ids[prompt_ids.length - 1] : generated[step - 1];
      const ids = tf.tensor1d([id as number], "int32");
      const lengths = tf.tensor1d([front.length]);
      const next = textStep(policy, { ids, step: tf.scalar(step, "int32"), lengths, prefix, buffer }, model);
      buffer = next.buffer;
      return numbers(logits(policy, next.hidden, { columns: "all", model }));
    }) as unknown as tf.TensorContainer;
  }) as unknown as number[][];
}

describe("text generation", () => {
  for (const item of cases.mmu_generate) {
    it(`equals the reference: ${item.name}`, () => {
      const found = replay(item).flat();
      assertClose(found, arrays.get(`mmu.${item.name}.last_logits`)?.data as Float32Array, 1e-4);
      const probabilities = tf.tidy(() => {
        const cooled = tf.div(tf.tensor2d(found, [item.generated.length, 135]), item.temperature);
        return numbers(tf.softmax(keepTop(cooled, item.top_k ?? Infinity)));
      });
      assertClose(probabilities, arrays.get(`mmu.${item.name}.probs`)?.data as Float32Array, 1e-4);
    });
  }

  it("sees what the reference sees at the last step", () => {
    for (const { prompt_ids, generated, last_step_visible } of cases.mmu_generate) {
      const fed = [...prompt_ids, ...generated.slice(0, -1)];
      assert.deepEqual([...mmuVisibility(vocabulary, fed)], bits(last_step_visible));
    }
  });

  for (const item of cases.mmu_generate.filter(({ top_k }) => top_k === 1)) {
    it(`writes the greedy answer of the reference: ${item.name}`, () => {
      const write = textDecoder(model, {
        maxNewTokens: item.max_new_tokens,
        columns: "all",
        topK: 1,
        stopToken: item.eot_token,
      });
      const [[sample] = []] = write(policy, [{ prompt: item.prompt_ids, keys: [keyFromSeed(1)] }]);
      assert.deepEqual(sample?.ids, item.generated);
      assert.equal(sample?.stopped, item.generated.includes(item.eot_token));
    });
  }
});

describe("textDecoder()", () => {
  const options = { maxNewTokens: 6, topK: 5, temperature: 0.8, stopToken: 63 };
  const write = textDecoder(model, options);
  const keys = split(keyFromSeed(9), 4);

  it("gives each candidate the same answer whatever runs beside it", () => {
    const alone = [question, short].map((prompt) =>
      keys.flatMap((key) => write(policy, [{ prompt, keys: [key] }])[0])
    );
    const together = write(policy, [{ prompt: question, keys }, { prompt: short, keys }]);
    const uneven = write(policy, [{ prompt: question, keys: keys.slice(0, 1) }, { prompt: short, keys }]);
    const ids = (samples: typeof together) => samples.map((group) => group.map((sample) => sample?.ids));
    assert.deepEqual(ids(together), ids(alone as typeof together));
    assert.deepEqual(ids(uneven), [ids(together)[0]?.slice(0, 1), ids(together)[1]]);
    together.flat().forEach((sample, index) => {
      assertClose(sample.logps, alone.flat()[index]?.logps as number[], 1e-4);
    });
    assert.ok(new Set(together.flat().map((sample) => sample.ids.join())).size > 2);
  });

  it("gives the same answer where a prompt is padded further", () => {
    const [one, other] = [question, short].map((prompt) => write(policy, [{ prompt, keys }])[0]);
    const filler = Array<number>(paddedLength(question.length) + 1 - question.length).fill(16);
    const longest = [...question.slice(0, -1), ...filler, ...question.slice(-1)];
    const padded = write(policy, [question, short, longest].map((prompt) => ({ prompt, keys })));
    assert.deepEqual(padded[0]?.map(({ ids }) => ids), one?.map(({ ids }) => ids));
    assert.deepEqual(padded[1]?.map(({ ids }) => ids), other?.map(({ ids }) => ids));
  });

  it("stays below the image ids unless told otherwise", () => {
    const hot = { maxNewTokens: 12, temperature: 50, stopToken: -1 };
    const below = textDecoder(model, hot)(policy, [{ prompt: question, keys }]).flat();
    assert.ok(below.every(({ ids }) => ids.every((id) => id < vocabulary.firstImageId)));
    const all = textDecoder(model, { ...hot, columns: "all" })(policy, [{ prompt: question, keys }]).flat();
    assert.ok(all.some(({ ids }) => ids.some((id) => id >= vocabulary.firstImageId)));
  });

  it("stops each row by itself and keeps the stop token", () => {
    const samples = textDecoder(model, { ...options, maxNewTokens: 10 })(policy, [{ prompt: question, keys }])
      .flat();
    for (const { ids, logps, stopped } of samples) {
      assert.equal(ids.indexOf(63), stopped ? ids.length - 1 : -1);
      assert.equal(logps.length, ids.length);
      assert.ok(stopped || ids.length === 10);
    }
  });

  it("accepts no requests and no keys", () => {
    assert.deepEqual(write(policy, []), []);
    assert.deepEqual(write(policy, [{ prompt: question, keys: [] }]), [[]]);
  });

  it("writes the same compiled, and leaks nothing", () => {
    const expected = write(policy, [{ prompt: question, keys }]).flat().map(({ ids }) => ids);
    for (const compile of ["model", "block"] as const) {
      const compiled = textDecoder(showoModel(config, { compile }), options);
      const found = compiled(policy, [{ prompt: question, keys }]).flat().map(({ ids }) => ids);
      assert.deepEqual(found, expected);
      assert.equal(leaked(() => void compiled(policy, [{ prompt: question, keys }])), 0);
    }
  });
});

describe("drawTokens()", () => {
  it("draws from the k best but reports the log-prob among all", () => {
    const { tokens, logps } = tf.tidy(() => {
      const draw = { uniforms: tf.tensor1d([0.99]), temperature: tf.scalar(2) };
      const drawn = drawTokens(tf.tensor2d([[2, 4, 0]]), draw, 2);
      return { tokens: numbers(drawn.tokens), logps: numbers(drawn.logps) };
    });
    const all = Math.log(Math.E ** 1 + Math.E ** 2 + 1);
    assert.deepEqual(tokens, [1]);
    assertClose(logps, [2 - all], 1e-5);
  });
});

describe("mmuPrefixInput()", () => {
  it("pads on the right and hides the padding", () => {
    const input = mmuPrefixInput([[66, 55], [66]], { vocabulary, length: 3 });
    assert.deepEqual(numbers(input.ids), [66, 55, 60, 66, 60, 60]);
    assert.deepEqual(numbers(input.keyMask).map((x) => x === 0), [true, true, false, true, false, false]);
    assert.deepEqual(numbers(input.mask).slice(0, 9).map((x) => x === 0 ? 1 : 0), [...causalVisibility(3)]);
    tf.dispose([input.ids, input.keyMask, input.mask]);
  });
});
