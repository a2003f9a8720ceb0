import assert from "node:assert/strict";
import { after, before, describe, it } from "@std/testing/bdd";
import { join } from "node:path";
import { useTestBackend } from "../support/backend.ts";
import { runTask, scratchFolder } from "../support/command.ts";
import { writeTinyConfig, writeTinyProfile, writeTinyRun } from "../support/tiny_profile.ts";

const { relative, absolute } = scratchFolder();
const run = join(relative, "run");
const common = ["--run", run, "--device", "cpu"];
const photo = "assets/world/concept/train/mip/0.png";

before(async () => {
  await useTestBackend();
  const config = join(absolute, "config.yaml");
  await writeTinyProfile(join(absolute, "profile"));
  await writeTinyConfig(config, { profile: join(relative, "profile") });
  await writeTinyRun(join(absolute, "run"), config);
  await Deno.writeFile(join(absolute, "half.png"), (await Deno.readFile(photo)).slice(0, 200));
  await Deno.writeFile(join(absolute, "empty.jpg"), new Uint8Array());
});

after(() => Deno.remove(absolute, { recursive: true }));

describe("deno task ask", () => {
  it("prints the answer, the same one each time, with a photo and without", async () => {
    const ask = (from: string) => runTask("ask", from, "What is <mip> wearing?", ...common);
    const [first, second, none] = await Promise.all([ask(photo), ask(photo), ask("none")]);
    assert.deepEqual([first.code, second.code, none.code], [0, 0, 0], first.error + none.error);
    const [backend, answer, end] = first.out.split("\n");
    assert.deepEqual([backend, end], ["backend: cpu (plain JavaScript)", ""]);
    assert.equal(typeof answer, "string");
    assert.equal(second.out, first.out);
    assert.equal(none.out.split("\n").length, 3);
  });

  it("--quiet leaves the answer and nothing else; --json marks it as output", async () => {
    const ask = (...flags: string[]) => runTask("ask", photo, "What is <mip> wearing?", ...common, ...flags);
    const [plain, quiet, json] = await Promise.all([ask(), ask("--quiet"), ask("--json")]);
    assert.deepEqual([quiet.code, json.code], [0, 0], quiet.error + json.error);
    const answer = plain.out.split("\n")[1];
    assert.equal(quiet.out, `${answer}\n`);
    const said = json.out.trimEnd().split("\n").map((line) => JSON.parse(line));
    assert.deepEqual(said.filter(({ level }) => level === "output"), [{ level: "output", text: answer }]);
  });

  it("answers unreadable photos and wrong questions with one line and its exit code", async () => {
    const question = "What is <mip> wearing?";
    const cases: readonly (readonly [string[], number, RegExp])[] = [
      [["no-such.png", question], 4, /no-such\.png: file not found/],
      [
        ["deno.json", question],
        3,
        /deno\.json: not an image \(content is text\); give a PNG, JPEG, WebP or GIF file/,
      ],
      [[join(relative, "half.png"), question], 3, /half\.png: /],
      [[join(relative, "empty.jpg"), question], 3, /empty\.jpg: file is empty/],
      [[photo], 3, /missing <question>/],
      [[photo, "Who is <mop>?"], 3, /names <mop>, but the run knows <mip>/],
      [["none", question, "--run", "none-such"], 4, /none-such: file not found/],
    ];
    const outcomes = await Promise.all(cases.map(([args]) => runTask("ask", ...common, ...args)));
    outcomes.forEach(({ code, error, out }, index) => {
      const [args, expected, message] = cases[index] as (typeof cases)[number];
      assert.equal(code, expected, `${args.join(" ")}: ${error}`);
      assert.match(error, message);
      assert.equal(error.trim().split("\n").length, 1, error);
      assert.doesNotMatch(error + out, /internal error|at .*\.ts:/);
    });
  });
});
