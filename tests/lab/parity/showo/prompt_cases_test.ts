import { describe, it } from "@std/testing/bdd";
import { passed } from "../../../../lab/parity/check.ts";
import { maskingChecks, scheduleChecks, sequenceChecks } from "../../../../lab/parity/showo/prompt_cases.ts";
import assert from "node:assert/strict";
import { useTestBackend } from "../../../support/backend.ts";
import { assertChecks, readCases } from "./showo_reference.ts";

await useTestBackend();
const fixture = await readCases();

describe("maskingChecks()", () => {
  it("agree for every row", () => assertChecks(() => maskingChecks(fixture), 10));
  it("notice one changed label", () => {
    const { masking } = fixture.cases;
    assert.ok(masking !== undefined);
    const [first = [], ...rest] = masking.image_labels;
    const image_labels = [first.map((label) => label + 1), ...rest];
    const changed = { ...fixture, cases: { masking: { ...masking, image_labels } } };
    assert.deepEqual(
      maskingChecks(changed).filter((check) => !passed(check)).map(({ quantity }) => quantity),
      ["labels"],
    );
  });
});

describe("sequenceChecks()", () => {
  it("agree for every batch", () => assertChecks(() => sequenceChecks(fixture), 11));
});

describe("scheduleChecks()", () => {
  it("agree for every schedule", () => assertChecks(() => scheduleChecks(fixture), 21));
  it("compare nothing where there are no cases", () => {
    const empty = { ...fixture, cases: {} };
    assert.deepEqual([maskingChecks, sequenceChecks, scheduleChecks].flatMap((checks) => checks(empty)), []);
  });
});
