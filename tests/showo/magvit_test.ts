import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { keyFromSeed } from "../../lib/core/key.ts";
import * as magvit from "../../lib/showo/magvit.ts";
import {
  downsampling,
  type MagvitConfig,
  magvitParameters,
  normGroups,
} from "../../lib/showo/magvit_config.ts";
import { jit } from "../../lib/tensor/jit.ts";
import { initialise, nest } from "../../lib/tensor/nest.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { disposeTree, namedLeaves } from "../../lib/tensor/tree.ts";
import { assertClose, readArrays, readJson, tensorOf } from "../support/fixture.ts";
import { useTestBackend } from "../support/backend.ts";

await useTestBackend();

interface Half {
  base_channels: number;
  channel_multipliers: number[];
  res_blocks: number[];
}
interface Case {
  name: string;
  grid: [number, number];
  codes: number[][];
}
const raw = readJson<
  { code_bits: number; norm_groups: number; norm_eps: number; encoder: Half; decoder: Half }
>(
  "showo/magvit.config.json",
);
const half = (h: Half) => ({
  baseChannels: h.base_channels,
  channelMultipliers: h.channel_multipliers,
  resBlocks: h.res_blocks,
});
const config: MagvitConfig = {
  codeBits: raw.code_bits,
  normEpsilon: raw.norm_eps,
  norm: { groups: raw.norm_groups },
  encoder: half(raw.encoder),
  decoder: half(raw.decoder),
};
const stored = readArrays("showo/magvit.safetensors");
const arrays = readArrays("showo/cases.safetensors");
const cases = readJson<{ magvit: Case[]; magvit_decode_only: Case[]; lfq: LfqCase[] }>("showo/cases.json");
interface LfqCase {
  bits: number;
  codes: number[];
  signs: string[];
  encode_z: number[][][][];
  encode_codes: number[][];
}
const weights = nest(
  [...magvitParameters(config).keys()].map((name) => [name, tensorOf(stored, name)]),
) as magvit.MagvitWeights;

const toNhwc = (name: string): tf.Tensor => tf.transpose(tensorOf(arrays, name), [0, 2, 3, 1]);
const nchw = (x: tf.Tensor): ArrayLike<number> => tf.transpose(x, [0, 3, 1, 2]).dataSync();
const reference = (name: string): ArrayLike<number> => arrays.get(name)?.data as Float32Array;
const levels = (pictures: tf.Tensor): ArrayLike<number> =>
  tf.floor(tf.mul(tf.clipByValue(tf.div(tf.add(pictures, 1), 2), 0, 1), 255)).dataSync();

describe("magvitParameters()", () => {
  it("names exactly the parameters of the reference, with its shapes", () => {
    const names = [...stored.keys()].filter((name) => !name.startsWith("quantize.")).sort();
    const parameters = magvitParameters(config);
    assert.deepEqual([...parameters.keys()].sort(), names);
    for (const [name, { shape }] of parameters) {
      assert.deepEqual([...shape], [...(stored.get(name)?.shape ?? [])], name);
    }
  });
  it("counts the published tokenizer's 380 tensors and 95,387,004 values", () => {
    const published = magvitParameters({
      codeBits: 13,
      normEpsilon: 1e-6,
      norm: { groups: 32 },
      encoder: { baseChannels: 128, channelMultipliers: [1, 2, 2, 4, 4], resBlocks: [4, 3, 4, 3, 4] },
      decoder: { baseChannels: 128, channelMultipliers: [1, 1, 2, 2, 4], resBlocks: [4, 4, 3, 4, 3] },
    });
    assert.equal(published.size, 380);
    const values = [...published.values()].map(({ shape }) => shape.reduce((a, b) => a * b, 1));
    assert.equal(values.reduce((a, b) => a + b, 0), 95_387_004);
  });
});

