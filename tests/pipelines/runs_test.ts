import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { dirname, join } from "node:path";
import { writeDemoRun } from "../run/demo_run.ts";
import { memoryFiles } from "../run/memory_files.ts";
import { ROOT, runTask, scratchFolder } from "../support/command.ts";

/** Two demo runs on disk, where the task may write. */
async function withRuns(body: (folder: string) => Promise<void>): Promise<void> {
  const files = memoryFiles();
  await writeDemoRun(files, { name: "a", reward: 0.6 });
  await writeDemoRun(files, { name: "b", reward: 0.9 });
  const { relative, absolute } = scratchFolder();
  const onDisk = (path: string): string => join(absolute, path.replace(/^runs\/?/, ""));
  try {
    for (const [path, content] of files.entries) {
      if (content === null) await Deno.mkdir(onDisk(path), { recursive: true });
      else {
        await Deno.mkdir(dirname(onDisk(path)), { recursive: true });
        await Deno.writeFile(onDisk(path), content);
      }
    }
    await body(relative);
  } finally {
    await Deno.remove(absolute, { recursive: true });
  }
}

describe("pipelines", () => {
  it("report writes a page next to the run", () =>
    withRuns(async (folder) => {
      const { code, out, error } = await runTask("report", `${folder}/latest`);
      assert.equal(code, 0, error);
      assert.match(await Deno.readTextFile(join(ROOT, out.trim())), /Course of the training/);
    }));

  it("report --card also writes the model card", () =>
    withRuns(async (folder) => {
      const { code, out, error } = await runTask("report", `${folder}/latest`, "--card");
      assert.equal(code, 0, error);
      const [page, card] = out.trim().split("\n").map((path) => join(ROOT, path));
      assert.match(page as string, /report\.html$/);
      assert.match(await Deno.readTextFile(card as string), /^# b-2026.*\n[^]*## How to reproduce it/);
    }));

  it("runs lists, compares and diffs", () =>
    withRuns(async (folder) => {
      const list = await runTask("runs", "--root", folder, "--sort", "reward");
      assert.equal(list.code, 0, list.error);
      assert.match(list.out, /^run .*reward.*\nb-2026.* 0\.9 .*\na-2026.* 0\.6 /);
      const names = list.out.split("\n").slice(1, 3).map((line) => line.split(" ")[0] as string);
      const compare = await runTask("runs", "compare", ...names, "--root", folder);
      assert.match(compare.out, /rec_weight +0\.9 +0\.6/);
      const diff = await runTask("runs", "diff", ...names, "--root", folder);
      assert.match(diff.out, /name +"b" +"a"/);
    }));

  it("both answer bad input with one line and its exit code", async () => {
    const missing = await runTask("report", "runs/none");
    assert.deepEqual([missing.code, missing.out], [4, ""]);
    assert.match(missing.error, /error: runs\/none: file not found; name a run folder, or train first\n$/);
    assert.equal((await runTask("runs", "merge")).code, 3);
  });
});
