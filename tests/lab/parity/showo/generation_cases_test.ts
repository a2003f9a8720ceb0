import { describe, it } from "@std/testing/bdd";
import { guidanceChecks, textChecks } from "../../../../lab/parity/showo/generation_cases.ts";
import { useTestBackend } from "../../../support/backend.ts";
import { assertChecks, readModel } from "./showo_reference.ts";

await useTestBackend();
const fixture = await readModel();

describe("guidanceChecks()", () => {
  it("agree in both branches and their combination", () => assertChecks(() => guidanceChecks(fixture), 9));
});

describe("textChecks()", () => {
  it("agree in logits, probabilities and greedy answers", () => {
    const greedy = (fixture.cases.mmu_generate ?? []).filter(({ top_k }) => top_k === 1).length;
    assertChecks(() => textChecks(fixture), 8 + greedy);
  });
});
