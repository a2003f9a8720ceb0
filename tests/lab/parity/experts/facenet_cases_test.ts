import { describe, it } from "@std/testing/bdd";
import { facenetCases } from "../../../../lab/parity/experts/facenet_cases.ts";
import { assertParity, expertsFixture, useEagerBackend } from "./assert_parity.ts";

const backend = await useEagerBackend();

describe("facenetCases()", () => {
  it("agrees with the reference at the published size", async () => {
    const cases = backend === "cpu" ? 1 : 3; // plain JavaScript takes half a minute a picture
    await assertParity(facenetCases(expertsFixture("facenet"), { cases }), 10 * cases + 1);
  });
});
