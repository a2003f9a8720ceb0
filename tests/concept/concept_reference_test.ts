import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { conceptReference } from "../../lib/concept/concept_reference.ts";
import { changedFiles, memoryFiles, testWorld } from "../support/files.ts";
import { failureOf, valueOf } from "./expect_failure.ts";

const files = memoryFiles({
  "my/photos/concept/train/mochi/info.json": "{}",
  "my/photos/concept/test/mochi/0.png": "x",
  "two/concept/train/a/info.json": "{}",
  "two/concept/train/b/info.json": "{}",
  "loose/mochi/1.jpg": "x",
  "loose/mochi/2.jpg": "x",
});
const find = async (reference: string, roots: readonly string[] = ["two"]) =>
  await conceptReference(reference, roots)(testWorld(files))();

describe("conceptReference()", () => {
  it("accepts an id, a token, a path to one concept in any form, and a root with one concept", async () => {
    const mochi = { root: "my/photos", id: "mochi" };
    assert.deepEqual(valueOf(await find("b")), { root: "two", id: "b" });
    assert.deepEqual(valueOf(await find("<b>")), { root: "two", id: "b" });
    assert.deepEqual(valueOf(await find("my/photos/mochi")), mochi);
    assert.deepEqual(valueOf(await find("./my/photos/mochi/")), mochi);
    assert.deepEqual(valueOf(await find("my/photos/concept/train/mochi")), mochi);
    assert.deepEqual(valueOf(await find("my/photos/concept/test/mochi")), mochi);
    assert.deepEqual(valueOf(await find("my/photos")), mochi);
    assert.deepEqual(valueOf(await find("two/a")), { root: "two", id: "a" });
  });

  it("finds bundled concepts by their id alone", async () => {
    const found = await conceptReference("biscuit")(testWorld(changedFiles()))();
    assert.deepEqual(valueOf(found), { root: "assets/photos", id: "biscuit" });
  });

  it("says what a wrong reference is instead", async () => {
    assert.match(
      failureOf(await find("two")),
      /^two: holds 2 concepts \(a, b\); add one of them to the path$/,
    );
    assert.match(
      failureOf(await find("loose/mochi")),
      /is a folder of 2 pictures, not yet a concept; .+concept new/,
    );
    assert.match(failureOf(await find("rex")), /^rex: no such concept; choose one of a, b, or give a path/);
    assert.match(failureOf(await find("rex", [])), /give the path of a dataset folder/);
  });
});
