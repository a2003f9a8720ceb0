import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { describe as describeError } from "../../lib/core/error.ts";
import { addressed, readMentions, withMentions } from "../../lib/trained/mention.ts";

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

describe("addressed()", () => {
  it("takes the plain name for the token where nothing else can be meant, and tells", () => {
    const cases = [
      ["a photo of mip at the beach", "a photo of <mip> at the beach"],
      ["Mip, and mip's hat", "<mip>, and <mip>'s hat"],
      ["a photo of <mip at night", "a photo of <mip> at night"],
    ] as const;
    for (const [text, meant] of cases) {
      const { text: found, note } = addressed(text, "<mip>");
      assert.equal(found, meant);
      assert.match(note ?? "", /mip is taken for <mip>; write <mip>/);
    }
  });

  it("says how the concept is written where that is not certain", () => {
    for (const text of ["a mip on a plate", "two mip", "the mip"]) {
      assert.equal(addressed(text, "<mip>").text, text);
      assert.match(addressed(text, "<mip>").note ?? "", /write <mip> if mip means the concept/, text);
    }
    for (const text of ["a dog", "mipmap", "tulip_mip"]) {
      assert.match(addressed(text, "<mip>").note ?? "", /does not name <mip>; write <mip>/, text);
    }
    assert.equal(addressed("<mip> and mip", "<mip>").note, null);
  });
});

describe("readMentions()", () => {
  it("warns once, and refuses what withMentions refuses", async () => {
    const warnings: string[] = [];
    const log = { info: () => {}, progress: () => {}, warn: (line: string) => void warnings.push(line) };
    assert.deepEqual(await readMentions("is mip red ?", "<mip>")({ log })(), {
      _tag: "Right",
      right: "is <mip> red ?",
    });
    assert.equal(warnings.length, 1);
    assert.equal((await readMentions("<toko>", "<mip>")({ log })())._tag, "Left");
  });
});
