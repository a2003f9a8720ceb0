import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { fileHash, refuseOverlap, warnNearDuplicates } from "../../lib/concept/overlap.ts";
import { changedFiles, memoryFiles, testWorld } from "../support/files.ts";
import { failureOf, valueOf } from "./expect_failure.ts";

const photo = (path: string): string => `assets/photos/concept/${path}`;

describe("fileHash()", () => {
  it("is SHA-256", () => {
    const bytes = new TextEncoder().encode("abc");
    assert.equal(fileHash(bytes), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  });
});

describe("refuseOverlap()", () => {
  it("compares content, not names", async () => {
    const files = memoryFiles({ "a/0.png": "x", "b/0.png": "y", "b/1.png": "x" });
    const differ = refuseOverlap({ trainImages: ["a/0.png"], testImages: ["b/0.png"] });
    assert.equal(valueOf(await differ({ files })()), undefined);
    const same = refuseOverlap({ trainImages: ["a/0.png"], testImages: ["b/0.png", "b/1.png"] });
    assert.match(
      failureOf(await same({ files })()),
      /^b\/1\.png: test photo is the same file as train photo a\/0\.png; /,
    );
  });
});

describe("warnNearDuplicates()", () => {
  it("finds a resized copy and says which", async () => {
    const world = testWorld(changedFiles());
    const copy = "tests/fixtures/images/baseline_444.jpg";
    const photos = {
      trainImages: [photo("train/biscuit/0.jpg"), photo("train/biscuit/1.jpg")],
      testImages: [copy],
    };
    const pairs = valueOf(await warnNearDuplicates(photos)(world)());
    assert.deepEqual(pairs.map(({ train, test }) => [train, test]), [[photo("train/biscuit/0.jpg"), copy]]);
    assert.match(world.warnings[0] ?? "", /baseline_444\.jpg: looks like train photo .+biscuit\/0\.jpg/);
  });

  it("is silent on the bundled concepts", async () => {
    for (const [id, train, test] of [["biscuit", 4, 2], ["beep_bot", 3, 2], ["pup_pack", 3, 2]] as const) {
      const world = testWorld(changedFiles());
      const paths = (split: string, count: number) =>
        Array.from({ length: count }, (_, n) => photo(`${split}/${id}/${n}.jpg`));
      const photos = { trainImages: paths("train", train), testImages: paths("test", test) };
      assert.deepEqual(valueOf(await warnNearDuplicates(photos)(world)()), []);
      assert.deepEqual(world.warnings, []);
    }
  });

  it("needs no test photos", async () => {
    const world = testWorld(memoryFiles());
    assert.deepEqual(valueOf(await warnNearDuplicates({ trainImages: ["a"], testImages: [] })(world)()), []);
  });
});
