import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { ByteCursor } from "../../../lib/tensor/containers/byte_cursor.ts";
import { fromBytes } from "../../../lib/tensor/containers/random_access.ts";

const cursor = (bytes: readonly number[], end = bytes.length): ByteCursor =>
  new ByteCursor(fromBytes(Uint8Array.from(bytes)), 0, end);

describe("ByteCursor", () => {
  it("reads numbers in the byte order of pickles", () => {
    const values = cursor([0xff, 1, 2, 0xfe, 0xff, 0xff, 0xff, 1, 0, 0, 0x80, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0]);
    assert.deepEqual(
      [values.u8(), values.u16(), values.i32(), values.u32(), values.f64BigEndian(), values.position],
      [255, 513, -2, 0x80000001, 1.5, 19],
    );
  });

  it("reads lines", () => {
    assert.equal(cursor([0x61, 0x62, 0x0a]).line(), "ab");
    assert.throws(() => cursor([0x61, 0x62]).line(), /too early/);
    assert.throws(() => cursor([...Array(5000).fill(0x61), 0x0a]).line(), /too long/);
  });

  it("stops at its end and takes nothing huge", () => {
    const part = cursor([1, 2, 3], 2);
    assert.deepEqual(part.take(2), Uint8Array.of(1, 2));
    assert.throws(() => part.take(1), /too early/);
    assert.throws(() => cursor([1]).take(2 ** 31), /too many/);
  });

  it("gives the same bytes in any portions, across its buffer", () => {
    const source = Uint8Array.from({ length: 200_000 }, (_, index) => index * 7 % 251);
    fc.assert(
      fc.property(fc.array(fc.nat(90_000), { maxLength: 5 }), (portions) => {
        const whole = new ByteCursor(fromBytes(source), 0, source.length);
        let position = 0;
        for (const portion of portions.filter((length) => length <= source.length - whole.position)) {
          assert.deepEqual(whole.take(portion), source.subarray(position, position + portion));
          position += portion;
          if (position > source.length - 90_000) break;
        }
        assert.equal(whole.position, position);
      }),
      { numRuns: 20 },
    );
  });
});
