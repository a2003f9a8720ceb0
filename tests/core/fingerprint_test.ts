import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { fingerprintOf } from "../../lib/core/fingerprint.ts";

describe("fingerprintOf()", () => {
  it("is short, and the same for the same parts only", () => {
    assert.equal(fingerprintOf(["a", 1]), fingerprintOf(["a", 1]));
    assert.notEqual(fingerprintOf(["a", 1]), fingerprintOf(["a", 2]));
    assert.match(fingerprintOf({}), /^[0-9a-f]{16}$/);
  });
});
