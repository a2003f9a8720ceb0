import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { refuse } from "../../lib/core/refuse.ts";
import { failureOf } from "../concept/expect_failure.ts";

describe("refuse()", () => {
  it("says where, what and the remedy in one line", () => {
    assert.equal(failureOf(refuse("a.json", "is odd", "make it even")), "a.json: is odd; make it even");
  });
});
