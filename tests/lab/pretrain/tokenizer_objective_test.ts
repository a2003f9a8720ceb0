import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { fold, keyFromSeed, uniforms } from "../../../lib/core/key.ts";
import {
  attributeReaderParameters,
  type AttributeReaderWeights,
} from "../../../lib/experts/attribute_reader/attribute_reader.ts";
import {
  bitEntropies,
  type DecoderBatch,
  decoderLoss,
  tokenizerLoss,
} from "../../../lab/pretrain/tokenizer_objective.ts";
import type { MagvitWeights } from "../../../lib/showo/magvit.ts";
import { valueAndGrad } from "../../../lib/tensor/grad.ts";
import { initialise } from "../../../lib/tensor/nest.ts";
import { applyUpdates, globalNorm } from "../../../lib/tensor/optimizer.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import { flatten, mapTree, type Tree } from "../../../lib/tensor/tree.ts";
import { leaked } from "../../showo/fixture_weights.ts";
import { useTestBackend } from "../../support/backend.ts";
import { tinyMagvit, tinyMagvitWeights } from "../../support/tiny_magvit.ts";

await useTestBackend("cpu");
const config = tinyMagvit({ codeBits: 4, baseChannels: 4 });
const key = keyFromSeed(1);
const weights = tinyMagvitWeights(config, 1);
const reader = initialise(
  fold(key, "reader"),
  attributeReaderParameters({ imageSize: 16, channels: [8, 8, 16], width: 8, heads: { colour: 3 } }),
) as AttributeReaderWeights;
const noise = (name: string, shape: number[]): tf.Tensor =>
  tf.tensor(uniforms(fold(key, name), shape.reduce((a, b) => a * b)), shape, "float32");
const pictures = tf.sub(tf.mul(noise("pictures", [2, 16, 16, 3]), 2), 1);
const batch: DecoderBatch = {
  pictures,
  importance: tf.ones([2, 16, 16, 1]),
  labels: { colour: tf.tensor1d([0, 2], "int32") },
  reader,
  encoder: weights.encoder,
};
const terms = { edges: 0.5, perceptual: 0.25, reading: 0.125 };
const number = (tensor: tf.Tensor): number => tensor.dataSync()[0] as number;

describe("bitEntropies()", () => {
  it("are those of independent bits, code by code", () => {
    const z = tf.sub(noise("z", [2, 2, 2, 3]), 0.5);
    const rows = z.dataSync();
    const codes = Array.from(
      { length: 8 },
      (_, row) =>
        Array.from({ length: 8 }, (_, code) =>
          [0, 1, 2].reduce((product, bit) => {
            const p = 1 / (1 + Math.exp(-4 * (rows[row * 3 + bit] as number)));
            return product * ((code >> (2 - bit)) & 1 ? p : 1 - p);
          }, 1)),
    );
    const entropy = (p: readonly number[]) => -p.reduce((sum, each) => sum + each * Math.log(each), 0);
    const mean = Array.from(
      { length: 8 },
      (_, code) => codes.reduce((sum, p) => sum + (p[code] ?? 0), 0) / 8,
    );
    const { sample, codebook } = bitEntropies(z);
    assert.ok(Math.abs(number(sample) - codes.reduce((sum, p) => sum + entropy(p), 0) / 8) < 1e-5);
    assert.ok(Math.abs(number(codebook) - entropy(mean)) < 1e-5);
  });
});

describe("decoderLoss()", () => {
  it("is the weighted sum of its terms, which are those of the whole tokenizer where they have the same name", () => {
    const { loss, aux } = decoderLoss(weights.decoder, batch, { config, terms });
    const sum = number(aux.mse) + terms.edges * number(aux.edges) +
      terms.perceptual * number(aux.perceptual) +
      terms.reading * number(aux.reading);
    assert.ok(Math.abs(number(loss) - sum) < 1e-5);
    const whole = tokenizerLoss(weights, batch, {
      config,
      reader,
      terms: { edges: 1, entropy: 1, commitment: 1, perceptual: 1 },
    }).aux;
    for (const name of ["mse", "edges", "perceptual"] as const) {
      assert.ok(Math.abs(number(aux[name]) - number(whole[name])) < 1e-5, name);
    }
  });

  it("pulls on every weight of the decoder, and falls along the gradient", () => {
    const { loss, grads } = valueAndGrad((decoder: MagvitWeights["decoder"]) =>
      decoderLoss(decoder, batch, { config, terms })
    )(weights.decoder);
    const { leaves } = flatten(grads as Tree);
    assert.equal(leaves.length, flatten(weights.decoder as Tree).leaves.length);
    const sizes = leaves.map((leaf) => number(tf.sum(tf.abs(leaf))));
    assert.ok(sizes.every(Number.isFinite) && sizes.filter((size) => size > 0).length > leaves.length / 2);
    const step = -1e-3 / number(globalNorm(grads as Tree));
    const moved = applyUpdates(weights.decoder, mapTree(grads, (leaf) => tf.mul(leaf, step)));
    assert.ok(number(decoderLoss(moved, batch, { config, terms }).loss) < number(loss as tf.Tensor));
  });

  it("frees what it makes", () => {
    assert.equal(leaked(() => tf.tidy(() => void decoderLoss(weights.decoder, batch, { config, terms }))), 0);
  });
});
