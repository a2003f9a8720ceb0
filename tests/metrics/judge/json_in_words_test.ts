import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { jsonInWords, LONGEST_REPLY } from "../../../lib/metrics/judge/json_in_words.ts";

describe("jsonInWords()", () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ['{"a": 1}', { a: 1 }],
    ["0.5", 0.5],
    ['```json\n{"a": 1}\n```\nThat is my grade.', { a: 1 }],
    ['Here: ```{"a": 1}``` or rather ```{"a": 2}```', { a: 2 }],
    ['<think>{"a": 0}</think>\n{"a": 1}', { a: 1 }],
    ['{"a": 0}, I think</think> {"a": 1}', { a: 1 }],
    ['<think>{"a": 0}</think> I cannot say.', undefined],
    ['<think>maybe {"a": 0}, maybe', undefined],
    ['{"a": 0} then {"b": {"a": 1}} and } { done', { b: { a: 1 } }],
    ['a set {x, y} and {"a": "} \\" {"}', { a: '} " {' }],
    ['{"a": 1', undefined],
    ["", undefined],
    [`${" ".repeat(LONGEST_REPLY)}{"a": 1}`, undefined],
  ];
  for (const [reply, value] of cases) {
    it(`reads ${JSON.stringify(reply.slice(0, 60))}`, () =>
      assert.deepEqual(jsonInWords(reply)?.value, value));
  }

  it("finds any object between words, and takes no time for many braces", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.lorem(), (object, words) =>
        assert.deepEqual(
          jsonInWords(`${words} ${JSON.stringify(object)} ${words}`)?.value,
          JSON.parse(JSON.stringify(object)),
        )),
    );
    assert.equal(jsonInWords("{".repeat(50_000)), null);
  });
});
