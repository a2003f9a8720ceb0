import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import * as E from "fp-ts/lib/Either.js";
import { parseScore, parseSegments } from "../../../lib/metrics/judge/reply.ts";

describe("parseScore()", () => {
  const cases: readonly (readonly [string, number | null])[] = [
    ['{"score": 0.5}', 0.5],
    ['```json\n{"score": 1}\n```', 1],
    ["```\n0.5\n```", 0.5],
    [" 1 ", 1],
    ['{"score": 7}', 1],
    ['{"score": -1, "reason": "x"}', 0],
    ['{"score": "0.5"}', null],
    ['{"score": 1e999}', null],
    ['{"points": 1}', null],
    ["The score is 0.5", null],
    ["0.5.", null],
    ["", null],
    ["null", null],
    ["[1]", null],
  ];
  for (const [reply, score] of cases) {
    it(`reads ${JSON.stringify(reply)} as ${score}`, () => {
      const found = parseScore(reply);
      if (score === null) assert.ok(E.isLeft(found) && found.left.length > 0);
      else assert.deepEqual(found, E.right(score));
    });
  }
});

describe("parseSegments()", () => {
  const written = (scores: readonly (readonly [number, number])[]): string =>
    JSON.stringify({ segments: scores.map(([i, score]) => ({ i, score })) });
  it("puts scores in the order of the segments", () =>
    fc.assert(fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true })), (scores) => {
      const reply = written(scores.map((score, i) => [i, score + 0] as const).toReversed());
      assert.deepEqual(parseSegments(reply, scores.length), E.right(scores.map((score) => score + 0)));
    })));
  it("refuses missing, repeated and unknown segments, and bare numbers", () => {
    const broken = [
      written([[0, 1]]),
      written([[0, 1], [0, 1]]),
      written([[0, 1], [2, 1]]),
      written([[0, 1], [1, 1], [1, 0]]),
      '{"segments": [{"i": 0.5, "score": 1}, {"i": 1, "score": 1}]}',
      "1",
      '{"score": 1}',
    ];
    for (const reply of broken) assert.ok(E.isLeft(parseSegments(reply, 2)), reply);
  });
  it("clamps", () => assert.deepEqual(parseSegments(written([[0, 3], [1, -3]]), 2), E.right([1, 0])));
});
