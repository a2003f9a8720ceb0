import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { describe as describeError } from "../../lib/core/error.ts";
import { withMentions } from "../../lib/trained/mention.ts";

const problem = (text: string): string => {
  const outcome = withMentions(text, "<mip>");
  return outcome._tag === "Left" ? describeError(outcome.left) : "";
};

describe("withMentions()", () => {
  it("leaves texts about the concept, or about nothing named, as they are", () => {
    for (const text of ["<mip> and <mip>", "a dog", "is 3 < 4 and 5 > 4?", "<1>"]) {
      assert.deepEqual(withMentions(text, "<mip>"), { _tag: "Right", right: text });
    }
  });

  it("replaces every <sks>", () =>
    fc.assert(
      fc.property(fc.array(fc.constantFrom("<sks>", "<mip>", "a", " "), { minLength: 1 }), (parts) => {
        const text = `x${parts.join("")}`;
        const outcome = withMentions(text, "<mip>");
        assert.deepEqual(outcome, { _tag: "Right", right: text.replaceAll("<sks>", "<mip>") });
      }),
    ));

  it("refuses an empty text and another concept", () => {
    assert.equal(problem(" "), '" ": is empty; write what you want to know or see');
    assert.match(problem("<mip> meets <toko>"), /names <toko>, but the run knows <mip>; write <mip>/);
  });
});
