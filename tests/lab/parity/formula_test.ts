import { describe, it } from "@std/testing/bdd";
import { faceFormula, formulaNumbers } from "../../../lab/parity/formula.ts";
import assert from "node:assert/strict";
import { assertClose } from "../../support/fixture.ts";

describe("formulaNumbers()", () => {
  it("equals the reference numbers of two names", () => {
    assertClose(formulaNumbers("pixel_values", 4), [0.685020, -0.801139, -0.425002, -0.186569], 1e-6);
    assertClose(formulaNumbers("face", 2), [-0.800739, -0.286899], 1e-6);
  });
});

describe("faceFormula()", () => {
  it("scales by the kind of tensor, and seeds by prefix and name", () => {
    const [u = 0] = formulaNumbers("a.weight", 1);
    assertClose(faceFormula("a.weight", [2, 3, 1, 2]), formulaNumbers("a.weight", 12), 1e-6);
    assertClose(faceFormula("a.weight", [1]), [0.3 * u], 1e-6);
    assertClose(
      faceFormula("x.running_var", [1]),
      [1 + 0.5 * (formulaNumbers("x.running_var", 1)[0] ?? 0)],
      1e-6,
    );
    assert.deepEqual(
      faceFormula("b", [2, 2], "c.")[3],
      Math.fround(Math.sqrt(3) * (formulaNumbers("c.b", 4)[3] ?? 0)),
    );
  });
});
