import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { tokenOf } from "../../lib/concept/concept.ts";

describe("tokenOf()", () => {
  it("puts the id in angle brackets", () => assert.equal(tokenOf("bo"), "<bo>"));
});
