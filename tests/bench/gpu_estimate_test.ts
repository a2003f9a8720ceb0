import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { estimateUpdate, H100, parameterCount, updateCosts, updateMemory } from "../../bench/gpu_estimate.ts";
import type { UpdateShape } from "../../bench/gpu_estimate.ts";
import { parseShowoConfig } from "../../lib/showo/config.ts";

const parsed = parseShowoConfig({
  llm_vocab_size: 50295,
  codebook_size: 8192,
  num_vq_tokens: 1024,
  vocab_size: 58498,
}, "config.json");
assert.ok(parsed._tag === "Right");
const published = parsed.right;
const paper: UpdateShape = {
  group: 9,
  candidates: 36,
  timesteps: 50,
  previewStep: 10,
  updateSteps: 50,
  question: 120,
  answer: 32,
  trainable: "concept_rows",
  microRows: 4,
};

describe("parameterCount()", () => {
  it("counts the published model: 1.4 billion with both tables", () => {
    assert.ok(Math.abs(parameterCount(published) / 1e9 - 1.45) < 0.02, `${parameterCount(published)}`);
  });
});

describe("updateCosts()", () => {
  it("prices a picture's forward at about twice parameters times tokens", () => {
    const { complete } = updateCosts(published, paper);
    const each = complete.flops / (2 * 9 * 40);
    const layers = parameterCount(published) - 2 * published.vocabulary.size * published.width;
    const plain = 2 * 1026 * layers;
    assert.ok(each > plain && each < 1.2 * plain, `${each / plain}`);
  });

  it("grows in proportion to G, T and the candidates", () => {
    const base = updateCosts(published, paper);
    const twice = updateCosts(published, { ...paper, group: 18 });
    assert.equal(twice.complete.flops, 2 * base.complete.flops);
    assert.equal(twice.update.flops, 2 * base.update.flops);
    assert.equal(updateCosts(published, { ...paper, candidates: 72 }).preview.flops, 2 * base.preview.flops);
    assert.equal(updateCosts(published, { ...paper, updateSteps: 25 }).update.flops, base.update.flops / 2);
  });

  it("follows the paper's cost of screening: 14.4 T steps against 9 T", () => {
    const { preview, complete } = updateCosts(published, paper);
    const without = updateCosts(published, { ...paper, candidates: 0, previewStep: 0 }).complete;
    assert.ok(Math.abs((preview.flops + complete.flops) / without.flops - 1.6) < 1e-9);
  });

  it("prices gradients of all weights at twice those of the concept rows", () => {
    const full = updateCosts(published, { ...paper, trainable: "full" }).update.flops;
    assert.equal(full / updateCosts(published, paper).update.flops, 2);
  });
});

describe("updateMemory()", () => {
  it("does not grow with T or the candidates", () => {
    assert.deepEqual(
      updateMemory(published, paper),
      updateMemory(published, { ...paper, timesteps: 100, candidates: 72, updateSteps: 100 }),
    );
  });
});

describe("estimateUpdate()", () => {
  it("fits the paper's update with concept rows into 80 GB, with everything trained only in small micro-batches", () => {
    assert.ok(estimateUpdate(published, paper, H100.tf32).fits);
    assert.ok(estimateUpdate(published, { ...paper, trainable: "full", microRows: 1 }, H100.tf32).fits);
    assert.ok(!estimateUpdate(published, { ...paper, trainable: "full", microRows: 64 }, H100.tf32).fits);
  });

  it("says what bounds a phase: one answer reads all weights for every token", () => {
    const alone = { ...paper, candidates: 1, answer: 400 };
    const { phases } = estimateUpdate(published, alone, H100.tf32);
    const bounds = Object.fromEntries(phases.map(({ phase, bound }) => [phase, bound]));
    assert.equal(bounds["update"], "operations");
    assert.equal(bounds["reason"], "bytes");
  });
});
