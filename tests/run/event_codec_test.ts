import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import {
  bytesField,
  concatBytes,
  crc32c,
  doubleField,
  eventRecord,
  floatField,
  integerField,
} from "../../lib/run/event_codec.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** CRC-32C one bit at a time. */
function slowCrc(bytes: Uint8Array): number {
  let state = 0xffffffff;
  for (const byte of bytes) {
    state ^= byte;
    for (let bit = 0; bit < 8; bit++) state = (state >>> 1) ^ ((state & 1) * 0x82f63b78);
  }
  return ~state >>> 0;
}

describe("event_codec", () => {
  it("crc32c() agrees with the vectors of RFC 3720, appendix B.4", () => {
    assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
    assert.equal(crc32c(new Uint8Array(32).fill(255)), 0x62a8ab43);
    assert.equal(crc32c(Uint8Array.from({ length: 32 }, (_, index) => index)), 0x46dd794e);
    assert.equal(crc32c(Uint8Array.from({ length: 32 }, (_, index) => 31 - index)), 0x113fdb5c);
  });

  it("crc32c() agrees with the loop over bits", () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => assert.equal(crc32c(bytes), slowCrc(bytes))));
  });

  it("integers are written seven bits at a time, also above 32 bits", () => {
    assert.equal(hex(integerField(1, 150)), "089601");
    assert.equal(hex(integerField(2, 0)), "1000");
    assert.equal(hex(integerField(2, 2 ** 40)), "10808080808020");
    assert.equal(hex(integerField(16, 1)), "800101");
  });

  it("floats, texts and messages carry their wire types", () => {
    assert.equal(hex(doubleField(1, 1.5)), "09000000000000f83f");
    assert.equal(hex(floatField(2, 0.75)), "150000403f");
    assert.equal(hex(bytesField(2, "testing")), "120774657374696e67");
    assert.equal(hex(bytesField(3, [integerField(1, 150)])), "1a03089601");
  });

  it("eventRecord() holds length and message between two checksums", () => {
    const record = eventRecord(Uint8Array.of(1, 2, 3));
    assert.equal(record.length, 19);
    assert.equal(hex(record.subarray(0, 8)), "0300000000000000");
    assert.equal(hex(record.subarray(12, 15)), "010203");
  });

  it("concatBytes() joins in order", () => {
    assert.equal(hex(concatBytes([[1], Uint8Array.of(2, 3), []])), "010203");
  });
});
