import { describe, it } from "@std/testing/bdd";
import { fileURLToPath } from "node:url";
import { passed } from "../../../../lab/parity/check.ts";
import { preprocessCases } from "../../../../lab/parity/experts/preprocess_cases.ts";
import assert from "node:assert/strict";
import { right } from "../../../run/outcome.ts";
import { changedFiles } from "../../../support/files.ts";

const folder = fileURLToPath(new URL("../../../fixtures/resize", import.meta.url));
const blip2 = {
  processor: "blip2",
  image: "coffee_180x120.png",
  resized_uint8: "blip2_coffee_180x120.png",
  mean: [0.48145466, 0.4578275, 0.40821073],
  std: [0.26862954, 0.26130258, 0.27577711],
  pixel_values_mean: -0.2298647079699048,
  pixel_values_first: [-1.4856956005096436, -1.4856956005096436, -1.4710971117019653, -1.4564987421035767],
  resized_wh: [224, 224],
};
const clip = {
  ...blip2,
  processor: "clip",
  image: "wide_90x31.png",
  resized_uint8: "clip_wide_90x31.png",
  pixel_values_mean: 0.2867398329119492,
  pixel_values_first: [-1.0623412132263184, -1.0915380716323853, -1.1207349300384521, -1.179128646850586],
  resized_wh: [650, 224],
};

describe("preprocessCases()", () => {
  it("agrees with the published processors at their sizes, bit by bit before normalising", async () => {
    const files = changedFiles({ [`${folder}/cases.json`]: JSON.stringify([blip2, clip]) });
    const checks = right(await preprocessCases(folder)({ files })());
    assert.equal(checks.length, 6);
    assert.deepEqual(checks.filter((check) => !passed(check)), []);
  });
});
