import { describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import fc from "fast-check";
import assert from "node:assert/strict";
import type { PipelineError } from "../../lib/core/error.ts";
import {
  type Evidence,
  evidenceTable,
  firstBad,
  keepEvidence,
  tensorFacts,
  withEvidence,
} from "../../lib/method/evidence.ts";
import { decodeSafetensors } from "../../lib/tensor/containers/safetensors.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { disposeTree } from "../../lib/tensor/tree.ts";
import { memoryFiles } from "../run/memory_files.ts";
import { right } from "../run/outcome.ts";
import { useTestBackend } from "../support/backend.ts";

await useTestBackend("cpu");
const tree = () => ({
  policy: { rows: tf.tensor2d([[1, 2], [3, 6]]), ids: tf.tensor1d([4, 5], "int32") },
  gradient: { rows: tf.tensor2d([[0, NaN], [Infinity, 2]]) },
});
const error: PipelineError = {
  _tag: "Diverged",
  step: 12,
  tensor: "gradient.rows",
  problem: "is not finite",
};
const evidenceIn = (found: PipelineError): Evidence => (found as unknown as { evidence: Evidence }).evidence;

describe("tensorFacts()", () => {
  it("counts every element once, and measures the finite ones", () => {
    const value = fc.oneof(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.constantFrom(NaN, Infinity, -Infinity),
    );
    fc.assert(fc.property(fc.array(value), (data) => {
      const { finite, nan, infinite, least, greatest, mean, spread } = tensorFacts("x", {
        shape: [data.length],
        data,
      });
      const good = data.filter(Number.isFinite);
      assert.deepEqual([finite, finite + nan + infinite], [good.length, data.length]);
      if (finite === 0) return assert.ok([least, greatest, mean].every(Number.isNaN));
      assert.deepEqual([least, greatest], [Math.min(...good), Math.max(...good)]);
      const average = good.reduce((sum, each) => sum + each, 0) / finite;
      const variance = good.reduce((sum, each) => sum + (each - average) ** 2, 0) / finite;
      assert.ok(Math.abs(mean - average) <= 1e-6 && Math.abs(spread - Math.sqrt(variance)) <= 1 + 1e-3);
    }));
  });
});

describe("firstBad()", () => {
  it("names the first tensor with a bad number, by its path", () => {
    const tensors = tree();
    assert.equal(firstBad(tensors), "gradient.rows");
    assert.equal(firstBad(tensors.policy), undefined);
    disposeTree(tensors);
  });
});

describe("evidenceTable()", () => {
  it("has a line per tensor, those with bad numbers first", () => {
    const tensors = tree();
    const { evidence } = { evidence: evidenceIn(withEvidence(error, tensors)) };
    disposeTree(tensors);
    const [head, ...lines] = evidenceTable(evidence).trimEnd().split("\n");
    assert.match(head ?? "", /^tensor +shape +finite +NaN +infinite +min +max +mean +std$/);
    assert.match(lines[0] ?? "", /^gradient\.rows +\[2, 2\] +2 +1 +1 +0\.000 +2\.000 +1\.000 +1\.000$/);
    assert.match(lines[1] ?? "", /^policy\.ids +\[2\] +2 +0 +0 +4\.000 +5\.000/);
    assert.equal(lines.length, 3);
    const unkept = evidenceTable({ ...evidence, arrays: new Map() });
    assert.match(unkept, /^gradient\.rows \* /m);
  });
});

describe("keepEvidence()", () => {
  it("writes table and tensors, and the error names the table", async () => {
    const tensors = tree();
    const failure = withEvidence(error, tensors);
    disposeTree(tensors);
    const files = memoryFiles();
    const found = await keepEvidence("run/diverged", RTE.left(failure))({ files })();
    assert.deepEqual(found, E.left({ ...error, problem: "is not finite; see run/diverged/step-000012.txt" }));
    const text = right(await files.readText("run/diverged/step-000012.txt")());
    assert.match(text, /^step 12: gradient\.rows is not finite\n\ntensor /);
    const bytes = right(await files.readBytes("run/diverged/step-000012.safetensors")());
    const { tensors: kept } = right(decodeSafetensors(bytes, "x"));
    assert.deepEqual([...kept.keys()].sort(), ["gradient.rows", "policy.ids", "policy.rows"]);
    assert.deepEqual([...(kept.get("gradient.rows")?.data ?? [])], [0, NaN, Infinity, 2]);
    assert.deepEqual(kept.get("policy.ids")?.dtype, "I32");
  });
  it("leaves every other outcome as it is", async () => {
    const files = memoryFiles();
    assert.deepEqual(await keepEvidence("run", RTE.right(1))({ files })(), E.right(1));
    assert.deepEqual(await keepEvidence("run", RTE.left(error))({ files })(), E.left(error));
    assert.equal(files.entries.size, 0);
  });
  it("says so if it cannot write", async () => {
    const tensors = tree();
    const failure = withEvidence(error, tensors);
    disposeTree(tensors);
    const found = await keepEvidence("run", RTE.left(failure))({ files: memoryFiles({ dieAfter: 1 }) })();
    assert.ok(E.isLeft(found));
  });
});
