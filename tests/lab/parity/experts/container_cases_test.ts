import { describe, it } from "@std/testing/bdd";
import { fileURLToPath } from "node:url";
import { listingCases, loaderCases, pnetListing } from "../../../../lab/parity/experts/container_cases.ts";
import { assertParity, useEagerBackend } from "./assert_parity.ts";

await useEagerBackend();
const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../../fixtures/${name}`, import.meta.url));

describe("listingCases()", () => {
  it("reads every tensor of four PyTorch files byte by byte", async () => {
    await assertParity(listingCases(fixture("ernie-bin")), 4);
  });
});

describe("pnetListing()", () => {
  it("reads the packaged original of the proposal network", async () => {
    await assertParity(pnetListing(fixture("torch")), 1);
  });
});

describe("loaderCases()", () => {
  it("accepts and refuses what the reference readers do", async () => {
    await assertParity(loaderCases(fixture("loader")), 17);
  });
});
