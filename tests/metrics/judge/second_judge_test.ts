import { describe, it } from "@std/testing/bdd";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import assert from "node:assert/strict";
import type { Judge } from "../../../lib/metrics/judge/judge.ts";
import { withSecondJudge } from "../../../lib/metrics/judge/second_judge.ts";
import { fail, fakeWorld, refusal, succeed } from "./fakes.ts";

const image = { bytes: Uint8Array.of(1), mediaType: "image/png" } as const;
const item = { question: "q", reference: "r", prediction: "p" };
const judging = (id: string, grade: number, clauses: readonly (number | null)[]): Judge => ({
  id,
  text: () => RTE.right(grade),
  segments: () => RTE.right(clauses),
});
const { capabilities } = fakeWorld(() => refusal(500));

describe("withSecondJudge()", () => {
  it("gives the grades of the first and keeps both, clauses of a picture together", async () => {
    const { judge, pairs } = withSecondJudge(judging("a", 1, [1, 0]), judging("b", 0.5, [1]));
    assert.equal(judge.id, "a");
    assert.equal(await succeed(judge.text(item), capabilities), 1);
    assert.deepEqual(await succeed(judge.segments(image, ["x", "y"]), capabilities), [1, 0]);
    const { answers, clauses } = pairs();
    assert.deepEqual(answers.map(({ first, second }) => [first, second]), [[1, 0.5]]);
    assert.deepEqual(clauses.map(({ first, second }) => [first, second]), [[1, 1], [0, null]]);
    assert.equal(clauses[0]?.unit, clauses[1]?.unit);
  });
  it("fails with the second", async () => {
    const broken: Judge = {
      ...judging("b", 1, []),
      text: () => RTE.left({ _tag: "JudgeFailed", judge: "b", problem: "away" }),
    };
    const found = await fail(withSecondJudge(judging("a", 1, []), broken).judge.text(item), capabilities);
    assert.equal(found._tag, "JudgeFailed");
  });
});
