import { describe, it } from "@std/testing/bdd";
import { fileURLToPath } from "node:url";
import { expertCases } from "../../../../lab/parity/experts/expert_cases.ts";
import { ernieCases } from "../../../../lab/parity/experts/ernie_cases.ts";
import { liveBlobs } from "../../../../lib/run/blobs.ts";
import { liveFiles } from "../../../../lib/run/live.ts";
import assert from "node:assert/strict";
import { right } from "../../../run/outcome.ts";
import { assertParity, expertsFixture, useEagerBackend } from "./assert_parity.ts";

await useEagerBackend();
const fixtures = fileURLToPath(new URL("../../../fixtures", import.meta.url));

describe("expertCases()", () => {
  it("runs the parts that a folder has and no others", async () => {
    const world = { files: liveFiles(), blobs: liveBlobs };
    const found = right(await expertCases(fixtures)(world)());
    assert.deepEqual([...new Set(found.map(({ name }) => name.split(" ")[0]))], [
      "pytorch_model.bin",
      "published_names.bin",
      "published_names_legacy.bin",
      "wrapped_dtypes.bin",
      "loader",
    ]);
    assert.deepEqual(right(await expertCases(`${fixtures}/images`)(world)()), []);
  });
});

describe("ernieCases()", () => {
  for (const file of ["pytorch_model.bin", "published_names.bin"]) {
    it(`agrees with the reference with the weights of ${file}`, async () => {
      const model = `${fixtures}/ernie-bin`;
      await assertParity(ernieCases(expertsFixture("ernie"), { model, weights: `${model}/${file}` }), 95);
    });
  }
});
