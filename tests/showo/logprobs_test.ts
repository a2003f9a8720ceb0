import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { keyFromSeed, normals, split } from "../../lib/core/key.ts";
import { type ConceptRows, initialConceptRows } from "../../lib/showo/concept_rows.ts";
import { imageDecoder } from "../../lib/showo/decode_image.ts";
import { initialDecodeState } from "../../lib/showo/decode_state.ts";
import { mmuPrefixInput, textDecoder } from "../../lib/showo/decode_text.ts";
import { encodeImagePrompts, type GuidedBranches, imagePrompts } from "../../lib/showo/guidance.ts";
import {
  type FrozenImageSteps,
  frozenImageSteps,
  imageLogps,
  type ImageSteps,
  textLogps,
} from "../../lib/showo/logprobs.ts";
import { initialLora, type LoraConfig } from "../../lib/showo/lora.ts";
import { type Policy, type ShowoModel, showoModel, withConcept } from "../../lib/showo/model.ts";
import { mmuPrompt, t2iPrompt } from "../../lib/showo/prompt.ts";
import type { LayerWeights } from "../../lib/showo/weights.ts";
import { valueAndGrad } from "../../lib/tensor/grad.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { disposeTree, mapTree, namedLeaves } from "../../lib/tensor/tree.ts";
import { useTestBackend } from "../support/backend.ts";
import { assertClose } from "../support/fixture.ts";
import { config } from "./fixture_model.ts";
import { loadPolicy, numbers } from "./fixture_weights.ts";

await useTestBackend();
const concept = withConcept(config, 3);
const { vocabulary } = concept;
const model = showoModel(concept, { compile: "none" });
const { base } = loadPolicy();
const rows = initialConceptRows(base, 3, config);
const policy: Policy = { base, rows };
const texts = [[70, 71, 72, 5], [9, 70]];
const prompts = texts.map((text) => t2iPrompt(vocabulary, text, config.textBlock));
const int = (values: ArrayLike<number>[]) =>
  tf.tensor2d(values.map((row) => Array.from(row)), undefined, "int32");

function recorded(guidance: number) {
  const decode = imageDecoder(model, { steps: 4, schedule: "cosine", guidance });
  const images = decode(
    policy,
    prompts.map((prompt, row) => ({
      prompt,
      state: initialDecodeState({ key: keyFromSeed(row), numTokens: 16 }),
    })),
  );
  const records = images.flatMap((image) => image.records);
  const steps = (): ImageSteps => ({
    prompts: imagePrompts(prompts, { guided: guidance > 0, model }),
    states: int(records.map(({ state }) => state)),
    chosen: int(records.map(({ chosen }) => chosen)),
    guidance: guidance > 0 ? tf.scalar(guidance) : undefined,
  });
  return { steps, logps: records.flatMap(({ logps }) => [...logps]) };
}

