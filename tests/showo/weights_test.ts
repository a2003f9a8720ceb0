import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import * as E from "fp-ts/lib/Either.js";
import { keyFromSeed } from "../../lib/core/key.ts";
import { describe as describeError } from "../../lib/core/error.ts";
import { parseShowoConfig } from "../../lib/showo/config.ts";
import { showoModel } from "../../lib/showo/model.ts";
import { forward } from "../../lib/showo/transformer.ts";
import {
  initialShowoWeights,
  pathOf,
  publishedName,
  showoArrays,
  showoParameters,
  showoWeightsFrom,
} from "../../lib/showo/weights.ts";
import type { NamedArray } from "../../lib/tensor/containers/dtype.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { disposeTree, namedLeaves } from "../../lib/tensor/tree.ts";
import { useTestBackend } from "../support/backend.ts";
import { config } from "./fixture_model.ts";
import { numbers, sourceFrom, stored } from "./fixture_weights.ts";

await useTestBackend();

const problem = (tensors: ReadonlyMap<string, NamedArray>): string => {
  const before = tf.memory().numTensors;
  const found = showoWeightsFrom(sourceFrom(tensors), config);
  assert.equal(tf.memory().numTensors, before);
  assert.ok(E.isLeft(found));
  return describeError(found.left);
};
const changed = (edit: (tensors: Map<string, NamedArray>) => void): ReadonlyMap<string, NamedArray> => {
  const tensors = new Map(stored);
  edit(tensors);
  return tensors;
};

describe("showoParameters()", () => {
  it("lists the published model: 437 tensors, 1,448,176,770 numbers", () => {
    const sizes = { llm_vocab_size: 50295, codebook_size: 8192, num_vq_tokens: 1024 };
    const parsed = parseShowoConfig(sizes, "config.json");
    assert.ok(E.isRight(parsed));
    const parameters = [...showoParameters(parsed.right).values()];
    const count = ({ shape }: { shape: readonly number[] }) =>
      shape.reduce((product, side) => product * side, 1);
    assert.equal(parameters.length, 437);
    assert.equal(parameters.reduce((sum, parameter) => sum + count(parameter), 0), 1_448_176_770);
  });

  it("names every tensor of the fixture, both ways", () => {
    const paths = [...showoParameters(config).keys()];
    assert.deepEqual(paths.map(publishedName).sort(), [...stored.keys()].sort());
    assert.deepEqual(paths.map((path) => pathOf(publishedName(path) as string)), paths);
    assert.equal(publishedName("layers.0.nothing.weight"), undefined);
    assert.equal(publishedName("nothing"), undefined);
    assert.equal(pathOf("showo.model.layers.0.mlp.fc3.weight"), undefined);
  });
});

describe("showoWeightsFrom()", () => {
  it("reads what showoArrays() writes, with and without prefix", () => {
    for (const prefix of ["showo.", ""]) {
      const named = new Map([...stored].map(([name, array]) => [name.replace("showo.", prefix), array]));
      const weights = showoWeightsFrom(sourceFrom(named), config);
      assert.ok(E.isRight(weights));
      const arrays = showoArrays(weights.right);
      assert.deepEqual([...arrays.keys()].sort(), [...stored.keys()].sort());
      for (const [name, { shape, data }] of arrays) {
        assert.deepEqual([shape, [...data]], [stored.get(name)?.shape, [...stored.get(name)?.data ?? []]]);
      }
      disposeTree(weights.right);
    }
  });

  it("names each tensor that is missing, misshapen or unknown", () => {
    const head = "showo.lm_head.bias";
    assert.match(
      problem(changed((all) => all.delete(head))),
      /showo\.lm_head\.bias: expected \[135\], found nothing/,
    );
    const short: NamedArray = { dtype: "F32", shape: [134], data: new Float32Array(134) };
    assert.match(problem(changed((all) => all.set(head, short))), /expected \[135\], found \[134\]/);
    assert.match(problem(changed((all) => all.set("showo.other", short))), /showo\.other: expected nothing/);
  });

  it("reads names with the prefixes of wrappers, and without any", () => {
    for (const prefix of ["", "module.", "module.showo.", "showo."]) {
      const renamed = new Map([...stored].map(([name, array]) => [name.replace("showo.", prefix), array]));
      const weights = showoWeightsFrom(sourceFrom(renamed), config);
      assert.ok(E.isRight(weights), prefix);
      disposeTree(weights.right);
    }
  });

  it("takes the embedding as head where the config says that they are tied", () => {
    const headless = sourceFrom(changed((all) => all.delete("showo.lm_head.weight")));
    const tied = showoWeightsFrom(headless, { ...config, tied: true });
    assert.ok(E.isRight(tied));
    assert.deepEqual(numbers(tied.right.head.weight), numbers(tied.right.embed));
    disposeTree(tied.right);
    const refused = showoWeightsFrom(headless, config);
    assert.ok(E.isLeft(refused) && refused.left._tag === "InputInvalid");
    assert.match(refused.left.problem, /showo\.lm_head\.weight: expected \[135,64\], found nothing/);
    const own = showoWeightsFrom(sourceFrom(stored), { ...config, tied: true });
    assert.ok(E.isRight(own));
    assert.notDeepEqual(numbers(own.right.head.weight), numbers(own.right.embed));
    disposeTree(own.right);
  });

  it("passes over the projector of the CLIP variants", () => {
    const extra: NamedArray = { dtype: "F32", shape: [1], data: new Float32Array(1) };
    const weights = showoWeightsFrom(
      sourceFrom(changed((all) => all.set("mm_projector.0.weight", extra))),
      config,
    );
    assert.ok(E.isRight(weights));
    disposeTree(weights.right);
  });

  it("keeps nothing when a tensor can't be read", () => {
    const source = sourceFrom(stored);
    const before = tf.memory().numTensors;
    const found = showoWeightsFrom({
      ...source,
      readFloat32: (name) =>
        name.endsWith("fc1.bias")
          ? E.left({ _tag: "CheckpointCorrupt", path: "x", problem: "cut short" })
          : source.readFloat32(name),
    }, config);
    assert.ok(E.isLeft(found) && found.left._tag === "CheckpointCorrupt");
    assert.equal(tf.memory().numTensors, before);
  });
});

describe("initialShowoWeights()", () => {
  it("starts norms as the identity and the rest small, the same for the same key", () => {
    const one = initialShowoWeights(keyFromSeed(3), config);
    const two = initialShowoWeights(keyFromSeed(3), config);
    for (const [path, leaf] of namedLeaves(one)) {
      const values = numbers(leaf);
      if (path.endsWith("orm.weight")) assert.ok(values.every((x) => x === 1));
      else if (path.endsWith(".bias")) assert.ok(values.every((x) => x === 0));
      else {
        const deviation = Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length);
        assert.ok(Math.abs(deviation - 0.02) < 0.002, `${path}: ${deviation}`);
      }
    }
    const again = new Map(namedLeaves(two));
    for (const [path, leaf] of namedLeaves(one)) {
      assert.deepEqual(numbers(leaf), numbers(again.get(path) as tf.Tensor));
    }
    const hidden = tf.tidy(() => {
      const ids = tf.tensor2d([[1, 2]], undefined, "int32");
      return numbers(forward({ base: one }, { ids, mask: tf.zeros([1, 1, 2, 2]) }, showoModel(config)));
    });
    assert.ok(hidden.every(Number.isFinite));
    disposeTree([one, two]);
  });
});
