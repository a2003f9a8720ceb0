import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { fold, keyFromSeed } from "../../lib/core/key.ts";
import {
  dialogueExample,
  drawingExample,
  type ExampleContext,
  factExample,
  maskedPositions,
} from "../../lib/pretrain/unified_examples.ts";
import { packExamples } from "../../lib/pretrain/unified_objective.ts";
import { factCount } from "../../lib/pretrain/unified_part.ts";
import { worldTokenizer } from "../../lib/pretrain/world_text.ts";
import { mmuVisibility } from "../../lib/showo/mask.ts";
import { makeVocabulary, SPECIAL_TOKENS, withConceptRows } from "../../lib/showo/vocabulary.ts";
import { disposeTree } from "../../lib/tensor/tree.ts";
import { conceptTokens } from "../../lib/text/name_block.ts";
import { END_OF_TEXT } from "../../lib/text/phi_tokenizer.ts";
import { charactersOf, sampleScene } from "../../lib/world/scene.ts";
import { useTestBackend } from "../support/backend.ts";

await useTestBackend("cpu");
const base = worldTokenizer();
const block = { semanticTokens: 2, generationTokens: 1 };
const characters = charactersOf("pretrain").slice(0, 3);
const vocabulary = withConceptRows(
  makeVocabulary({
    textSize: base.vocabularySize - SPECIAL_TOKENS.length,
    endOfText: base.idOf(END_OF_TEXT) as number,
    codebookSize: 32,
  }),
  4,
);
const context: ExampleContext = {
  tokenizer: base.withConceptTokens(conceptTokens("<c>", block)),
  vocabulary,
  block,
  characters,
  textBlock: 48,
  dialogueLength: 128,
  factLength: 136,
  blackCodes: new Int32Array(16),
  dropCondition: 0.1,
  named: 0.5,
  conditionFirst: 0.9,
  paraphrase: 0.1,
};
const keys = Array.from({ length: 40 }, (_, index) => fold(keyFromSeed(4), index));
const coded = {
  scene: sampleScene(keyFromSeed(1), { characters: characters.slice(1, 2) }),
  character: 1,
  codes: Int32Array.from({ length: 16 }, (_, n) => n),
};

describe("examples", () => {
  it("have fixed lengths", () => {
    for (const key of keys) {
      assert.equal(drawingExample(key, coded, context).ids.length, 48 + 16 + 2);
      assert.equal(dialogueExample(key, coded, context).ids.length, 3 + 16 + 1 + 128);
      assert.equal(factExample(key, { count: 3, picture: true }, context).ids.length, 3 + 16 + 1 + 136);
    }
    const lengths = new Set(
      keys.map((key) => factExample(key, { count: 3, picture: false }, context).ids.length),
    );
    assert.equal(lengths.size, 1);
  });
  it("label hidden codes in place, answers and nothing else", () => {
    for (const key of keys) {
      const { ids, labels } = drawingExample(key, coded, context);
      coded.codes.forEach((code, n) => {
        const [id, label] = [ids[49 + n] as number, labels[49 + n] as number];
        const right = vocabulary.firstImageId + code;
        assert.deepEqual(
          [id, label < 0 ? -1 : label],
          id === vocabulary.maskTokenId ? [id, right] : [right, -1],
        );
      });
      const dialogue = dialogueExample(key, coded, context);
      const said = dialogue.ids.filter((_, n) => (dialogue.labels[n] as number) >= 0);
      assert.ok(said.length > 0 && said.length < 128);
      dialogue.labels.forEach((label, n) => assert.ok(label < 0 || label === dialogue.ids[n]));
      assert.ok(dialogue.labels.slice(0, 20).every((label) => label < 0));
    }
  });
  it("are named by a training character if and only if they use its rows", () => {
    for (const key of keys) {
      for (
        const { ids, character } of [
          drawingExample(key, coded, context),
          dialogueExample(key, coded, context),
        ]
      ) {
        const uses = ids.some((id) => id >= vocabulary.firstConceptRow && id < vocabulary.firstImageId);
        assert.equal(uses, character >= 0);
      }
    }
  });
});

describe("maskedPositions()", () => {
  it("hides at least one position", () =>
    keys.forEach((key) => assert.ok(maskedPositions(key, 16).filter(Boolean).length >= 1)));
});

describe("packExamples()", () => {
  it("gives every character rows of its own, and all of them one head", () => {
    const { firstConceptRow: row, firstImageId: image, size } = vocabulary;
    const ids = [5, row, row + 3, image + 2];
    const example = { ids, labels: ids };
    const packed = packExamples(
      [{ ...example, character: 0 }, { ...example, character: 2 }],
      (each) => mmuVisibility(vocabulary, each),
      { vocabulary, characters: 3 },
    );
    assert.deepEqual(packed.ids.arraySync(), [
      [5, row, row + 3, image + 8 + 2],
      [5, row + 8, row + 11, image + 8 + 2],
    ]);
    const labels = [5, size - 4, size - 1, image - 4 + 2];
    assert.deepEqual(packed.labels.arraySync(), [labels, labels]);
    disposeTree(packed);
  });
});

describe("factCount()", () => {
  it("grows at the end of the training", () => {
    const counts = (progress: number) => [...new Set(keys.map((key) => factCount(key, progress)))].sort();
    assert.deepEqual(counts(0.5), [1, 2, 3]);
    assert.deepEqual(counts(0.9), [2, 3, 4, 5]);
  });
});
