import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { decodeImage } from "../../lib/image/image_file.ts";
import { bundledMembers, bundledRoot } from "../../lib/world/bundled.ts";
import { characterSplit, KINDS } from "../../lib/world/scene.ts";

const ASSETS = new URL("../../assets/world/", import.meta.url);

const pixels = (bytes: Uint8Array, name: string) => {
  const read = decodeImage(bytes, name);
  assert.ok(read._tag === "Right", name);
  return read.right.image;
};

describe("bundledMembers()", () => {
  it("takes one character of each kind, from its own split, under its own name", () => {
    for (const split of ["heldout", "dev"] as const) {
      const members = bundledMembers(split);
      assert.deepEqual(members.map(({ character }) => character.kind), [...KINDS]);
      assert.ok(members.every(({ character }) => characterSplit(character) === split));
    }
    const names = [...bundledMembers("heldout"), ...bundledMembers("dev")].map(({ name }) => name);
    assert.equal(new Set(names).size, 12);
  });
});

describe("bundledRoot()", () => {
  it("is what assets/world holds, file by file", () => {
    for (const [path, content] of bundledRoot("heldout")) {
      const file = new URL(path, ASSETS);
      if (typeof content === "string") assert.equal(Deno.readTextFileSync(file), content, path);
      else assert.deepEqual(pixels(Deno.readFileSync(file), path), pixels(content, path), path);
    }
  });
});
