import { describe, it } from "@std/testing/bdd";
import { mtcnnCases } from "../../../../lab/parity/experts/face_cases.ts";
import { assertParity, expertsFixture, useEagerBackend } from "./assert_parity.ts";

await useEagerBackend();

describe("mtcnnCases()", () => {
  it("agrees with the reference from picture to crops", async () => {
    await assertParity(mtcnnCases(expertsFixture("mtcnn")), 34);
  });
});
