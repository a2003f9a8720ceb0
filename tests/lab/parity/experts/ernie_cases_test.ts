import { describe, it } from "@std/testing/bdd";
import { ernieCases } from "../../../../lab/parity/experts/ernie_cases.ts";
import { assertParity, expertsFixture, useEagerBackend } from "./assert_parity.ts";

await useEagerBackend();

describe("ernieCases()", () => {
  it("agrees with the reference from text to cosine", async () => {
    await assertParity(ernieCases(expertsFixture("ernie")), 95);
  });
});
