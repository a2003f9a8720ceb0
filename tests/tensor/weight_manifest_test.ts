import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { manifestOf, parseManifest, verifyManifest } from "../../lib/tensor/weight_manifest.ts";
import { problem, right } from "../run/outcome.ts";
import { memoryDisk } from "./sources.ts";

const CONTENT = new TextEncoder().encode("abc");
const manifest = manifestOf(new Map([["z.bin", CONTENT], ["a.bin", new Uint8Array(0)]]), { seed: 7 });
const disk = (bytes: Uint8Array, text = JSON.stringify(manifest)) =>
  memoryDisk({ "w/manifest.json": text, "w/z.bin": bytes, "w/a.bin": new Uint8Array(0) });

describe("manifestOf()", () => {
  it("lists size and digest by name, and the notes", () => {
    assert.deepEqual(Object.keys(manifest.files), ["a.bin", "z.bin"]);
    assert.deepEqual(manifest.files["z.bin"], {
      bytes: 3,
      sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    });
    assert.equal(manifest["seed"], 7);
  });
});

describe("verifyManifest()", () => {
  const verify = (memory: ReturnType<typeof memoryDisk>) => verifyManifest("w")(memory)();

  it("returns the manifest of sound files", async () => {
    assert.deepEqual(right(await verify(disk(CONTENT))), manifest);
  });

  it("names the file that is missing, short or changed", async () => {
    assert.match(
      problem(await verify(disk(CONTENT.slice(1)))),
      /w\/z\.bin: it has 2 bytes, the manifest says 3/,
    );
    assert.match(problem(await verify(disk(Uint8Array.of(1, 2, 3)))), /w\/z\.bin: its SHA-256/);
    const lost = memoryDisk({ "w/manifest.json": JSON.stringify(manifest), "w/a.bin": new Uint8Array(0) });
    assert.match(problem(await verify(lost)), /w\/z\.bin: file not found/);
    assert.match(problem(await verify(memoryDisk({}))), /w\/manifest\.json: file not found/);
  });
});

describe("parseManifest()", () => {
  it("refuses damage and files elsewhere", () => {
    const elsewhere = JSON.stringify({ files: { "../x": { bytes: 0, sha256: "" } } });
    assert.match(problem(parseManifest(elsewhere, "m")), /names \.\.\/x/);
    assert.match(problem(parseManifest(`{"files":{"a":{}}}`, "m")), /no files/);
    assert.match(problem(parseManifest("", "m")), /^m: /);
  });
});
