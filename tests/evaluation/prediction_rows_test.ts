import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import {
  parsePredictions,
  predictionLine,
  type PredictionRow,
  rowName,
  rowsOfConcept,
} from "../../lib/evaluation/prediction_rows.ts";
import { ASK_TASKS, DRAW_TASKS } from "../../lib/evaluation/item.ts";
import { evalItems } from "../../lib/evaluation/items.ts";
import { problem, right } from "../run/outcome.ts";
import { worldConcept } from "./world_fixture.ts";

const head = { v: 1, model: "m", bench: "unifybench++", concept: "mip" } as const;
const answer: PredictionRow = { ...head, task: "vqa", item: "vqa_003", prediction: "red" };
const picture: PredictionRow = {
  ...head,
  task: "dense_gen",
  item: "prompt_001",
  sample: 2,
  image: "a.png",
  seed: 7,
};

describe("parsePredictions()", () => {
  it("reads back what predictionLine() writes", () => {
    const rows = fc.array(fc.oneof(
      fc.record({
        task: fc.constantFrom(...ASK_TASKS),
        item: fc.string({ minLength: 1 }),
        prediction: fc.string(),
      }),
      fc.record({
        task: fc.constantFrom(...DRAW_TASKS),
        item: fc.string({ minLength: 1 }),
        sample: fc.nat(9),
        image: fc.string(),
      }),
    ));
    fc.assert(fc.property(rows, (contents) => {
      const lines = contents.map((content) => ({ ...head, ...content }) as PredictionRow);
      const last = new Map(lines.map((row) => [rowName(row), row]));
      assert.deepEqual(right(parsePredictions(lines.map(predictionLine).join(""), "p")), [...last.values()]);
    }));
  });

  it("takes the official name of text questions, and a first picture without a number", () => {
    const text =
      '{"v":1,"model":"m","concept":"bo","task":"text_only","item":"qa_000","prediction":"x"}\n\n' +
      '{"v":1,"model":"m","concept":"bo","task":"pure_gen","item":"prompt_000","image":"0.png"}';
    const rows = right(parsePredictions(text, "p"));
    assert.deepEqual(rows.map(rowName), ["bo/qa/qa_000", "bo/pure_gen/prompt_000/0"]);
    assert.equal(rows[0]?.bench, "unifybench++");
  });

  it("names file, line and field of what is wrong", () => {
    const line = (changes: object): string => `\n${JSON.stringify({ ...answer, ...changes })}\n`;
    assert.match(
      problem(parsePredictions(line({ task: "vqaa" }), "p.jsonl")),
      /p\.jsonl:2: `task`: unknown task "vqaa"; use one of rec/,
    );
    assert.match(
      problem(parsePredictions(line({ prediction: 3 }), "p.jsonl")),
      /p\.jsonl:2: `prediction`: expected string/,
    );
    assert.match(problem(parsePredictions(line({ v: 2 }), "p.jsonl")), /p\.jsonl:2: `v`: expected 1/);
    assert.match(problem(parsePredictions("{", "p.jsonl")), /p\.jsonl:1: is no valid JSON/);
  });

  it("forgives a cut-off last line only where asked to", () => {
    const text = predictionLine(answer) + predictionLine(picture).slice(0, 30);
    assert.deepEqual(right(parsePredictions(text, "p", { lenient: true })), [answer]);
    assert.match(problem(parsePredictions(text, "p")), /p:2/);
    assert.match(problem(parsePredictions(`{\n${predictionLine(answer)}`, "p", { lenient: true })), /p:1/);
  });
});

describe("rowsOfConcept()", () => {
  it("keeps the rows of the concept and refuses an unknown item", async () => {
    const items = evalItems(await worldConcept("mip"));
    const other = { ...answer, concept: "toko", item: "vqa_999" };
    assert.deepEqual(right(rowsOfConcept([answer, other], { concept: "mip", items, where: "p" })), [answer]);
    assert.match(
      problem(rowsOfConcept([{ ...answer, item: "vqa_999" }], { concept: "mip", items, where: "p" })),
      /^p: concept mip has no item vqa\/vqa_999; /,
    );
  });
});
