import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import {
  BYTE_SYMBOLS,
  byteOrder,
  byteSymbols,
  exactByteLevel,
  WORD_PATTERN,
} from "../../lib/text/byte_level.ts";

describe("byteOrder() and BYTE_SYMBOLS", () => {
  it("cover every byte once", () => {
    assert.deepEqual([...byteOrder()].sort((a, b) => a - b), Array.from({ length: 256 }, (_, byte) => byte));
    assert.equal(new Set(BYTE_SYMBOLS).size, 256);
  });

  it("are those of GPT-2", () => {
    assert.deepEqual([0, 10, 32, 33, 127, 160, 173, 255].map((byte) => BYTE_SYMBOLS[byte]), [..."ĀĊĠ!ġłŃÿ"]);
  });
});

describe("byteSymbols()", () => {
  it("gives one symbol a byte", () => {
    fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => {
      assert.equal(byteSymbols(text).length, new TextEncoder().encode(text).length);
    }));
  });
});

describe("WORD_PATTERN", () => {
  it("loses no character", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
      assert.equal((text.match(WORD_PATTERN) ?? []).join(""), text);
    }));
  });

  it("splits contractions, numbers and spaces like GPT-2", () => {
    const words = "I've  got 12 hats!\n".match(WORD_PATTERN);
    assert.deepEqual(words, ["I", "'ve", " ", " got", " 12", " hats", "!", "\n"]);
  });
});

describe("exactByteLevel()", () => {
  it("changes only splitting by the built-in pattern", () => {
    const kept = [
      { type: "ByteLevel", use_regex: false },
      { type: "ByteLevel", add_prefix_space: true },
      { type: "Digits" },
    ];
    for (const component of kept) assert.equal(exactByteLevel(component), component);
    const inner = exactByteLevel({ type: "Sequence", pretokenizers: [{ type: "ByteLevel" }] });
    assert.match(JSON.stringify(inner), /"use_regex":false/);
  });
});
