import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import { fromBytes } from "../../lib/tensor/containers/random_access.ts";
import { openSafetensors } from "../../lib/tensor/containers/safetensors_table.ts";
import { checkWeights, renameTensors, stripPrefix, weightProblems } from "../../lib/tensor/weight_names.ts";
import { sourceOf, type WeightSource } from "../../lib/tensor/weight_source.ts";
import { problem, right } from "../run/outcome.ts";
import { counting, safetensors } from "./sources.ts";

function source(...names: readonly string[]): WeightSource {
  const tensors = Object.fromEntries(names.map((name, index) => [name, counting(index + 1)]));
  const table = right(openSafetensors(fromBytes(safetensors(tensors)), "x"));
  return sourceOf("w.safetensors", [table], () => undefined);
}

describe("stripPrefix()", () => {
  it("drops the first prefix that fits, once", () => {
    const stripped = stripPrefix(["showo.", "model."])(source("model.model.a", "showo.b", "c"));
    assert.deepEqual([...stripped.names].sort(), ["b", "c", "model.a"]);
    assert.deepEqual(stripped.info("b")?.shape, [2]);
    assert.deepEqual(right(stripped.readFloat32("b")).data, Float32Array.of(0, 1));
    assert.deepEqual(right(stripped.readRaw("model.a")).shape, [1]);
    assert.equal(stripped.info("showo.b"), undefined);
    assert(E.isLeft(stripped.readFloat32("showo.b")));
  });

  it("keeps a tensor that has the short name already", () => {
    for (const names of [["a", "p.a"], ["p.a", "a"]]) {
      const original = source(...names);
      assert.deepEqual(stripPrefix(["p."])(original).info("a"), original.info("a"), `${names}`);
    }
  });
});

describe("renameTensors()", () => {
  it("renames by any rule", () => {
    const renamed = renameTensors((name) => name.replace(/gamma$/, "weight"))(source("n.gamma", "n.beta"));
    assert.deepEqual([...renamed.names].sort(), ["n.beta", "n.weight"]);
  });
});

describe("checkWeights()", () => {
  const expected = new Map([["a", [1]], ["b", [2]]]);

  it("passes weights that fit, with extras that are ignored", () => {
    const weights = source("a", "b", "cls.x");
    assert.equal(right(checkWeights(weights, expected, { ignore: [/^cls\./] })), weights);
  });

  it("names every tensor with expected and found shape", () => {
    assert.deepEqual(weightProblems(source("b", "cls.x"), expected), [
      "a: expected [1], found nothing",
      "b: expected [2], found [1]",
      "cls.x: expected nothing, found [2]",
    ]);
    const line = problem(checkWeights(source("b"), expected));
    assert.match(
      line,
      /^w\.safetensors: 2 tensors do not fit the model: a: expected \[1\], found nothing; b: /,
    );
  });

  it("shortens long lists", () => {
    const many = new Map(Array.from({ length: 20 }, (_, index) => [`t${index}`, [1]] as const));
    assert.match(problem(checkWeights(source(), many)), /20 tensors .*, and 8 more; use/);
  });
});
