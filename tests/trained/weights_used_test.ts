import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { runFolder } from "../../lib/run/folder.ts";
import { comparedWeights, weightsNamed, weightsUsed } from "../../lib/trained/weights_used.ts";
import { memoryFiles } from "../support/files.ts";
import { succeed } from "../evaluation/world_fixture.ts";

const profile = { unified: "p/unified", imageTokenizer: "p/image_tokenizer" };
const holding = (files: Record<string, string>) => {
  const bytes = Object.entries(files).map(([path, text]) => [path, new TextEncoder().encode(text)]);
  return { files: memoryFiles(Object.fromEntries(bytes)) };
};
const used = (files: Record<string, string>, of = profile) => succeed(weightsUsed(of), holding(files));

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

describe("comparedWeights()", () => {
  const named = { profile: "p" };
  const weights = {
    "p/profile.yaml": "image_size: 64\nunified: unified\nimage_tokenizer: image_tokenizer\n",
    "p/unified/manifest.json": "a",
  };
  const noted = async (text: string, files: Record<string, string> = weights) =>
    await succeed(
      comparedWeights(runFolder("run"), named),
      holding(text === "" ? files : { ...files, "run/manifest.json": text }),
    );

  it("is the same until the profile holds others", async () => {
    const now = await succeed(weightsNamed(named), holding(weights));
    assert.match(now, /^[0-9a-f]{16}$/);
    const text = JSON.stringify({ weights: now });
    assert.equal(await noted(text), "same");
    assert.equal(await noted(text, { ...weights, "p/unified/manifest.json": "b" }), "other");
  });

  it("is unknown for a run of which nothing was noted", async () => {
    assert.equal(await noted("{}"), "unknown");
    assert.equal(await noted(""), "unknown");
  });

  it("knows no weights without a profile", async () => {
    assert.equal(await succeed(weightsNamed(named), holding({})), "");
  });
});
