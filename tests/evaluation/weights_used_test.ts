import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { weightsUsed } from "../../lib/evaluation/weights_used.ts";
import { memoryFiles } from "../support/files.ts";
import { succeed } from "./world_fixture.ts";

const profile = { unified: "p/unified", imageTokenizer: "p/image_tokenizer" };
const used = (files: Record<string, string>, of = profile) => {
  const bytes = Object.entries(files).map(([path, text]) => [path, new TextEncoder().encode(text)]);
  return succeed(weightsUsed(of), { files: memoryFiles(Object.fromEntries(bytes)) });
};

describe("weightsUsed()", () => {
  it("changes with the manifest of either model, and not without cause", async () => {
    const first = await used({ "p/unified/manifest.json": "a", "p/image_tokenizer/manifest.json": "b" });
    assert.match(first, /^[0-9a-f]{16}$/);
    assert.equal(
      await used({ "p/unified/manifest.json": "a", "p/image_tokenizer/manifest.json": "b" }),
      first,
    );
    assert.notEqual(
      await used({ "p/unified/manifest.json": "a", "p/image_tokenizer/manifest.json": "c" }),
      first,
    );
    assert.notEqual(
      await used({ "p/unified/manifest.json": "x", "p/image_tokenizer/manifest.json": "b" }),
      first,
    );
  });

  it("takes folders without a manifest by their place", async () => {
    assert.equal(await used({}), await used({}));
    assert.notEqual(await used({}), await used({}, { ...profile, unified: "q" }));
  });
});