describe("encodeStages()", () => {
  const run = jit("encode", (w: magvit.MagvitEncoder, x: tf.Tensor) => {
    const stages = magvit.encodeStages(w, x, config);
    return { ...stages, codes: magvit.codesOf(stages.z) as tf.Tensor };
  });
  for (const { name, codes } of cases.magvit) {
    it(`equals the reference on ${name}`, () => {
      const out = run(weights.encoder, toNhwc(`magvit.${name}.image`));
      assertClose(nchw(out.midAttention), reference(`magvit.${name}.encoder_mid_attn`), 1e-4);
      assertClose(nchw(out.mid), reference(`magvit.${name}.encoder_mid`), 1e-4);
      assertClose(nchw(out.z), reference(`magvit.${name}.encoder_output`), 1e-4);
      assert.deepEqual([...out.codes.dataSync()], codes[0]);
    });
  }
});

describe("decodeStages()", () => {
  for (const { name, codes, grid } of [...cases.magvit, ...cases.magvit_decode_only]) {
    it(`equals the reference on ${name}`, () => {
      const signs = magvit.signsOf(tf.tensor2d(codes, undefined, "int32"), { bits: config.codeBits, grid });
      const out = magvit.decodeStages(weights.decoder, signs, config);
      const quantized = arrays.get(`magvit.${name}.quantized`);
      if (quantized !== undefined) assertClose(nchw(signs), reference(`magvit.${name}.quantized`), 0);
      if (quantized !== undefined) assertClose(nchw(out.mid), reference(`magvit.${name}.decoder_mid`), 1e-4);
      assertClose(nchw(out.pictures), reference(`magvit.${name}.decoded`), 1e-4);
      assertClose(levels(out.pictures), reference(`magvit.${name}.decoded_uint8`), 1);
    });
  }
});

describe("codesOf() and signsOf()", () => {
  for (const { bits, codes, signs, encode_z, encode_codes } of cases.lfq) {
    it(`equal the reference for ${bits} bits, also at ±0`, () => {
      const found = magvit.signsOf(tf.tensor2d([codes], undefined, "int32"), {
        bits,
        grid: [1, codes.length],
      });
      const expected = signs.flatMap((row) => [...row].map((sign) => (sign === "+" ? 1 : -1)));
      assert.deepEqual([...found.dataSync()], expected);
      const z = tf.transpose(tf.tensor4d(encode_z), [0, 2, 3, 1]);
      assert.deepEqual([...magvit.codesOf(z).dataSync()], encode_codes.flat());
    });
  }
});

describe("a small tokenizer", () => {
  const small: MagvitConfig = {
    codeBits: 5,
    normEpsilon: 1e-6,
    norm: { channelsPerGroup: 4 },
    encoder: { baseChannels: 4, channelMultipliers: [1, 2, 3], resBlocks: [1, 1, 1] },
    decoder: { baseChannels: 4, channelMultipliers: [1, 2, 3], resBlocks: [1, 2, 1] },
  };
  it("keeps channels per group, starts from a key, and leaks nothing", () => {
    assert.equal(downsampling(small), 4);
    assert.equal(normGroups(small, 12), 3);
    const roundTrip = jit("round trip", (w: magvit.MagvitWeights, x: tf.Tensor) => {
      const codes = magvit.codesOf(magvit.encode(w.encoder, x, small));
      return magvit.decode(w.decoder, magvit.signsOf(codes, { bits: 5, grid: [2, 3] }), small);
    });
    const run = (): readonly number[] => {
      const w = initialise(keyFromSeed(1), magvitParameters(small)) as magvit.MagvitWeights;
      const x = tf.zeros([2, 8, 12, 3]);
      const y = roundTrip(w, x);
      assert.ok(namedLeaves(w).length > 50);
      assert.ok([...y.dataSync()].every(Number.isFinite));
      disposeTree([w, x, y]);
      return y.shape;
    };
    assert.deepEqual(run(), [2, 8, 12, 3]);
    const before = tf.memory().numTensors;
    run();
    assert.equal(tf.memory().numTensors, before);
  });
});
