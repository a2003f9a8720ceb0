import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { fold, type Key, keyFromSeed } from "../../../lib/core/key.ts";
import {
  type CodedScene,
  drawingExample,
  type Example,
  type ExampleContext,
  maskedPositions,
} from "../../../lab/pretrain/unified_examples.ts";
import {
  dialogueExample,
  factExample,
  identityExample,
  recognitionExample,
} from "../../../lab/pretrain/unified_dialogues.ts";
import { packExamples } from "../../../lab/pretrain/unified_objective.ts";
import { factCount } from "../../../lab/pretrain/unified_part.ts";
import { worldTokenizer } from "../../../lab/pretrain/world_text.ts";
import { mmuVisibility } from "../../../lib/showo/mask.ts";
import { makeVocabulary, SPECIAL_TOKENS, withConceptRows } from "../../../lib/showo/vocabulary.ts";
import { disposeTree } from "../../../lib/tensor/tree.ts";
import { conceptTokens } from "../../../lib/text/name_block.ts";
import { END_OF_TEXT } from "../../../lib/text/phi_tokenizer.ts";
import { charactersOf, sampleScene } from "../../../lib/world/scene.ts";
import { useTestBackend } from "../../support/backend.ts";

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
  factLength: 160,
  blackCodes: new Int32Array(16),
  dropCondition: 0.1,
  named: 0.5,
  conditionFirst: 0.9,
  paraphrase: 0.1,
};
const keys = Array.from({ length: 40 }, (_, index) => fold(keyFromSeed(4), index));
const coded: CodedScene = {
  scene: sampleScene(keyFromSeed(1), { characters: characters.slice(1, 2) }),
  character: 1,
  codes: Int32Array.from({ length: 16 }, (_, n) => n),
};
const spoken = (key: Key): readonly Example[] => [
  dialogueExample(key, coded, context),
  recognitionExample(key, coded, context),
  identityExample(key, context),
  factExample(key, { count: 3, picture: true }, context),
  factExample(key, { count: 5, picture: false }, context),
];
const all = (key: Key): readonly Example[] => [drawingExample(key, coded, context), ...spoken(key)];
const roundsOf = (example: Example): ReadonlyMap<number, readonly number[]> => {
  const rounds = new Map<number, number[]>();
  example.rounds.forEach((round, at) => rounds.set(round, [...rounds.get(round) ?? [], at]));
  return rounds;
};
const answerOf = (example: Example, places: readonly number[]): string =>
  context.tokenizer.decode(
    places.filter((at) => (example.labels[at] as number) >= 0).map((at) => example.ids[at] as number),
  );

describe("examples", () => {
  it("have fixed lengths", () => {
    const front = 3 + 16 + 1;
    for (const key of keys) {
      assert.deepEqual(all(key).map(({ ids }) => ids.length), [
        48 + 16 + 2,
        front + 128,
        front + 128,
        front + 128,
        front + 160,
        1 + 160,
      ]);
      for (const { ids, labels, owners, rounds } of all(key)) {
        assert.deepEqual([labels.length, owners.length, rounds.length], Array(3).fill(ids.length));
      }
    }
  });

  it("label hidden codes in place", () => {
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
    }
  });

  it("label one answer per round, and nothing that all rounds see", () => {
    for (const example of keys.flatMap(spoken)) {
      const rounds = roundsOf(example);
      for (const [round, places] of rounds) {
        const said = places.filter((at) => (example.labels[at] as number) >= 0);
        const isPadding = places.every((at) => example.ids[at] === vocabulary.special["[PAD]"]);
        assert.equal(said.length > 0, round > 0 && !isPadding);
        said.forEach((at) => assert.equal(example.labels[at], example.ids[at]));
        assert.ok(said.every((at, n) => n === 0 || at === (said[n - 1] as number) + 1));
      }
    }
  });

  it("are named by a training character exactly where they use name rows", () => {
    for (const { ids, owners } of keys.flatMap(all)) {
      ids.forEach((id, at) => {
        const isName = id >= vocabulary.firstConceptRow && id < vocabulary.firstImageId;
        assert.ok(!isName || (owners[at] as number) >= 0);
      });
    }
  });
});

describe("recognitionExample()", () => {
  it("says yes to the character of the picture only, about half of the time", () => {
    const answers = keys.flatMap((key) => {
      const example = recognitionExample(key, coded, context);
      return [...roundsOf(example)].filter(([round]) => round > 0).flatMap(([, places]) => {
        const [owner] = places.map((at) => example.owners[at] as number);
        const answer = answerOf(example, places);
        if (answer !== "" && owner !== -1) assert.equal(answer.includes("yes"), owner === coded.character);
        return answer === "" ? [] : [answer.includes("yes")];
      });
    });
    const share = answers.filter(Boolean).length / answers.length;
    assert.ok(share > 0.35 && share < 0.65, `${share}`);
  });
});

describe("factExample()", () => {
  it("asks for every fact of the list once, behind the facts that all prompts share", () => {
    for (const key of keys) {
      const example = factExample(key, { count: 3, picture: false }, context);
      const rounds = roundsOf(example);
      const shared = context.tokenizer.decode((rounds.get(0) ?? []).map((at) => example.ids[at] as number));
      const answers = [...rounds].filter(([round]) => round > 0)
        .map(([, places]) => answerOf(example, places).replace("<|endoftext|>", "").trim())
        .filter((answer) => answer !== "");
      assert.equal(new Set(answers).size, 3);
      const ending = (answer: string) => answer.replaceAll("<c>", "").split("  ").at(-1) as string;
      for (const answer of answers) {
        assert.ok(shared.includes(ending(answer).trim()), `${answer} | ${shared}`);
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
    const by = (owner: number): Example => ({
      ids,
      labels: ids,
      owners: ids.map(() => owner),
      rounds: ids.map(() => 0),
    });
    const packed = packExamples(
      [by(0), by(2)],
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

describe("rounds", () => {
  it("see what stands in front and themselves, not each other", () => {
    const ids = [5, 6, 7, 8];
    const example = { ids, labels: ids, owners: ids.map(() => -1), rounds: [0, 1, 2, 2] };
    const packed = packExamples(
      [example],
      (each) => mmuVisibility(vocabulary, each),
      { vocabulary, characters: 3 },
    );
    const seen = (packed.mask.arraySync() as number[][][][])[0]?.[0]?.map((row) =>
      row.map((x) => x === 0 ? 1 : 0)
    );
    assert.deepEqual(seen, [[1, 0, 0, 0], [1, 1, 0, 0], [1, 0, 1, 0], [1, 0, 1, 1]]);
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
