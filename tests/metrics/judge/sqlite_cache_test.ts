import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteCache, type SqliteCache } from "../../../lib/metrics/judge/sqlite_cache.ts";

const question = { model: "m", rubricVersion: "1", prompt: "p", image: null };
const reply = { reply: '{"score": 1}', promptTokens: 3, completionTokens: 1 };

const open = async (path: string): Promise<SqliteCache> => {
  const outcome = await openSqliteCache(path)();
  assert.ok(outcome._tag === "Right", JSON.stringify(outcome));
  return outcome.right;
};
const inFolder = async (body: (folder: string) => Promise<void>): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), "judge-cache-"));
  try {
    await body(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
};

describe("openSqliteCache()", () => {
  it("keeps replies for the next process", () =>
    inFolder(async (folder) => {
      const first = await open(join(folder, "cache.sqlite"));
      assert.deepEqual(await first.find("k")(), { _tag: "Right", right: null });
      await first.store("k", question, reply)();
      first.close();
      const second = await open(join(folder, "cache.sqlite"));
      assert.deepEqual(await second.find("k")(), { _tag: "Right", right: reply });
      await second.store("k", question, { ...reply, reply: "0" })();
      assert.deepEqual(await second.find("k")(), { _tag: "Right", right: { ...reply, reply: "0" } });
      second.close();
    }));

  it("lets two owners write at once", () =>
    inFolder(async (folder) => {
      const owners = [
        await open(join(folder, "cache.sqlite")),
        await open(join(folder, "cache.sqlite")),
      ] as const;
      const stored = await Promise.all(
        Array.from({ length: 40 }, (_, index) =>
          (owners[index % 2] as SqliteCache).store(`k${index}`, question, reply)()),
      );
      assert.ok(stored.every((outcome) =>
        outcome._tag === "Right"
      ));
      assert.deepEqual(await owners[0].find("k39")(), { _tag: "Right", right: reply });
      owners.forEach((owner) => owner.close());
    }));

  it("fails for a file that is no database, and for a missing folder", () =>
    inFolder(async (folder) => {
      await writeFile(join(folder, "notes.txt"), "this is a text file, not a database ".repeat(40));
      for (const path of [join(folder, "notes.txt"), join(folder, "missing", "cache.sqlite")]) {
        const outcome = await openSqliteCache(path)();
        assert.ok(
          outcome._tag === "Left" && outcome.left._tag === "FileFailure" && outcome.left.path === path,
        );
      }
    }));
});
