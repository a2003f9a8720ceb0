import { describe, it } from "@std/testing/bdd";
import {
  lfqChecks,
  magvitDecoderChecks,
  magvitEncoderChecks,
} from "../../../../lab/parity/showo/magvit_cases.ts";
import { readMagvit } from "../../../../lab/parity/showo/showo_fixture.ts";
import { right } from "../../../run/outcome.ts";
import { useTestBackend } from "../../../support/backend.ts";
import { assertChecks, disk, folder, readCases } from "./showo_reference.ts";

await useTestBackend();
const fixture = await readCases();
const magvit = right(await readMagvit(folder)(disk)());

describe("magvitEncoderChecks()", () => {
  it("agree stage by stage", () => assertChecks(() => magvitEncoderChecks(fixture, magvit), 8));
});

describe("magvitDecoderChecks()", () => {
  it("agree from codes to pictures", () => assertChecks(() => magvitDecoderChecks(fixture, magvit), 10));
});

describe("lfqChecks()", () => {
  it("agree for both bit widths", () => assertChecks(() => lfqChecks(fixture), 4));
});
