import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { AskItem } from "../../lib/evaluation/item.ts";
import type { AnswerRow } from "../../lib/evaluation/prediction_rows.ts";
import { sameSentence, scoreAnswers, showsConcept } from "../../lib/evaluation/score_answers.ts";
import { SCORE_DEFAULTS } from "../../lib/evaluation/scored.ts";
import type { Judge, JudgedText } from "../../lib/metrics/judge/judge.ts";
import { succeed, worldConcept } from "./world_fixture.ts";

const mip = await worldConcept("mip");
const ask = (task: AskItem["task"], changes: Partial<AskItem> = {}): AskItem => ({
  kind: "ask",
  task,
  id: `${task}_000`,
  question: "",
  image: null,
  reference: "red",
  rubric: "answer",
  prompt: null,
  ...changes,
});
const score = async (
  item: AskItem,
  prediction: string | null,
  judge: Judge | null = null,
  missingAsZero = false,
) => {
  const row: AnswerRow = {
    ...{ v: 1, model: "m", bench: "b", concept: "mip", task: item.task, item: item.id },
    prediction: prediction ?? "",
  };
  const rows = prediction === null ? new Map() : new Map([[`${item.task}/${item.id}`, row]]);
  const [found] = await succeed(
    scoreAnswers([item], rows, { concept: mip, judge, options: { ...SCORE_DEFAULTS, missingAsZero } }),
    {},
  );
  return found?.scores ?? {};
};
const asked: JudgedText[] = [];
const half: Judge = {
  id: "half",
  text: (item) => RTE.fromIO(() => (asked.push(item), 0.5)),
  segments: (_, segments) => RTE.right(segments.map(() => null)),
};

describe("scoreAnswers()", () => {
  it("measures each task as the paper does", async () => {
    assert.deepEqual(await score(ask("rec", { reference: "No." }), "No, it is not."), { rec_accuracy: 1 });
    assert.deepEqual(await score(ask("rec", { reference: "Yes." }), "No"), { rec_accuracy: 0 });
    const fact = "<w_n> has a blue T-shirt.";
    const { rea_bleu: bleu, rea_exact: exact } = await score(
      ask("rea", { reference: fact }),
      "<w_n> wears a red hat.",
    );
    assert.ok(Math.abs((bleu ?? 0) - 0.599996076861) < 1e-9);
    assert.equal(exact, 0);
    assert.deepEqual(await score(ask("qa"), "red", half), { qa_bleu: 1, qa_judge: 0.5 });
    assert.deepEqual(await score(ask("dense_rea"), "red", half), { dense_rea_judge: 0.5 });
  });

  it("takes a letter or the text of its option", async () => {
    const question = "Where is <biscuit>? A. On a rock ledge. B. On a sofa. Answer with A or B.";
    const choice = ask("choice", { question, reference: "A" });
    for (const answer of ["A", "A.", "(A)", "it lies on a rock ledge"]) {
      assert.deepEqual(await score(choice, answer), { choice_accuracy: 1 }, answer);
    }
    for (const answer of ["B", "on a sofa", ""]) {
      assert.deepEqual(await score(choice, answer), { choice_accuracy: 0 }, answer);
    }
  });

  it("judges a rewritten prompt whole, with the prompt as the question", async () => {
    const [dense] = mip.denseRea;
    const item = ask("dense_rea", { rubric: "rewrite", prompt: dense?.text ?? "", reference: "r" });
    await score(item, "the man wears a hat .\nmore", half);
    assert.deepEqual(asked.at(-1), {
      question: dense?.text,
      reference: "r",
      prediction: `${dense?.text} <mip> wears a hat .`,
      rubric: "rewrite",
    });
  });

  it("leaves a missing answer without a score, or scores it 0 where asked to", async () => {
    const before = asked.length;
    assert.deepEqual(await score(ask("vqa"), null, half), { vqa_bleu: null, vqa_judge: null });
    assert.deepEqual(await score(ask("vqa"), null, half, true), { vqa_bleu: 0, vqa_judge: 0 });
    assert.deepEqual(await score(ask("vqa", { reference: null }), "red", half, true), {
      vqa_bleu: null,
      vqa_judge: null,
    });
    assert.equal(asked.length, before);
  });
});

describe("showsConcept()", () => {
  it("is false for No alone", () => {
    assert.deepEqual(["No.", "no", " No, never", "Yes.", "Nobody knows", ""].map(showsConcept), [
      ...[false, false, false],
      ...[true, true, true],
    ]);
  });
});

describe("sameSentence()", () => {
  it("sees through case, spaces and the full stop, not through words", () => {
    assert.ok(sameSentence("a hat , red .", "A hat, red"));
    assert.ok(!sameSentence("a red hat", "a hat"));
  });
});
