import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import {
  createRunFolder,
  readPointer,
  resolvePath,
  resolveRun,
  runFolder,
  runFolderName,
  writePointer,
} from "../../lib/run/folder.ts";
import { memoryFiles } from "./memory_files.ts";
import { problem, right } from "./outcome.ts";

const clock = { now: () => 0, date: () => "2026-03-01T12:30:05.123Z" };
const create = (files = memoryFiles()) => ({
  files,
  run: createRunFolder("mochi", { root: "runs", hash: "0a1b2c3d" })({ files, clock })(),
});

describe("folder", () => {
  it("runFolderName() is a plain name whatever the user calls the run", () => {
    fc.assert(fc.property(fc.string({ unit: "grapheme" }), (name) => {
      const folder = runFolderName(name, { date: clock.date(), hash: "0a1b2c3d" });
      assert.match(folder, /^[\p{L}\p{N}_][\p{L}\p{N}._-]*-20260301-123005-0a1b2c3d$/u);
    }));
  });

  it("createRunFolder() makes the folder and points latest to it", async () => {
    const { files, run } = create();
    assert.equal(right(await run).path, "runs/mochi-20260301-123005-0a1b2c3d");
    assert.equal(right(await resolveRun("runs/latest")({ files })()).path, right(await run).path);
    assert.equal(right(await resolveRun("latest")({ files })()).path, right(await run).path);
  });

  it("createRunFolder() never uses a folder twice", async () => {
    const { files, run } = create();
    await run;
    const again = right(await create(files).run);
    assert.equal(again.path, "runs/mochi-20260301-123005-0a1b2c3d-2");
  });

  it("resolvePath() takes a folder, a bare run name, a pointer, and says what is missing", async () => {
    const { files, run } = create();
    const { path } = right(await run);
    const resolve = (text: string) => resolvePath(text)({ files })();
    assert.equal(right(await resolve(path)), path);
    assert.equal(right(await resolve(path.slice("runs/".length))), path);
    assert.match(problem(await resolve("runs/other")), /^runs\/other: file not found; name a run folder/);
    assert.match(problem(await resolve("elsewhere/latest")), /file not found/);
  });

  it("readPointer() follows no path out of the folder and no target that is gone", async () => {
    const files = memoryFiles();
    right(await files.makeFolder("runs/a")());
    const read = async (target: string) => {
      right(await writePointer("runs/latest", target)({ files })());
      return right(await readPointer("runs/latest")({ files })());
    };
    assert.equal(await read("a"), "runs/a");
    assert.equal(await read("../runs/a"), undefined);
    assert.equal(await read("b"), undefined);
    assert.equal(right(await readPointer("runs/none")({ files })()), undefined);
  });

  it("runFolder() lists the parts", () => {
    assert.equal(runFolder("runs/a").metrics, "runs/a/metrics.jsonl");
    assert.equal(new Set(Object.values(runFolder("runs/a"))).size, 10);
  });
});
