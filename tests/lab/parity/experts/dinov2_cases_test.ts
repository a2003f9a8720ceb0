import { describe, it } from "@std/testing/bdd";
import { dinov2Cases } from "../../../../lab/parity/experts/dinov2_cases.ts";
import { assertParity, expertsFixture, useEagerBackend } from "./assert_parity.ts";

await useEagerBackend();

describe("dinov2Cases()", () => {
  for (const [folder, count] of [["dinov2", 59], ["dinov2-registers", 57], ["dinov2-swiglu", 53]] as const) {
    it(`agrees with the reference from picture to cosine, ${folder}`, async () => {
      await assertParity(dinov2Cases(expertsFixture(folder)), count);
    });
  }
});
