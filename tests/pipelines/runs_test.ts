import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeDemoRun } from "../run/demo_run.ts";
import { memoryFiles } from "../run/memory_files.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Runs a pipeline with no more than the permissions of its task. */
async function pipeline(
  name: string,
  ...args: string[]
): Promise<{ code: number; out: string; error: string }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--no-prompt", "-P=files", `pipelines/${name}.ts`, ...args],
    cwd: root,
    env: { NO_COLOR: "1" },
  });
  const { code, stdout, stderr } = await child.output();
  return { code, out: new TextDecoder().decode(stdout), error: new TextDecoder().decode(stderr) };
}

/** Two demo runs on disk, where the task may write. */
async function withRuns(body: (folder: string) => Promise<void>): Promise<void> {
  const files = memoryFiles();
  await writeDemoRun(files, { name: "a", reward: 0.6 });
  await writeDemoRun(files, { name: "b", reward: 0.9 });
  const folder = join("runs", `test-${crypto.randomUUID()}`);
  const onDisk = (path: string): string => join(root, folder, path.replace(/^runs\/?/, ""));
  try {
    for (const [path, content] of files.entries) {
      if (content === null) await Deno.mkdir(onDisk(path), { recursive: true });
      else {
        await Deno.mkdir(dirname(onDisk(path)), { recursive: true });
        await Deno.writeFile(onDisk(path), content);
      }
    }
    await body(folder);
  } finally {
    await Deno.remove(join(root, folder), { recursive: true });
  }
}

describe("pipelines", () => {
  it("report writes a page next to the run", () =>
    withRuns(async (folder) => {
      const { code, out, error } = await pipeline("report", `${folder}/latest`);
      assert.equal(code, 0, error);
      assert.match(await Deno.readTextFile(join(root, out.trim())), /Course of the training/);
    }));

  it("runs lists, compares and diffs", () =>
    withRuns(async (folder) => {
      const list = await pipeline("runs", "--root", folder, "--sort", "reward");
      assert.equal(list.code, 0, list.error);
      assert.match(list.out, /^run .*reward.*\nb-2026.* 0\.9 .*\na-2026.* 0\.6 /);
      const names = list.out.split("\n").slice(1, 3).map((line) => line.split(" ")[0] as string);
      const compare = await pipeline("runs", "compare", ...names, "--root", folder);
      assert.match(compare.out, /rec_weight +0\.9 +0\.6/);
      const diff = await pipeline("runs", "diff", ...names, "--root", folder);
      assert.match(diff.out, /name +"b" +"a"/);
    }));

  it("both answer bad input with one line and its exit code", async () => {
    const missing = await pipeline("report", "runs/none");
    assert.deepEqual([missing.code, missing.out], [4, ""]);
    assert.match(missing.error, /error: runs\/none: file not found; name a run folder, or train first\n$/);
    assert.equal((await pipeline("runs", "merge")).code, 3);
  });
});
