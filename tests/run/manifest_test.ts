import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { liveMachine } from "../../lib/run/live.ts";
import { packageVersions, readCommit, writeManifest } from "../../lib/run/manifest.ts";
import { type MemoryFiles, memoryFiles } from "./memory_files.ts";
import { right } from "./outcome.ts";

const hash = "0123456789abcdef0123456789abcdef01234567";
const repository = (content: Readonly<Record<string, string>>): MemoryFiles => {
  const files = memoryFiles();
  for (const [path, text] of Object.entries(content)) files.entries.set(path, new TextEncoder().encode(text));
  return files;
};
const commitOf = async (content: Readonly<Record<string, string>>): Promise<string | null> =>
  right(await readCommit(".")({ files: repository(content) })());

describe("manifest", () => {
  it("readCommit() reads loose, packed and detached heads, and null elsewhere", async () => {
    const head = { ".git/HEAD": "ref: refs/heads/main\n" };
    assert.equal(await commitOf({ ...head, ".git/refs/heads/main": `${hash}\n` }), hash);
    assert.equal(await commitOf({ ...head, ".git/packed-refs": `# pack\n${hash} refs/heads/main\n` }), hash);
    assert.equal(await commitOf({ ".git/HEAD": `${hash}\n` }), hash);
    assert.equal(await commitOf(head), null);
    assert.equal(await commitOf({}), null);
  });

  it("packageVersions() reads names with scopes and sub-paths", () => {
    const versions = packageVersions({
      a: "npm:fp-ts@2.16.11",
      "b/": "npm:/@scope/b@1.0.0/",
      c: "node:test",
    });
    assert.deepEqual(versions, { "fp-ts": "2.16.11", "@scope/b": "1.0.0" });
  });

  it("writeManifest() records versions, backend, commit, seeds and machine", async () => {
    const files = repository({ ".git/HEAD": hash });
    const manifest = right(
      await writeManifest("manifest.json", {
        name: "mochi",
        command: "train",
        configHash: "0a1b2c3d",
        seeds: { run: 7 },
        backend: "cpu",
        machine: liveMachine(),
      }, { root: "." })({ files, clock: { now: () => 0, date: () => "2026-03-01T00:00:00.000Z" } })(),
    );
    assert.equal(manifest.commit, hash);
    assert.equal(manifest.packages["fp-ts"], "2.16.11");
    assert.equal(manifest.machine.deno, Deno.version.deno);
    const written = new TextDecoder().decode(files.entries.get("manifest.json") as Uint8Array);
    assert.deepEqual(JSON.parse(written), manifest);
  });
});
