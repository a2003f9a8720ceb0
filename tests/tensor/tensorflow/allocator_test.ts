import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { keepFreedMemory, releaseFreedMemory } from "../../../lib/tensor/tensorflow/allocator.ts";

describe("allocator", () => {
  it("keeps and releases memory where the C library is glibc, and leaves others alone", () => {
    assert.equal(releaseFreedMemory(), keepFreedMemory());
  });
});
