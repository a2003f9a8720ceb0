import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import { beyondEnd, corrupt, fromBytes, readOrThrow } from "../../../lib/tensor/containers/random_access.ts";

const blob = fromBytes(Uint8Array.of(1, 2, 3, 4));

describe("fromBytes()", () => {
  it("reads copies, inside the bytes only", () => {
    assert.equal(blob.size, 4);
    assert.deepEqual(blob.readAt(1, 2), E.right(Uint8Array.of(2, 3)));
    assert.deepEqual(blob.readAt(4, 0), E.right(new Uint8Array(0)));
    for (const [offset, length] of [[3, 2], [-1, 1], [0, -1], [NaN, 1]] as const) {
      assert(E.isLeft(blob.readAt(offset, length)), `${offset} ${length}`);
    }
  });
});

describe("readOrThrow()", () => {
  it("tells what was wanted", () => {
    assert.deepEqual(readOrThrow(blob, 0, 1), Uint8Array.of(1));
    assert.throws(() => readOrThrow(blob, 2, 2 ** 50), /wanted bytes 2 to 1125899906842626, the file has 4/);
    assert.equal(beyondEnd(1, 2, 2), "wanted bytes 1 to 3, the file has 2");
  });

  it("passes the failure of the file on", () => {
    const broken = { ...blob, readAt: () => E.left(corrupt("a.bin")("unplugged")) };
    assert.throws(() => readOrThrow(broken, 0, 1), /a\.bin: unplugged/);
  });
});
