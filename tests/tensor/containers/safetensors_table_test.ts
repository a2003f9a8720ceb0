import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import { fromBytes } from "../../../lib/tensor/containers/random_access.ts";
import { encodeSafetensors } from "../../../lib/tensor/containers/safetensors.ts";
import { openSafetensors } from "../../../lib/tensor/containers/safetensors_table.ts";

const file = encodeSafetensors(
  new Map([
    ["a", { dtype: "F16", shape: [2], data: Float32Array.of(1, 2) }],
    ["b", { dtype: "U8", shape: [], data: Uint8Array.of(7) }],
  ]),
  { format: "pt" },
);

describe("openSafetensors()", () => {
  it("reads tensors one by one", () => {
    const reads: (readonly [number, number])[] = [];
    const memory = fromBytes(file);
    const table = openSafetensors({
      ...memory,
      readAt: (offset, length) => {
        reads.push([offset, length]);
        return memory.readAt(offset, length);
      },
    }, "x");
    assert(E.isRight(table));
    assert.deepEqual(table.right.metadata, { format: "pt" });
    assert.deepEqual(table.right.read("b"), E.right({ dtype: "U8", shape: [], bytes: Uint8Array.of(7) }));
    assert.deepEqual(reads.at(-1), [file.length - 1, 1]);
    assert(E.isLeft(table.right.read("c")));
  });

  it("refuses what the parser refuses, and files of any length", () => {
    for (let length = 0; length < file.length; length++) {
      assert(E.isLeft(openSafetensors(fromBytes(file.slice(0, length)), "x")), `${length} bytes`);
    }
  });
});
