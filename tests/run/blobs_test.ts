import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import { liveBlobs } from "../../lib/run/blobs.ts";
import { problem, right } from "./outcome.ts";

let root = "";
const at = (name: string): string => `${root}/${name}`;
const names = (): readonly string[] => [...Deno.readDirSync(root)].map(({ name }) => name);

describe("liveBlobs", () => {
  beforeEach(async () => {
    root = await Deno.makeTempDir();
  });
  afterEach(() => Deno.remove(root, { recursive: true }));

  it("writes in pieces and appears only when committed", async () => {
    const writer = right(await liveBlobs.create(at("a"))());
    right(writer.append(Uint8Array.of(1, 2, 3)));
    right(writer.append(Uint8Array.of(4)));
    assert(!names().includes("a"));
    right(writer.commit());
    writer.abandon();
    assert.deepEqual(names(), ["a"]);
    assert.deepEqual(Deno.readFileSync(at("a")), Uint8Array.of(1, 2, 3, 4));
  });

  it("leaves nothing when abandoned, the old file when there was one", async () => {
    Deno.writeTextFileSync(at("a"), "old");
    const writer = right(await liveBlobs.create(at("a"))());
    right(writer.append(Uint8Array.of(1)));
    writer.abandon();
    assert.deepEqual(names(), ["a"]);
    assert.equal(Deno.readTextFileSync(at("a")), "old");
    assert(E.isLeft(writer.append(Uint8Array.of(1))), "writes after the end");
  });

  it("reads at any offset, again and again", async () => {
    Deno.writeFileSync(at("b"), Uint8Array.of(10, 11, 12, 13));
    const blob = right(await liveBlobs.open(at("b"))());
    assert.equal(blob.size, 4);
    assert.deepEqual(blob.readAt(2, 2), E.right(Uint8Array.of(12, 13)));
    assert.deepEqual(blob.readAt(0, 1), E.right(Uint8Array.of(10)));
    assert.match(problem(blob.readAt(3, 2)), /wanted bytes 3 to 5, the file has 4/);
    Deno.truncateSync(at("b"), 1);
    assert.match(problem(blob.readAt(0, 4)), /became shorter/);
    blob.close();
    blob.close();
    assert(E.isLeft(blob.readAt(0, 1)), "reads after the end");
  });

  it("tells a missing file and a missing folder", async () => {
    assert.match(problem(await liveBlobs.open(at("none"))()), /none: file not found/);
    assert.match(problem(await liveBlobs.create(at("none/a"))()), /none\/a: /);
  });
});
