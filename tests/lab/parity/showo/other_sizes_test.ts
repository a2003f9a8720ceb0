import { fileURLToPath } from "node:url";
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { allCases } from "../../../../lab/parity/all_cases.ts";
import { readShowoFixture } from "../../../../lab/parity/showo/showo_fixture.ts";
import { right } from "../../../run/outcome.ts";
import { assertParity, useEagerBackend } from "../experts/assert_parity.ts";
import { disk, readCases } from "./showo_reference.ts";

await useEagerBackend();

/** Made by `make.py` there. */
const folder = fileURLToPath(new URL("../../../fixtures/showo-small", import.meta.url));

describe("allCases() of other sizes", () => {
  it("shares no size with the first reference", async () => {
    const { config: found } = right(await readShowoFixture(folder)(disk)());
    const { config: first } = await readCases();
    const sizes = [
      "width",
      "layers",
      "heads",
      "mlpWidth",
      "rotaryDims",
      "ropeTheta",
      "normEpsilon",
      "numVqTokens",
      "textBlock",
    ] as const;
    for (const size of sizes) assert.notEqual(found[size], first[size], size);
    for (const size of ["textSize", "endOfText", "codebookSize"] as const) {
      assert.notEqual(found.vocabulary[size], first.vocabulary[size], size);
    }
    assert.equal(found.vocabulary.special["<|soi|>"], found.vocabulary.textSize);
  });
  it("agree with the reference in everything", () => assertParity(allCases(folder), 131));
});
