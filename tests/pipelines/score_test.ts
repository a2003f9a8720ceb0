import assert from "node:assert/strict";
import { after, before, describe, it } from "@std/testing/bdd";
import { join } from "node:path";
import { runTask, scratchFolder } from "../support/command.ts";

const { relative, absolute } = scratchFolder();
const photo = "assets/world/concept/train/mip/0.png";
const other = "assets/world/concept/train/kiru/0.png";
const nano = join("..", "..", "assets", "nano");
const profile = (text: string): string => `image_size: 64\nunified: none\nimage_tokenizer: none\n${text}`;

before(async () => {
  await Deno.mkdir(join(absolute, "bare"), { recursive: true });
  const experts = ["dinov2", "ernie"].map((name) => `${name}: ${join(nano, name)}\n`).join("");
  await Deno.writeTextFile(join(absolute, "profile.yaml"), profile(experts));
  await Deno.writeTextFile(join(absolute, "bare", "profile.yaml"), profile(""));
});

after(() => Deno.remove(absolute, { recursive: true }));

const score = (...args: string[]) => runTask("score", "--device", "wasm", "--profile", relative, ...args);
const valueOf = (out: string, expert: string): number =>
  Number(new RegExp(`^${expert} +([\\d.]+)`, "m").exec(out)?.[1] ?? NaN);

describe("deno task score", () => {
  it("shows the experts that there are; the concept's own photo looks more like it than another's", async () => {
    const [own, foreign] = await Promise.all([score(photo), score(other)]);
    assert.equal(own.code, 0, own.error);
    assert.match(own.out, /^expert +score +weight\n/m);
    assert.match(own.out, /^ber +- +0\.20 +the profile has no folder for it$/m);
    assert.match(own.out, /^tier +- +0\.40 +needs --answer$/m);
    assert(valueOf(own.out, "der") > valueOf(foreign.out, "der"), own.out + foreign.out);
    assert.equal(valueOf(own.out, "total"), valueOf(own.out, "der"));
  });

  it("asks the text expert where there is an answer; the right fact scores higher", async () => {
    const at = ["--text", "a photo of <mip> at night", "--answer", "at night <mip> holds a blue ball ."];
    const [right, wrong, unknown] = await Promise.all([
      score(photo, ...at, "--fact", "1"),
      score(photo, ...at, "--fact", "2"),
      score(photo, "--text", "no prompt of a fact", "--answer", "yes"),
    ]);
    assert.equal(right.code, 0, right.error);
    assert.equal(valueOf(right.out, "tier") > valueOf(wrong.out, "tier"), true, right.out + wrong.out);
    assert.match(unknown.out, /^tier .* name the fact with --fact$/m);
  });

  it("answers bad input with one line and its exit code", async () => {
    const cases: readonly (readonly [string[], number, RegExp])[] = [
      [["no-such.png"], 4, /no-such\.png: file not found/],
      [["deno.json"], 3, /not an image/],
      [[photo, "--concept", "nobody"], 3, /nobody: no such concept; choose one of/],
      [[photo, "--text", "a photo of <mop>"], 3, /names <mop>/],
      [[photo, "--answer", "x", "--fact", "99"], 3, /fact 99: <mip> has 10 facts; choose one of 1: /],
      [[photo, "--profile", "nowhere"], 4, /nowhere/],
    ];
    const outcomes = await Promise.all(cases.map(([args]) => score(...args)));
    outcomes.forEach(({ code, error }, index) => {
      const [args, expected, message] = cases[index] as (typeof cases)[number];
      assert.equal(code, expected, `${args.join(" ")}: ${error}`);
      assert.match(error, message);
      assert.equal(error.trim().split("\n").length, 1, error);
    });
  });
});
