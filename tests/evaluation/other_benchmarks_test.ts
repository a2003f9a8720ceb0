import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { DreambenchSubject } from "../../lib/concept/dreambench.ts";
import { dreambenchPrompts } from "../../lib/concept/dreambench_prompts.ts";
import type { McllavaConcept } from "../../lib/concept/mcllava.ts";
import type { YollavaSubject } from "../../lib/concept/yollava.ts";
import type { AskItem } from "../../lib/evaluation/item.ts";
import { evalItems } from "../../lib/evaluation/items.ts";
import { metricTitle } from "../../lib/evaluation/metrics.ts";
import {
  BENCHMARKS,
  dreambenchConcept,
  mcllavaConcept,
  PUBLISHED_COLUMNS,
  yollavaConcept,
} from "../../lib/evaluation/other_benchmarks.ts";
import { publishedTable } from "../../lib/metrics/published.ts";
import { right } from "../run/outcome.ts";

const counts = (items: ReturnType<typeof evalItems>): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(items, ({ task }) => task)].map(([task, list]) => [task, list.length]));

describe("yollavaConcept()", () => {
  const subject = (id: string, changes: Partial<YollavaSubject> = {}): YollavaSubject => ({
    ...{ id, token: `<${id}>`, category: "other", trainImages: [`train/${id}.png`] },
    ...{ testImages: [`test/${id}/0.png`, `test/${id}/1.png`], negativeImages: [], vqa: [], qa: [] },
    ...changes,
  });
  const question = {
    question: "Is <bo> lying?",
    options: { A: "Yes, <bo> is.", B: "No" },
    answer: "A",
  } as const;
  const bo = subject("bo", {
    vqa: [{ ...question, image: "test/bo/1.png" }],
    qa: [{ ...question, image: null }],
  });

  it("asks about all test photos, and letter questions with and without a photo", () => {
    const items = evalItems(yollavaConcept(bo, [bo, subject("thao")], "y"));
    assert.deepEqual(counts(items), { rec: 4, choice: 1, text_choice: 1, plain_gen: 1, pure_gen: 25 });
    const rec = items.filter((item): item is AskItem => item.kind === "ask" && item.task === "rec");
    assert.deepEqual(rec.map(({ reference }) => reference), ["Yes.", "Yes.", "No.", "No."]);
    const [choice, text] = items.filter((item): item is AskItem =>
      item.kind === "ask" && item.task.endsWith("choice")
    );
    assert.deepEqual([choice?.image, text?.image, choice?.reference], ["test/bo/1.png", null, "A"]);
    assert.equal(choice?.question, "Is <bo> lying? A. Yes, <bo> is. B. No Answer with A or B.");
  });

  it("measures faces of people", () => {
    const person = yollavaConcept(subject("thao", { category: "human" }), [], "y");
    assert.deepEqual([person.category, counts(evalItems(person))["face"]], ["human", 1]);
  });
});

describe("mcllavaConcept()", () => {
  const concept = (id: string, scenario: readonly string[]): McllavaConcept => ({
    ...{ id, token: `<${id}>`, type: "two_concept", scenario },
    ...{ trainImages: [`${id}/0.png`], testImages: [`${id}/t0.png`] },
    vqa: [{ image: `${id}/t0.png`, exchanges: [{ question: "q", answer: "a" }] }],
    choice: [{ image: `${id}/t0.png`, exchanges: [{ question: "q A. x B. y", answer: "B" }] }],
    qa: [{ question: "q A. x B. y", answer: "A" }],
  });
  const all = [concept("a", ["b"]), concept("b", ["a"]), concept("c", [])];

  it("takes negatives from the scenario, and as many from outside as asked for", () => {
    const [a] = all as [McllavaConcept];
    assert.deepEqual(counts(evalItems(mcllavaConcept(a, all, { root: "m", seed: 1 }))), {
      ...{ rec: 2, vqa: 1, choice: 1, text_choice: 1, plain_gen: 1, pure_gen: 25 },
    });
    assert.equal(
      counts(evalItems(mcllavaConcept(a, all, { root: "m", seed: 1, randomNegatives: 5 })))["rec"],
      3,
    );
  });
});

describe("dreambenchConcept()", () => {
  it("draws its prompts and compares with all photos", () => {
    const subject: DreambenchSubject = {
      ...{
        id: "dog6",
        token: "<dog6>",
        className: "dog",
        generationType: "live_subject",
        images: ["0.jpg", "1.jpg"],
      },
      prompts: dreambenchPrompts("live_subject", "<dog6>"),
      classPrompts: dreambenchPrompts("live_subject", "dog"),
    };
    const concept = dreambenchConcept(subject, "d");
    const pure = evalItems(concept, { tasks: ["pure_gen"] });
    assert.deepEqual(pure.map((item) => item.kind === "draw" && item.prompt), subject.prompts);
    assert.deepEqual(concept.trainImages, subject.images);
  });
});

describe("PUBLISHED_COLUMNS", () => {
  it("names our metrics and columns of Table 5, each once", () => {
    const columns = ["table5_left", "table5_right"].flatMap((id) => right(publishedTable(id)).columns)
      .map(({ key }) => key);
    const named = BENCHMARKS.flatMap((bench) => Object.entries(PUBLISHED_COLUMNS[bench]));
    assert.deepEqual(named.map(([, published]) => published).sort(), columns.sort());
    for (const [ours] of named) assert.notEqual(metricTitle(ours), ours);
  });
});
