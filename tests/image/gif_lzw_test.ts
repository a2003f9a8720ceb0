import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import assert from "node:assert/strict";
import { expandGifCodes } from "../../lib/image/gif_lzw.ts";

/** An encoder that never uses the table: every index as its own code, a clear code before the width would grow. */
function literalCodes(indices: readonly number[], minCodeSize: number): Uint8Array {
  const clear = 1 << minCodeSize;
  const width = minCodeSize + 1;
  const codes = indices.flatMap((index, at) => at % (clear - 2) === 0 ? [clear, index] : [index]);
  const bits = [...codes, clear + 1].flatMap((code) =>
    Array.from({ length: width }, (_, bit) => (code >> bit) & 1)
  );
  return Uint8Array.from(
    { length: Math.ceil(bits.length / 8) },
    (_, byte) => bits.slice(byte * 8, byte * 8 + 8).reduce((sum, bit, at) => sum + (bit << at), 0),
  );
}

describe("expandGifCodes()", () => {
  it("gives back literal codes", () => {
    fc.assert(fc.property(fc.array(fc.nat(15), { minLength: 1, maxLength: 200 }), (indices) => {
      assert.deepEqual([...expandGifCodes(literalCodes(indices, 4), 4, indices.length) ?? []], indices);
    }));
  });

  it("expands the code that is just being defined", () => {
    const bytes = Uint8Array.of(0x8c, 0x0f);
    assert.deepEqual(expandGifCodes(bytes, 2, 6), Uint8Array.of(1, 1, 1, 1, 1, 1));
  });

  it("is null, never stuck, on damaged and short data", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), fc.integer({ min: 1, max: 8 }), (bytes, size) => {
      const out = expandGifCodes(bytes, size, 500);
      assert.ok(out === null || (out.length === 500 && out.every((index) => index < 1 << size)));
    }));
    const cut = literalCodes([1, 2, 3, 4, 5, 6, 7, 8], 4);
    assert.equal(expandGifCodes(cut.subarray(0, 4), 4, 8), null);
    assert.equal(expandGifCodes(cut, 4, 9), null);
  });
});
