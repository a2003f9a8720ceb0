import assert from "node:assert/strict";
import { after, before, describe, it } from "@std/testing/bdd";
import { join } from "node:path";
import { decodeImage } from "../../lib/image/image_file.ts";
import { useTestBackend } from "../support/backend.ts";
import { ROOT, runTask, scratchFolder } from "../support/command.ts";
import { writeTinyConfig, writeTinyProfile, writeTinyRun } from "../support/tiny_profile.ts";

const { relative, absolute } = scratchFolder();
const run = join(relative, "run");
const common = ["--run", run, "--device", "cpu"];
const prompt = "a photo of <mip> at the beach";

const pictures = (out: string): readonly string[] => out.split("\n").filter((line) => line.endsWith(".png"));
const bytesOf = (path: string): Uint8Array => Deno.readFileSync(join(ROOT, path));

before(async () => {
  await useTestBackend();
  const config = join(absolute, "config.yaml");
  await writeTinyProfile(join(absolute, "profile"));
  await writeTinyConfig(config, { profile: join(relative, "profile") });
  await writeTinyRun(join(absolute, "run"), config);
  await Deno.writeTextFile(join(absolute, "latest"), "run\n");
});

after(() => Deno.remove(absolute, { recursive: true }));

describe("deno task generate", () => {
  it("writes the pictures and their grid, and prints the files", async () => {
    const out = join(relative, "drawn");
    const { code, out: text, error } = await runTask(
      "generate",
      prompt,
      ...common,
      "--count",
      "3",
      "--out",
      out,
    );
    assert.equal(code, 0, error);
    assert.match(text, /^pictures 2\/3$/m);
    assert.match(
      text,
      /^drawn: a photo of <mip> at the beach \S/m,
      "the model's own answer completes the prompt",
    );
    const files = pictures(text);
    assert.deepEqual(
      files,
      [0, 1, 2, "grid"].map((part) => join(out, `a-photo-of-mip-at-the-beach-seed-1-${part}.png`)),
    );
    const sizes = files.map((file) => {
      const decoded = decodeImage(bytesOf(file), file);
      assert(decoded._tag === "Right");
      return [decoded.right.image.width, decoded.right.image.height];
    });
    assert.deepEqual(sizes.slice(0, 3), [[16, 16], [16, 16], [16, 16]]);
    assert((sizes[3]?.[0] ?? 0) > 3 * 128);
    assert.notDeepEqual(bytesOf(files[0] as string), bytesOf(files[1] as string));
  });

  it("draws picture i from the seed and i alone; finds latest; writes into the run by default", async () => {
    const args = ["--device", "cpu", "--run", join(relative, "latest"), "--no-reason"];
    const many = await runTask("generate", prompt, ...args, "--count", "3", "--out", join(relative, "many"));
    const two = await runTask("generate", prompt, ...args, "--count", "2");
    assert.deepEqual([many.code, two.code], [0, 0], many.error + two.error);
    assert.doesNotMatch(two.out, /drawn:/);
    assert.match(pictures(two.out)[0] ?? "", /\/run\/pictures\//);
    for (const index of [0, 1]) {
      assert.deepEqual(
        bytesOf(pictures(two.out)[index] as string),
        bytesOf(pictures(many.out)[index] as string),
      );
    }
    const other = await runTask("generate", prompt, ...args, "--count", "1", "--seed", "7");
    assert.notDeepEqual(bytesOf(pictures(other.out)[0] as string), bytesOf(pictures(two.out)[0] as string));
  });

  it("answers bad input with one line and its exit code", async () => {
    const cases: readonly (readonly [string[], number, RegExp])[] = [
      [[], 3, /missing <prompt>/],
      [[prompt, "--run", "none-such"], 4, /none-such: file not found; name a run folder, or train first/],
      [["a photo of <mop>", ...common], 3, /names <mop>, but the run knows <mip>/],
      [
        [prompt, ...common, "--count", "0"],
        2,
        /`count`: expected an integer of at least 1, got the number 0/,
      ],
      [[prompt, ...common, "--seeds", "1"], 3, /did you mean --seed\?/],
    ];
    const outcomes = await Promise.all(cases.map(([args]) => runTask("generate", ...args)));
    outcomes.forEach(({ code, error }, index) => {
      const [args, expected, message] = cases[index] as (typeof cases)[number];
      assert.equal(code, expected, `${args.join(" ")}: ${error}`);
      assert.match(error, message);
      assert.equal(error.trim().split("\n").length, 1, error);
    });
  });
});
