import { describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import { keyFromSeed } from "../../../lib/core/key.ts";
import {
  countParts,
  joinRows,
  readPart,
  readWeights,
  shapeOf,
} from "../../../lib/experts/shared/checkpoint.ts";
import { initialArrays, layerParameters, normParameters } from "../../../lib/experts/shared/parameters.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import { disposeTree } from "../../../lib/tensor/tree.ts";
import assert from "node:assert/strict";
import { problem, right } from "../../run/outcome.ts";
import { useTestBackend } from "../../support/backend.ts";
import { memoryWeights } from "./fixture_model.ts";

await useTestBackend();
const schema = { first: layerParameters("h.0", [2, 3]), second: layerParameters("h.1", [2, 3]) };
const arrays = initialArrays(keyFromSeed(1), schema);

describe("readWeights()", () => {
  it("reads what the description names, and passes over what may be there", () => {
    const extra = initialArrays(keyFromSeed(2), { counter: normParameters("counter", 1) });
    const source = memoryWeights(new Map([...arrays, ...extra]));
    const weights = right(readWeights(source, schema, { ignore: [/^counter\./] }));
    assert.deepEqual([...weights.second.weight.dataSync()], [...arrays.get("h.1.weight")?.data ?? []]);
    disposeTree(weights);
    assert.match(problem(readWeights(source, schema)), /counter\.bias: expected nothing, found \[1\]/);
  });
  it("names what is missing or misshapen, and keeps no tensor", () => {
    const before = tf.memory().numTensors;
    const fewer = new Map([...arrays].filter(([name]) => name !== "h.1.bias"));
    assert.match(
      problem(readWeights(memoryWeights(fewer), schema)),
      /h\.1\.bias: expected \[2\], found nothing/,
    );
    const other = { first: layerParameters("h.0", [3, 2]), second: schema.second };
    assert.match(
      problem(readWeights(memoryWeights(arrays), other)),
      /h\.0\.weight: expected \[3,2\], found \[2,3\]/,
    );
    assert.equal(tf.memory().numTensors, before);
  });
});

describe("readPart()", () => {
  it("frees what it read if a tensor can't be read", () => {
    const source = memoryWeights(arrays);
    const broken = {
      ...source,
      readFloat32: (name: string) =>
        name === "h.1.weight"
          ? E.left({ _tag: "CheckpointCorrupt" as const, path: "x", problem: "torn" })
          : source.readFloat32(name),
    };
    const before = tf.memory().numTensors;
    assert.equal(problem(readPart(broken, schema)), "x: torn");
    assert.equal(tf.memory().numTensors, before);
  });
});

describe("joinRows()", () => {
  it("offers the rows of several tensors as one", () => {
    const joined = joinRows(memoryWeights(arrays), new Map([["all.weight", ["h.1.weight", "h.0.weight"]]]));
    assert.deepEqual([...joined.names].sort(), ["all.weight", "h.0.bias", "h.1.bias"]);
    assert.deepEqual(joined.info("all.weight")?.shape, [4, 3]);
    assert.deepEqual(joined.info("h.0.bias")?.shape, [2]);
    const { shape, data } = right(joined.readFloat32("all.weight"));
    assert.deepEqual(shape, [4, 3]);
    const rows = [...arrays.get("h.1.weight")?.data ?? [], ...arrays.get("h.0.weight")?.data ?? []];
    assert.deepEqual([...data], rows);
    assert.deepEqual([...right(joined.readFloat32("h.0.bias")).data], [0, 0]);
  });
});

describe("countParts() and shapeOf()", () => {
  const source = memoryWeights(arrays);
  it("count layers and give shapes", () => {
    assert.equal(countParts(source, "h."), 2);
    assert.equal(countParts(source, "none."), 0);
    assert.deepEqual(right(shapeOf(source, "h.0.weight", 2)), [2, 3]);
  });
  it("say what is wrong", () => {
    assert.match(problem(shapeOf(source, "none", 2)), /there is no tensor none/);
    assert.match(problem(shapeOf(source, "h.0.bias", 2)), /h\.0\.bias: expected shape 2 axes, found \[2\]/);
  });
});
