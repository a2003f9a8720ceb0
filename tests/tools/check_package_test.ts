import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { complaints } from "../../tools/check_package.ts";

describe("check_package", () => {
  it("complaints() finds warnings and errors, and nothing in names of files", () => {
    const output = [
      "Check mod.ts",
      "   file:///lib/core/error.ts (2KB)",
      "Warning Failed resolving types.",
      "error[missing-explicit-type]: missing explicit type in the public API",
      "Success Dry run complete",
    ].join("\n");
    assert.deepEqual(complaints(output), [
      "Warning Failed resolving types.",
      "error[missing-explicit-type]: missing explicit type in the public API",
    ]);
  });
});
