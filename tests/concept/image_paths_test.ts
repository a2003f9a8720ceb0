import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import * as TE from "fp-ts/lib/TaskEither.js";
import assert from "node:assert/strict";
import { listImages, matchImage, pathCandidates, resolveImage } from "../../lib/concept/image_paths.ts";
import { memoryFiles, testWorld } from "../support/files.ts";
import { failureOf, valueOf } from "./expect_failure.ts";

describe("pathCandidates()", () => {
  const first = (stored: string, folders?: readonly string[]): string | undefined =>
    pathCandidates(stored, { root: "data", ...(folders === undefined ? {} : { folders }) })[0];

  it("re-roots paths of other machines", () => {
    assert.equal(first("concept/train/bo/0.png"), "data/concept/train/bo/0.png");
    assert.equal(first("./random_images/3.png"), "data/random_images/3.png");
    assert.equal(first("/nas/unictokens_data/black_512x512.png"), "data/black_512x512.png");
    assert.equal(
      first("C:\\x\\unictokens_data\\concept\\test\\bo\\1.png"),
      "data/C:/x/unictokens_data/concept/test/bo/1.png",
    );
    assert.ok(
      pathCandidates("C:\\unictokens_data\\concept\\a.png", { root: "data" }).includes("data/concept/a.png"),
    );
    assert.equal(first("/home/me/concept/train/bo/0.png"), "data/concept/train/bo/0.png");
    assert.equal(first("/home/me/random_images/7.png"), "data/random_images/7.png");
    assert.equal(first("/home/me/black_512x512.png"), "data/black_512x512.png");
    assert.equal(first("data/concept/train/bo/0.png"), "data/concept/train/bo/0.png");
    assert.equal(first("0.png", ["data/concept/train/bo"]), "data/concept/train/bo/0.png");
  });

  it("never leaves the root", () => {
    const part = fc.constantFrom("..", ".", "a", "concept", "unictokens_data", "random_images", "x.png", "");
    fc.assert(fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), (parts) => {
      for (const path of pathCandidates(parts.join("/"), { root: "data" })) {
        assert.ok(/^data(\/|$)/.test(path), path);
      }
    }));
  });
});

describe("resolveImage()", () => {
  it("takes the first candidate that exists, else names file and field", async () => {
    const world = { files: memoryFiles({ "data/concept/train/bo/0.png": "x" }) };
    const options = { root: "data", where: "test_data/bo.json: [4].image" };
    assert.equal(
      valueOf(await resolveImage("/y/concept/train/bo/0.png", options)(world)()),
      "data/concept/train/bo/0.png",
    );
    const line = failureOf(await resolveImage("/y/concept/train/bo/1.png", options)(world)());
    assert.match(
      line,
      /^test_data\/bo\.json: \[4\]\.image: no image file for "\/y\/concept\/train\/bo\/1\.png" \(looked/,
    );
  });
});

describe("listImages()", () => {
  it("sorts by number, leaves out masks and other files", async () => {
    const names = ["10.png", "2.JPG", "b.webp", "a.gif", "1_mask.png", "info.json", "1.jpeg"];
    const files = memoryFiles(Object.fromEntries(names.map((name) => [`d/${name}`, "x"])));
    const world = testWorld(files);
    const found = valueOf(await listImages("d")(world)());
    assert.deepEqual(found, ["d/1.jpeg", "d/2.JPG", "d/10.png", "d/a.gif", "d/b.webp"]);
    assert.deepEqual(valueOf(await listImages("nowhere")(world)()), []);
  });
});

describe("listImages(), one bad entry", () => {
  it("goes on without what is called like a picture and is none, and names it", async () => {
    const jpeg = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0);
    const files = memoryFiles({
      ...{ "d/a.jfif": "x", "d/b.HEIC": jpeg, "d/c.tif": "x", "d/batmask.png": "x", "d/gone.png": "x" },
      ...{ "d/1.png": "x", "d/1_mask.png": "x" },
    });
    const broken = {
      ...files,
      readBytes: (path: string) =>
        path === "d/gone.png"
          ? TE.left({ _tag: "FileFailure" as const, path, problem: "Is a directory" })
          : files.readBytes(path),
    };
    const world = testWorld(broken);
    const found = valueOf(await listImages("d")(world)());
    assert.deepEqual(found, ["d/1.png", "d/a.jfif", "d/b.HEIC", "d/batmask.png"]);
    assert.equal(world.warnings.length, 2);
    assert.match(world.warnings[0] ?? "", /skipped d\/c\.tif: not an image/);
    assert.match(world.warnings[1] ?? "", /skipped d\/gone\.png: .*folder, a dead link/);
  });
});

describe("matchImage()", () => {
  const images = ["t/10.png", "t/0.png", "t/dog_3.jpg"];

  it("prefers the exact name, where the original takes 10.png for 0.png", () => {
    assert.deepEqual(matchImage("0.png", images), { image: "t/0.png", loose: false });
    assert.deepEqual(matchImage("x/0.png", images), { image: "t/0.png", loose: false });
  });

  it("falls back to the stem, then to a part of the path", () => {
    assert.deepEqual(matchImage("0.jpg", images), { image: "t/0.png", loose: false });
    assert.deepEqual(matchImage("dog_", images), { image: "t/dog_3.jpg", loose: true });
    assert.equal(matchImage("cat", images), null);
  });
});
