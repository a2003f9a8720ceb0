import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { join } from "node:path";
import { keyFromSeed } from "../../lib/core/key.ts";
import { runFolder } from "../../lib/run/folder.ts";
import { writeEvaluation } from "../../lib/run/evaluation.ts";
import { drawFailures, hasFailed, type ScoredLine, scoredLines } from "../../lib/trained/failures.ts";
import { writeModelCard } from "../../lib/trained/write_model_card.ts";
import { writeDemoRun } from "../run/demo_run.ts";
import { type MemoryFiles, memoryFiles } from "../run/memory_files.ts";
import { right } from "../run/outcome.ts";
import { changedFiles } from "../support/files.ts";

const log = { info: () => {}, warn: () => {}, progress: () => {} };
const LINE: ScoredLine = {
  ...{ task: "rec", item: "rec_000", prompt: "is this | <c> ?", reference: "No.", prediction: "yes ." },
  ...{ image: null, reasoning: null, scores: { rec_accuracy: 0 } },
};

async function cardOf(files: MemoryFiles, name = "mochi"): Promise<string> {
  const run = await writeDemoRun(files, { name, reward: 0.6, drawn: true });
  const path = right(await writeModelCard(run)({ files, log })());
  return right(await files.readText(path)());
}

describe("writeModelCard()", () => {
  it("says what a reviewer asks for", async () => {
    const card = await cardOf(memoryFiles());
    for (
      const part of [
        /^# mochi-2026/,
        /\n## Concept and data\n/,
        /the config names no concept/,
        /\n## Settings\n[^]*config 0a1b2c3d/,
        /\n## Before and after\n[^]*\| rec_weight \| 0\.6 \| 0\.6 \| 0 \| no interval \|/,
        /\n## What got worse\n\n- Images: images lose their edges/,
        /\| edges: share of neighbouring pixels \| 0\.2 \(0\.01 to 0\.3\) \| 0\.05 .* \| 0\.21 \|/,
        /!\[\]\(eval\/step-000003\/images\/c\/0\.png\) \| !\[\]\(\.\.\/\.\.\/photos\/c\/0\.png\) \| copy: 2 of 64/,
        /\n## Five random failures\n\nNone of the 1 judged items failed\./,
        /deno task train runs\/mochi-2026.*config\.yaml\n[^]*Seeds: run 7\./,
      ]
    ) assert.match(card, part);
  });

  it("looks at the photos again: their number, and whether train and test overlap", async () => {
    const files = changedFiles();
    const run = runFolder("runs/demo");
    right(await files.writeAtomic(run.config, "concept: assets/world/mip\nrl:\n  beta: 0.04\n")());
    right(await writeModelCard(run)({ files, log })());
    const card = right(await files.readText(join(run.path, "model-card.md"))());
    assert.match(card, /Photos: 6 for training, 4 for testing, from `assets\/world`\./);
    assert.match(card, /no test photo is the same file as a train photo; none looks like one/);
    assert.match(card, /\| `rl\.beta` \| 0\.04 \|/);
    assert.match(card, /Nothing was evaluated\./);
  });

  it("names what fell, and says which changes are clear", async () => {
    const files = memoryFiles();
    const run = await writeDemoRun(files, { name: "m", reward: 0.6 });
    const score = (value: number) => ({ a: { value, low: value - 0.1, high: value + 0.1 }, b: { value } });
    for (const [step, value] of [[0, 0.9], [3, 0.5]] as const) {
      const titles = { a: "A", b: "B" };
      right(
        await writeEvaluation(run.evaluations, { step, scores: score(value), titles, notes: [] })({
          files,
        })(),
      );
    }
    const card = right(await files.readText(right(await writeModelCard(run)({ files, log })()))());
    assert.match(card, /\| A \| 0\.9 \(0\.8 to 1\) \| 0\.5 \(0\.4 to 0\.6\) \| -0\.4 \| clear \|/);
    assert.match(card, /## What got worse\n\n- A: -0\.4 \(clear\)\.\n- B: -0\.4 \(no interval\)\./);
  });
});

describe("drawFailures()", () => {
  it("draws among the failures alone, never more than asked for, the same for the same key", () => {
    const score = fc.constantFrom(0, 0.4, 0.5, 1, null);
    const line = fc.record({ rec_accuracy: score, rea_judge: score }).map((scores) => ({ ...LINE, scores }));
    fc.assert(fc.property(fc.array(line), fc.nat(), (lines, seed) => {
      const found = drawFailures(lines, { key: keyFromSeed(seed) });
      assert.deepEqual(found, drawFailures(lines, { key: keyFromSeed(seed) }));
      assert.ok(found.shown.every(({ scores }) => hasFailed(scores) === true));
      assert.equal(found.shown.length, Math.min(5, found.failed));
      assert.ok(found.failed <= found.judged && found.judged <= lines.length);
    }));
  });
  it("draws every failure about as often as any other", () => {
    const lines = Array.from({ length: 10 }, (_, index) => ({ ...LINE, item: `rec_${index}` }));
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 400; seed++) {
      drawFailures(lines, { key: keyFromSeed(seed), count: 5 }).shown
        .forEach(({ item }) => counts.set(item, (counts.get(item) ?? 0) + 1));
    }
    lines.forEach(({ item }) => assert.ok(Math.abs((counts.get(item) ?? 0) - 200) < 60, item));
  });
  it("knows a failure by hits, exact matches and grades, not by likeness", () => {
    assert.equal(hasFailed({ rec_accuracy: 0 }), true);
    assert.equal(hasFailed({ rea_exact: 1, rea_bleu: 0.2 }), false);
    assert.equal(hasFailed({ rea_gen_judge: 0.4 }), true);
    assert.equal(hasFailed({ pure_gen_clip_i: 0.1, vqa_judge: null }), null);
  });
});

describe("scoredLines()", () => {
  it("reads what it knows and leaves the rest", () => {
    assert.deepEqual(scoredLines(`${JSON.stringify(LINE)}\n{"a":1}\nnot json\n`), [LINE]);
  });
});
