import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { keyFromSeed } from "../../lib/core/key.ts";
import { initialConceptRows } from "../../lib/showo/concept_rows.ts";
import { imagePrompts } from "../../lib/showo/guidance.ts";
import { imageLogps } from "../../lib/showo/logprobs.ts";
import { initialLora } from "../../lib/showo/lora.ts";
import { isLayerwise, type Policy, showoModel, withConcept } from "../../lib/showo/model.ts";
import { t2iPrompt } from "../../lib/showo/prompt.ts";
import { valueAndGrad } from "../../lib/tensor/grad.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { disposeTree, mapTree, namedLeaves, type Tree } from "../../lib/tensor/tree.ts";
import { useTestBackend } from "../support/backend.ts";
import { assertClose } from "../support/fixture.ts";
import { config } from "./fixture_model.ts";
import { leaked, loadPolicy, numbers } from "./fixture_weights.ts";

await useTestBackend();

describe("showoModel()", () => {
  it("wraps whole functions and parts without changing them", () => {
    const x = tf.tensor1d([1, 2]);
    for (const compile of ["model", "block", "none"] as const) {
      const model = showoModel(config, { compile });
      const double = model.part("double", (a: tf.Tensor): tf.Tensor => tf.mul(a, 2));
      const run = model.whole("run", (a: tf.Tensor) => ({ y: tf.add(double(a), 1) }));
      const found = run(x);
      assert.deepEqual(numbers(found.y), [3, 5]);
      found.y.dispose();
      assert.equal(leaked(() => run(x).y.dispose()), 0);
    }
    x.dispose();
  });
});

describe("isLayerwise()", () => {
  it("is for models of 200 million parameters and more", () => {
    const showo = { ...config, layers: 24, width: 2048, mlpWidth: 8192 };
    assert.deepEqual([config, showo].map(isLayerwise), [false, true]);
  });
});

describe("compile: block", () => {
  const concept = withConcept(config, 3);
  const lora = { rank: 2, alpha: 4, targets: ["qkv", "fc2"] } as const;
  const { base } = loadPolicy();
  const rows = initialConceptRows(base, 3, config);
  const started = initialLora(keyFromSeed(5), lora, config);
  const updates = mapTree(started, (leaf) => tf.add(leaf, 0.01));
  const codes = Int32Array.from({ length: 32 }, (_, n) => n % 3 === 0 ? -1 : n);

  const models = {
    block: showoModel(concept, { compile: "block", lora }),
    none: showoModel(concept, { compile: "none", lora }),
  };

  /** Gradients of the log-probs of two guided pictures that share a prompt. */
  const gradients = (compile: "block" | "none", trainable: Tree) => {
    const model = models[compile];
    const prompt = t2iPrompt(concept.vocabulary, [70, 71, 5], config.textBlock);
    const steps = tf.tidy(() => ({
      prompts: imagePrompts([prompt], { guided: true, model }),
      states: tf.tensor2d(codes, [2, 16], "int32"),
      chosen: tf.tensor2d(codes.map((code) => Math.abs(code)), [2, 16], "int32"),
      guidance: tf.scalar(2),
    }));
    const run = model.whole("gradients", (own: Tree, frozen: Policy, inputs: typeof steps) => {
      const loss = (current: Tree) => {
        const policy = { ...frozen, ...(current as Partial<Policy>) };
        return { loss: tf.sum(imageLogps(policy, inputs, { model })) as tf.Scalar, aux: [] };
      };
      const { loss: value, grads } = valueAndGrad(loss)(own);
      return { value, grads };
    });
    const found = run(trainable, { base, rows, lora: updates }, steps);
    const listed = namedLeaves(found as Tree).map(([name, leaf]) => [name, numbers(leaf)] as const);
    disposeTree([found, steps]);
    return new Map(listed);
  };

  const cases: Readonly<Record<string, Tree>> = {
    "concept rows": { rows },
    "LoRA and all weights": { rows, lora: updates, base },
  };
  for (const [name, trainable] of Object.entries(cases)) {
    it(`has the gradients of the whole model: ${name}`, () => {
      const [found, expected] = [gradients("block", trainable), gradients("none", trainable)];
      assert.deepEqual([...found.keys()], [...expected.keys()]);
      for (const [path, values] of expected) {
        const largest = values.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
        assertClose(found.get(path) ?? [], values, Math.max(1e-4, 2e-5 * largest));
      }
    });
  }

  it("leaks nothing", () => {
    assert.equal(leaked(() => void gradients("block", { rows })), 0);
  });
});

describe("withConcept()", () => {
  it("changes the vocabulary alone", () => {
    const concept = withConcept(config, 4);
    assert.equal(concept.vocabulary.size, config.vocabulary.size + 4);
    assert.deepEqual({ ...concept, vocabulary: config.vocabulary }, config);
  });
});
