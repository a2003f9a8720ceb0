import assert from "node:assert/strict";
import { after, before, describe, it } from "@std/testing/bdd";
import { join } from "node:path";
import { liveBlobs } from "../../lib/run/blobs.ts";
import { liveFiles } from "../../lib/run/live.ts";
import { loadConceptFile } from "../../lib/showo/concept_file.ts";
import { disposeTree } from "../../lib/tensor/tree.ts";
import { useTestBackend } from "../support/backend.ts";
import { ROOT, runTask, scratchFolder } from "../support/command.ts";
import { writeTinyConfig, writeTinyProfile } from "../support/tiny_profile.ts";

const { relative, absolute } = scratchFolder();
const config = join(relative, "config.yaml");
const runs = join(relative, "runs");

before(async () => {
  await useTestBackend();
  await writeTinyProfile(join(absolute, "profile"));
  await writeTinyConfig(join(ROOT, config), { profile: join(relative, "profile"), runs });
});

after(() => Deno.remove(absolute, { recursive: true }));

async function rowsIn(path: string) {
  const loaded = await loadConceptFile(join(ROOT, path))({ files: liveFiles(), blobs: liveBlobs })();
  assert(loaded._tag === "Right");
  const { rows, ...info } = loaded.right;
  const embed = rows.embed.arraySync() as number[][];
  disposeTree(rows);
  return { info, embed };
}

describe("deno task cold-start", () => {
  it("writes a concept file per stage and a run that other commands open", async () => {
    const { code, out, error } = await runTask("cold-start", config);
    assert.equal(code, 0, error);
    assert.match(out, /^cold start, stage 1 1\/1 .*loss/m);
    const files = [...out.matchAll(/^concept: (.*)$/gm)].map(([, file]) => file as string);
    assert.deepEqual(files.map((file) => file.split("/").at(-1)), [
      "mip-stage1.safetensors",
      "mip-stage2.safetensors",
    ]);
    const [first, second] = [await rowsIn(files[0] as string), await rowsIn(files[1] as string)];
    assert.deepEqual(first.info, {
      concept: "<mip>",
      tokens: ["<mip>", "<token_0>", "<token_1>", "<token_2>", "<token_3>"],
      stage: "stage1",
    });
    const changed = first.embed.map((row, index) => row.join() !== second.embed[index]?.join());
    assert.deepEqual(changed, [true, true, true, true, true], "stage 2 trains all rows");

    const folder = /^run: (.*)$/m.exec(out)?.[1] as string;
    const course = (await Deno.readTextFile(join(ROOT, folder, "cold_start.jsonl"))).trim().split("\n");
    assert.deepEqual(course.map((line) => JSON.parse(line).stage), ["stage1", "stage2"]);
    const manifest = JSON.parse(await Deno.readTextFile(join(ROOT, folder, "manifest.json")));
    assert.deepEqual([manifest.command, manifest.seeds], ["cold-start", { run: 1 }]);
    const asked = await runTask(
      "ask",
      "none",
      "Who is <mip>?",
      "--run",
      join(runs, "latest"),
      "--device",
      "cpu",
    );
    assert.equal(asked.code, 0, asked.error);
  });

  it("answers bad input with one line and its exit code, and leaves no run", async () => {
    const fresh = `runs=${join(relative, "never")}`;
    const cases: readonly (readonly [string[], number, RegExp])[] = [
      [["no-such.yaml"], 4, /no-such\.yaml: file not found/],
      [[config, "--set", "cold_start.step=1"], 2, /did you mean|steps/],
      [[config, "--set", "concept=nobody", "--set", fresh], 3, /nobody: no such concept/],
      [[config, "--set", "profile=nowhere", "--set", fresh], 4, /nowhere/],
      [
        [config, "--set", "dsog.preview_step=9", "--set", fresh],
        2,
        /must be below generation\.timesteps \(2\)/,
      ],
    ];
    const outcomes = await Promise.all(cases.map(([args]) => runTask("cold-start", ...args)));
    outcomes.forEach(({ code, error }, index) => {
      const [args, expected, message] = cases[index] as (typeof cases)[number];
      assert.equal(code, expected, `${args.join(" ")}: ${error}`);
      assert.match(error, message);
      assert.equal(error.trim().split("\n").length, 1, error);
    });
    await assert.rejects(Deno.stat(join(absolute, "never")), Deno.errors.NotFound);
  });
});
