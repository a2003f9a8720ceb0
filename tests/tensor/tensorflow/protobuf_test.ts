import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  bytesField,
  concatBytes,
  float32,
  floatField,
  integerField,
  readFields,
  varint,
} from "../../../lib/tensor/tensorflow/protobuf.ts";

const fields = (message: Uint8Array) => [...readFields(message)];

describe("protocol buffers", () => {
  it("encode the examples of the format's documentation", () => {
    assert.deepEqual([...integerField(1, 150)], [0x08, 0x96, 0x01]);
    assert.deepEqual([...bytesField(2, "testing")], [0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67]);
    assert.deepEqual([...varint(-2)], [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]);
    assert.deepEqual([...bytesField(3, [bytesField(1, "a"), integerField(2, 1)])], [26, 5, 10, 1, 97, 16, 1]);
  });

  it("read back what they wrote", () => {
    const entry = fc.record({ number: fc.integer({ min: 1, max: 5000 }), value: fc.maxSafeNat() }, {
      noNullPrototype: true,
    });
    fc.assert(fc.property(fc.array(entry), (entries) => {
      const message = concatBytes(entries.map(({ number, value }) => integerField(number, value)));
      assert.deepEqual(
        fields(message).map(({ number, integer }) => ({ number, value: integer })),
        entries,
      );
    }));
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      assert.deepEqual(fields(bytesField(7, bytes)).map((field) => [...field.bytes]), [[...bytes]]);
    }));
    fc.assert(fc.property(fc.float({ noNaN: true }), (value) => {
      const field = fields(floatField(4, value))[0];
      assert.ok(field);
      assert.deepEqual([...field.bytes], [...float32(value)]);
      assert.equal(new DataView(float32(value).buffer).getFloat32(0, true), value);
    }));
  });

  it("skip eight-byte fields and refuse unknown wire types", () => {
    const fixed64 = Uint8Array.from([0x09, 1, 2, 3, 4, 5, 6, 7, 8]);
    assert.deepEqual(fields(concatBytes([fixed64, integerField(2, 5)])).map((field) => field.integer), [
      0,
      5,
    ]);
    assert.throws(() => fields(Uint8Array.from([0x0b])), /field 1: wire type 3/);
  });
});
