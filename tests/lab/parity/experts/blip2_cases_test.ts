import { describe, it } from "@std/testing/bdd";
import { blip2Cases } from "../../../../lab/parity/experts/blip2_cases.ts";
import { assertParity, expertsFixture, useEagerBackend } from "./assert_parity.ts";

await useEagerBackend();

describe("blip2Cases()", () => {
  for (const stream of [false, true]) {
    it(`agrees with the reference from text and picture to both scores, layers ${stream ? "on disk" : "in memory"}`, async () => {
      await assertParity(blip2Cases(expertsFixture("blip2"), { stream }), 95);
    });
  }
});
