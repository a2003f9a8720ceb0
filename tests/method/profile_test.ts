import { describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import assert from "node:assert/strict";
import { loadProfile } from "../../lib/method/profile.ts";
import { memoryFiles, testWorld } from "../support/files.ts";
import { right } from "../cold_start/tiny.ts";

const text = "image_size: 64\nunified: ../shared/unified\nimage_tokenizer: codes\nclip: /models/clip\n";
const world = testWorld(
  memoryFiles({ "models/nano/profile.yaml": text, "models/nano/bad.yaml": "image_size: x\n" }),
);

describe("loadProfile()", () => {
  it("resolves folders from where the file is", async () => {
    const profile = right(await loadProfile("models/nano")(world)());
    assert.equal(profile.imageSize, 64);
    assert.equal(profile.unified, "models/shared/unified");
    assert.equal(profile.imageTokenizer, "models/nano/codes");
    assert.equal(profile.clip, "/models/clip");
    assert.deepEqual([profile.ernie, profile.names], [null, null]);
  });
  it("takes the file itself, too", async () =>
    assert.deepEqual(
      right(await loadProfile("models/nano/profile.yaml")(world)()),
      right(await loadProfile("models/nano")(world)()),
    ));
  it("says which file is missing or wrong", async () => {
    const missing = await loadProfile("models/other")(world)();
    assert.ok(E.isLeft(missing) && missing.left._tag === "FileMissing");
    assert.equal(missing.left.path, "models/other/profile.yaml");
    const wrong = await loadProfile("models/nano/bad.yaml")(world)();
    assert.ok(E.isLeft(wrong) && wrong.left._tag === "ConfigInvalid");
    assert.ok(wrong.left.problems.length >= 3, wrong.left.problems.join());
  });
});