describe("imageLogps()", () => {
  for (const guidance of [5, 0]) {
    it(`equals what the decoder recorded, guidance ${guidance}`, () => {
      const { steps, logps } = recorded(guidance);
      assertClose(tf.tidy(() => numbers(imageLogps(policy, steps(), { model }))), logps, 1e-4);
    });
  }

  const gradient = (branches: GuidedBranches): number[] =>
    tf.tidy(() => {
      const steps = recorded(2).steps();
      const loss = (own: ConceptRows) => ({
        loss: tf.sum(imageLogps({ base, rows: own }, steps, { model, branches })) as tf.Scalar,
        aux: {},
      });
      return numbers(valueAndGrad(loss)(rows).grads.embed) as unknown as tf.TensorContainer;
    }) as unknown as number[];

  it("has the gradient of finite differences, prompts included", () => {
    const steps = recorded(2).steps();
    const total = (index: number, shift: number): number =>
      tf.tidy(() => {
        const moved = numbers(rows.embed);
        moved[index] = (moved[index] as number) + shift;
        const own = { ...rows, embed: tf.tensor2d(moved, [3, 64]) };
        const logps = numbers(imageLogps({ base, rows: own }, steps, { model }));
        return logps.reduce((sum, x) => sum + x, 0) as unknown as tf.TensorContainer;
      }) as unknown as number;
    const found = gradient("both");
    for (const index of [0, 70, 150]) {
      const h = 1e-3;
      const expected = (total(index, h) - total(index, -h)) / (2 * h);
      const difference = Math.abs((found[index] as number) - expected);
      assert.ok(difference <= 0.02 * Math.max(1, Math.abs(expected)), `${found[index]} against ${expected}`);
    }
  });

  it("says the same with prompts that are encoded already", () => {
    tf.tidy(() => {
      const steps = recorded(2).steps();
      const prefix = encodeImagePrompts(policy, steps.prompts, { guided: true, model });
      const found = frozenImageSteps(policy, steps, { model, prefix });
      assert.deepEqual(numbers(found.logps), numbers(imageLogps(policy, steps, { model })));
      assert.deepEqual(numbers(imageLogps(policy, steps, { model, prefix })), numbers(found.logps));
    });
  });

  it("says the same with the branch without prompt taken from another policy's rows", () => {
    tf.tidy(() => {
      const steps = recorded(2).steps();
      const moved = { ...rows, embed: tf.mul(rows.embed, 3) };
      const prefix = encodeImagePrompts({ base, rows: moved }, steps.prompts, { guided: true, model });
      const known = frozenImageSteps({ base, rows: moved }, steps, { model, prefix });
      assertClose(numbers(known.logps), numbers(imageLogps({ base, rows: moved }, steps, { model })), 1e-5);
      assert.ok(known.unconditional !== undefined && known.tokens !== undefined);
      const gradientOf = (frozen: Partial<FrozenImageSteps>) =>
        valueAndGrad((own: ConceptRows) => {
          const found = imageLogps({ base, rows: own }, steps, { model, frozen });
          return { loss: tf.sum(found) as tf.Scalar, aux: { found } };
        })(rows);
      const [alone, shared] = [gradientOf({}), gradientOf(known)];
      assertClose(numbers(shared.aux.found), numbers(alone.aux.found), 1e-4);
      assertClose(numbers(shared.grads.embed), numbers(alone.grads.embed), 1e-3);
    });
  });

  it("has the same gradients where the first layer looks image tokens up in a table", () => {
    const lora: LoraConfig = { rank: 2, alpha: 4, targets: ["qkv", "fc1", "fc2"] };
    const { project, ...apart } = showoModel(concept, { compile: "none", lora });
    assert.ok(project !== undefined);
    const start = initialLora(keyFromSeed(1), lora, config);
    const updates = mapTree(start, (leaf, index) => {
      const values = normals(keyFromSeed(index), leaf.size).map((x) => x * 0.05);
      return tf.tensor(values, leaf.shape);
    });
    tf.tidy(() => {
      const steps = recorded(2).steps();
      const trained = { first: base.layers[0] as LayerWeights, embed: base.embed, updates };
      const gradientsIn = (within: ShowoModel) =>
        valueAndGrad(({ first, embed, updates }: typeof trained) => {
          const moved = { ...base, embed, layers: [first, ...base.layers.slice(1)] };
          const found = imageLogps({ base: moved, rows, lora: updates }, steps, { model: within });
          return { loss: tf.sum(found) as tf.Scalar, aux: { found } };
        })(trained);
      const [table, plain] = [gradientsIn({ ...apart, project }), gradientsIn(apart)];
      assertClose(numbers(table.aux.found), numbers(plain.aux.found), 1e-4);
      const expected = new Map(namedLeaves(plain.grads));
      for (const [path, gradient] of namedLeaves(table.grads)) {
        const values = numbers(expected.get(path) as tf.Tensor);
        assertClose(numbers(gradient), values, 2e-4 * Math.max(1, ...values.map(Math.abs)));
      }
    });
    disposeTree([start, updates]);
  });

  it("can leave the unconditional branch without gradient", () => {
    tf.tidy(() => {
      const steps = recorded(2).steps();
      const finalNorm = (branches: GuidedBranches) => {
        const loss = (norm: { bias: tf.Tensor }) => {
          const moved = { ...base, finalNorm: { ...base.finalNorm, bias: norm.bias } };
          return {
            loss: tf.sum(imageLogps({ base: moved, rows }, steps, { model, branches })) as tf.Scalar,
            aux: {},
          };
        };
        return numbers(valueAndGrad(loss)({ bias: base.finalNorm.bias as tf.Tensor }).grads.bias);
      };
      // The bias reaches both branches alike: (1 + s) − s = 1 with both, 1 + s = 3 with the conditional one alone.
      assertClose(finalNorm("conditional"), finalNorm("both").map((x) => 3 * x), 2e-3);
    });
  });
});

describe("textLogps()", () => {
  it("equals what the decoder recorded, at its temperature and without top-k", () => {
    const prompt = mmuPrompt(
      vocabulary,
      [48, 70, 17],
      Array.from({ length: 16 }, (_, n) => vocabulary.firstImageId + n),
    );
    const short = mmuPrompt(vocabulary, [71, 3]);
    for (const columns of ["text", "all"] as const) {
      const write = textDecoder(model, {
        maxNewTokens: 6,
        topK: 8,
        temperature: 0.7,
        columns,
        stopToken: 63,
      });
      const keys = split(keyFromSeed(3), 3);
      const groups = write(policy, [{ prompt, keys }, { prompt: short, keys }]);
      const samples = groups.flatMap((group, index) =>
        group.map((sample) => ({ sample, prompt: [prompt, short][index] as number[] }))
      );
      const found = tf.tidy(() =>
        numbers(textLogps(policy, {
          prompts: mmuPrefixInput([prompt.slice(0, -1), short.slice(0, -1)], { vocabulary, length: 24 }),
          lengths: tf.tensor1d(samples.map((row) => row.prompt.length - 1)),
          inputs: int(samples.map((row) =>
            Array.from({ length: 6 }, (_, j) =>
              (j === 0 ? row.prompt[row.prompt.length - 1] : row.sample.ids[j - 1]) ?? 60)
          )),
          targets: int(samples.map(({ sample }) =>
            Array.from({ length: 6 }, (_, j) => sample.ids[j] ?? -1)
          )),
          temperature: tf.scalar(0.7),
        }, { model, columns }))
      );
      samples.forEach(({ sample }, row) => {
        const padded = Array.from({ length: 6 }, (_, j) => sample.logps[j] ?? 0);
        assertClose(found.slice(row * 6, row * 6 + 6), padded, 1e-4);
      });
    }
  });
});
