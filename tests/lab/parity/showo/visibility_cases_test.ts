import { describe, it } from "@std/testing/bdd";
import { visibilityChecks } from "../../../../lab/parity/showo/visibility_cases.ts";
import assert from "node:assert/strict";
import { useTestBackend } from "../../../support/backend.ts";
import { assertChecks, readCases } from "./showo_reference.ts";

await useTestBackend();
const fixture = await readCases();

describe("visibilityChecks()", () => {
  it("agree for every matrix", () => assertChecks(() => visibilityChecks(fixture), 17));
  it("compare nothing where there are no cases", () => {
    assert.deepEqual(visibilityChecks({ ...fixture, cases: {} }), []);
  });
});
