import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { fingerprint } from "../../../lib/tensor/tensorflow/fingerprint.ts";

const of = (text: string) => fingerprint(new TextEncoder().encode(text));

describe("fingerprint()", () => {
  it("begins with the published 32-bit FNV-1a", () => {
    assert.equal(of("").slice(0, 8), "811c9dc5");
    assert.equal(of("a").slice(0, 8), "e40c292c");
    assert.equal(of("foobar").slice(0, 8), "bf9cf968");
  });

  it("tells similar contents apart", () => {
    const names = Array.from({ length: 1000 }, (_, index) => of(`function ${index}`));
    assert.equal(new Set(names).size, 1000);
  });
});
