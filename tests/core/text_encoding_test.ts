import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { decodeText } from "../../lib/core/text_encoding.ts";
import { problem, right } from "../run/outcome.ts";

type Form = "utf-8" | "utf-16le" | "utf-16be" | "utf-32le" | "utf-32be";

const encode = (text: string, form: Form): Uint8Array => {
  if (form === "utf-8") return new TextEncoder().encode(text);
  const wide = form.startsWith("utf-32");
  const signs = wide
    ? Array.from(text, (sign) => sign.codePointAt(0) as number)
    : Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
  const size = wide ? 4 : 2;
  const view = new DataView(new ArrayBuffer(size * signs.length));
  const little = form.endsWith("le");
  signs.forEach((sign, at) =>
    wide ? view.setUint32(4 * at, sign, little) : view.setUint16(2 * at, sign, little)
  );
  return new Uint8Array(view.buffer);
};

const FORMS: readonly Form[] = ["utf-8", "utf-16le", "utf-16be", "utf-32le", "utf-32be"];

describe("decodeText()", () => {
  it("reads every form of Unicode with its mark", () =>
    fc.assert(fc.property(fc.string({ unit: "grapheme" }), fc.constantFrom(...FORMS), (text, form) => {
      fc.pre(!text.includes("\0") && text.isWellFormed());
      assert.equal(right(decodeText(encode(`\ufeff${text}`, form), "a.yaml")), text);
    })));

  it("reads Latin text without a mark", () => {
    for (const form of FORMS) {
      assert.equal(right(decodeText(encode("name: mip\n", form), "a")), "name: mip\n", form);
    }
    assert.equal(right(decodeText(new Uint8Array(0), "a")), "");
  });

  it("names the line of another encoding, and refuses what is no text", () => {
    const latin = Uint8Array.from("a: 1\nname: caf\xe9\n", (sign) => sign.charCodeAt(0));
    assert.match(
      problem(decodeText(latin, "a.yaml")),
      /a\.yaml: is no UTF-8 text \(line 2\); save it as UTF-8/,
    );
    assert.match(problem(decodeText(latin.subarray(0, -1), "a.yaml")), /line 2/);
    assert.match(problem(decodeText(new TextEncoder().encode("ab\0cdef\0\0gh"), "a.yaml")), /no text/);
    assert.match(problem(decodeText(Uint8Array.of(0xff, 0xfe, 97), "a.yaml")), /damaged UTF-16LE/);
  });

  it("keeps a log whose last sign was cut", () => {
    const log = new TextEncoder().encode("one\ntwo €").subarray(0, -1);
    assert.equal(right(decodeText(log, "metrics.jsonl")), "one\ntwo \ufffd");
    assert.match(problem(decodeText(log, "a.json")), /line 2/);
  });
});
