import { describe, it } from "@std/testing/bdd";
import {
  bitsOf,
  imageSlots,
  readShowoFixture,
  readShowoPolicy,
} from "../../../../lab/parity/showo/showo_fixture.ts";
import assert from "node:assert/strict";
import { problem } from "../../../run/outcome.ts";
import { useTestBackend } from "../../../support/backend.ts";
import { disk, folder, readCases } from "./showo_reference.ts";

await useTestBackend();

describe("readShowoFixture() and readShowoPolicy()", () => {
  it("name the file that is missing", async () => {
    assert.match(
      problem(await readShowoFixture(`${folder}/none`)(disk)()),
      /none\/config\.json: file not found/,
    );
    const { config } = await readCases();
    const line = problem(await readShowoPolicy(`${folder}/none`, config)(disk)());
    assert.match(line, /none\/model\.safetensors: file not found/);
  });
});

describe("imageSlots() and bitsOf()", () => {
  it("take the picture out of a sequence and join rows of bits", async () => {
    const { config } = await readCases();
    const row = Array.from({ length: config.textBlock + config.numVqTokens + 2 }, (_, n) => n);
    const slots = imageSlots(row, config);
    assert.equal(slots.length, config.numVqTokens);
    assert.equal(slots[0], config.textBlock + 1);
    assert.deepEqual(bitsOf(["01", "10"]), [0, 1, 1, 0]);
  });
});
