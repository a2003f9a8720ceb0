import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { makeVocabulary } from "../../lib/showo/vocabulary.ts";
import * as prompt from "../../lib/showo/prompt.ts";
import { cases, config, type SequenceCase, vocabulary } from "./fixture_model.ts";

const { textBlock } = config;

function build(item: SequenceCase): readonly prompt.LabelledSequence[] {
  return item.text_ids.map((text, row) => {
    const imageIds = item.image_ids?.[row] ?? [];
    switch (item.task) {
      case "lm":
        return prompt.lmSequence(vocabulary, text, item.target_len as number);
      case "mmu":
        return prompt.mmuSequence(vocabulary, prompt.captionText(vocabulary, text, textBlock - 1), imageIds);
      default: {
        const dropped = (item.dropout_uniforms?.[row] ?? 1) < (item.cond_dropout_prob ?? 0);
        const imageLabels = item.image_labels?.[row] ?? imageIds;
        const ids = prompt.t2iPrompt(vocabulary, dropped ? [] : text, textBlock);
        return prompt.t2iSequence(vocabulary, { prompt: ids, imageIds, imageLabels });
      }
    }
  });
}

describe("prompt sequences", () => {
  for (const item of cases.sequences) {
    it(`equal the reference: ${item.name}`, () => {
      const built = build(item);
      assert.deepEqual(built.map(({ ids }) => ids), item.ids);
      if (item.labels !== undefined) assert.deepEqual(built.map(({ labels }) => labels), item.labels);
    });
  }

  it("end the unconditional prompt with t2i S S", () => {
    assert.deepEqual(prompt.unconditionalPrompt(vocabulary, 5), [60, 60, 65, 55, 55]);
  });

  it("begin the prompts of text generation as the reference does", () => {
    for (const { prompt_ids } of cases.mmu_generate) {
      const image = prompt_ids.slice(2, 18);
      assert.deepEqual(prompt.mmuPrompt(vocabulary, prompt_ids.slice(20), image), prompt_ids);
    }
    assert.deepEqual(prompt.mmuPrompt(vocabulary, [5, 6]), [66, 55, 5, 6]);
  });
});

describe("padRight()", () => {
  it("keeps what is long enough", () => {
    const sequence = { ids: [1, 2], labels: [1, 2] };
    assert.deepEqual(prompt.padRight(vocabulary, sequence, 1), sequence);
    assert.deepEqual(prompt.padRight(vocabulary, sequence, 3), { ids: [1, 2, 60], labels: [1, 2, -100] });
  });
});

describe("fitPrompt()", () => {
  const named = makeVocabulary({ textSize: 55, endOfText: 54, codebookSize: 8, conceptRows: 3 });
  const name = [0, 1, 2].map((row) => named.firstConceptRow + row);
  const words = fc.array(fc.integer({ min: 0, max: 53 }), { maxLength: 30 });

  it("reads the beginning, loses the tail, and forgets no id", () => {
    fc.assert(fc.property(words, fc.integer({ min: 6, max: 20 }), (ids, block) => {
      const { kept, cut } = prompt.fitPrompt(named, ids, block);
      assert.deepEqual([...kept, ...cut], ids);
      assert.equal(kept.length, Math.min(ids.length, block - 3));
    }));
  });

  it("keeps the name whole wherever it stands, and all that fits before it", () => {
    fc.assert(fc.property(words, words, fc.integer({ min: 6, max: 20 }), (before, after, block) => {
      const ids = [...before, ...name, ...after];
      const { kept, cut } = prompt.fitPrompt(named, ids, block);
      assert.ok(kept.join().includes(name.join()), "the name is read");
      assert.equal(kept.length, Math.min(ids.length, block - 3));
      assert.equal(kept.length + cut.length, ids.length);
      assert.deepEqual(kept.slice(0, kept.indexOf(name[0] as number)), before.slice(0, block - 6));
    }));
  });

  it("is what the prompt part is made of", () => {
    const ids = [...Array<number>(12).fill(7), ...name];
    const { kept } = prompt.fitPrompt(named, ids, 10);
    const { "<|t2i|>": task } = named.special;
    assert.deepEqual(prompt.t2iPrompt(named, ids, 10), [task, 54, ...kept, 54]);
  });
});
