import { describe, it } from "@std/testing/bdd";
import { clipCases } from "../../../../lab/parity/experts/clip_cases.ts";
import { assertParity, expertsFixture, useEagerBackend } from "./assert_parity.ts";

await useEagerBackend();

describe("clipCases()", () => {
  it("agrees with the reference from text and picture to cosine", async () => {
    await assertParity(clipCases(expertsFixture("clip")), 61);
  });
});
