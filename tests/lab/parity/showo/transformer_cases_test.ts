import { describe, it } from "@std/testing/bdd";
import { passed } from "../../../../lab/parity/check.ts";
import {
  conceptRowChecks,
  forwardChecks,
  gradientChecks,
  lossChecks,
} from "../../../../lab/parity/showo/transformer_cases.ts";
import { tf } from "../../../../lib/tensor/tf.ts";
import assert from "node:assert/strict";
import { useTestBackend } from "../../../support/backend.ts";
import { assertChecks, readModel } from "./showo_reference.ts";

await useTestBackend();
const fixture = await readModel();

describe("forwardChecks()", () => {
  it("agree in logits and hidden states", () => assertChecks(() => forwardChecks(fixture), 2));
  it("notice a changed weight", () => {
    const { base } = fixture.policy;
    const embed = tf.mul(base.embed, 1.1);
    const changed = { ...fixture, policy: { base: { ...base, embed } } };
    assert.ok(forwardChecks(changed).every((check) => !passed(check)));
    embed.dispose();
  });
});

describe("lossChecks()", () => {
  it("agree in losses, totals and numbers of targets", () => assertChecks(() => lossChecks(fixture), 6));
});

describe("gradientChecks()", () => {
  it("agree for every listed parameter and in the norm", () =>
    assertChecks(() => gradientChecks(fixture), 37));
});

describe("conceptRowChecks()", () => {
  it("agree in all three tables", () => assertChecks(() => conceptRowChecks(fixture), 3));
  it("compare nothing where there are no cases", () => {
    const empty = { ...fixture, cases: {} };
    const all = [forwardChecks, lossChecks, gradientChecks, conceptRowChecks];
    assert.deepEqual(all.flatMap((checks) => checks(empty)), []);
  });
});
