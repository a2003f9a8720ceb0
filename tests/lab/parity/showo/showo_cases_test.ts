import { describe, it } from "@std/testing/bdd";
import { allCases } from "../../../../lab/parity/all_cases.ts";
import { showoCases } from "../../../../lab/parity/showo/showo_cases.ts";
import assert from "node:assert/strict";
import { problem } from "../../../run/outcome.ts";
import { assertParity, useEagerBackend } from "../experts/assert_parity.ts";
import { disk, folder } from "./showo_reference.ts";

await useEagerBackend();

describe("showoCases()", () => {
  it("agree with the reference in everything", () => assertParity(showoCases(folder), 227));
});

describe("allCases()", () => {
  it("knows the layout, and one part of the experts' layout", async () => {
    await assertParity(allCases(folder), 227);
    await assertParity(allCases(`${folder}/../experts/mtcnn`), 34);
  });
  it("says what it knows if it finds nothing", async () => {
    const line = problem(await allCases(`${folder}/none`)(disk)());
    assert.match(
      line,
      /none\/cases\.json: file not found; name a folder with cases\.json and cases\.safetensors, or/,
    );
  });
});
