import assert from "node:assert/strict";
import { after, before, describe, it } from "@std/testing/bdd";
import { join } from "node:path";
import { runTask, scratchFolder } from "../support/command.ts";

const { relative, absolute } = scratchFolder();
const photos = join(relative, "photos of my dog");
const out = join(relative, "data");
const facts = [
  ...[
    "--fact",
    "<sks> wears a red hat at parties. | a photo of <sks> at a party | <sks> with a red hat at a party",
  ],
  ...["--fact", "<mochi> sleeps in a basket. | a photo of <mochi> sleeping"],
];
const create = (...args: string[]) => runTask("concept", "new", photos, "--out", out, ...args);

before(async () => {
  await Deno.mkdir(join(absolute, "photos of my dog"), { recursive: true });
  await Deno.mkdir(join(absolute, "empty"));
  for (const index of [0, 1, 2, 3]) {
    const file = `assets/photos/concept/train/biscuit/${index}.jpg`;
    await Deno.copyFile(file, join(absolute, "photos of my dog", `IMG_${index}.JPG`));
  }
  await Deno.writeTextFile(join(absolute, "photos of my dog", "notes.jpg"), "no picture");
});

after(() => Deno.remove(absolute, { recursive: true }));

describe("deno task concept", () => {
  it("new makes a data set from photos and facts, which check accepts", async () => {
    const about = ["--id", "mochi", "--class", "dog", "--category", "animal", "--info", "<mochi> is a dog."];
    const made = await create(...about, ...facts);
    assert.equal(made.code, 0, made.error);
    assert.match(made.error, /skipped .*notes\.jpg: not an image \(content is text\)/);
    assert.match(
      made.out,
      /^photos: 3 to train, 1 to test, 0 look-alikes, 0 of other things\nfacts: 1 to train, 1 to test$/m,
    );
    assert.match(made.out, /next: deno task train --set concept=.*\/data\/mochi\n$/);
    const info = JSON.parse(
      await Deno.readTextFile(join(absolute, "data", "concept", "train", "mochi", "info.json")),
    );
    assert.deepEqual([info.class, info.extra_info], [
      "dog",
      ["<mochi> wears a red hat at parties.", "<mochi> sleeps in a basket."],
    ]);
    const checked = await runTask("concept", "check", join(out, "mochi"));
    assert.deepEqual([checked.code, checked.error], [0, ""]);
    assert.match(checked.out, /^<mochi>: dog \(animal\), <mochi> is a dog\.\n(.*\n)+ready for training\n$/);

    const again = await create(...about);
    assert.equal(again.code, 3);
    assert.match(again.error, /mochi: exists already; choose another --id or --out/);
    const second = await create("--id", "bo", "--class", "dog");
    assert.equal(second.code, 0, second.error);
    const list = JSON.parse(await Deno.readTextFile(join(absolute, "data", "concepts_list.json")));
    assert.deepEqual(list, ["mochi", "bo"]);
  });

  it("check says what training would refuse, and what is odd", async () => {
    const made = await create("--id", "tam", "--class", "dog");
    assert.equal(made.code, 0, made.error);
    const folder = (part: string) => join(absolute, "data", "concept", part, "tam");
    await Deno.copyFile(join(folder("train"), "0.jpg"), join(folder("test"), "1.jpg"));
    const same = await runTask("concept", "check", join(out, "tam"));
    assert.equal(same.code, 3);
    assert.match(same.error, /test photo is the same file as train photo/);
    const bytes = await Deno.readFile(join(folder("train"), "0.jpg"));
    await Deno.writeFile(join(folder("test"), "1.jpg"), new Uint8Array([...bytes, 0]));
    const alike = await runTask("concept", "check", join(out, "tam"));
    assert.equal(alike.code, 0, alike.error);
    assert.match(alike.error, /looks like train photo/);
    assert.match(alike.out, /usable, but 1 test photos look like a train photo\n$/);
  });

  it("answers bad input with one line and its exit code, and writes nothing", async () => {
    const cases: readonly (readonly [string[], number, RegExp])[] = [
      [["make", photos], 3, /unknown action "make"; write new or check/],
      [["new", photos, "--class", "dog"], 3, /has no name; add --id mochi/],
      [["new", photos, "--id", "x"], 3, /add --class dog/],
      [["new", photos, "--id", "a b", "--class", "dog"], 3, /"a b": is no valid concept id/],
      [["new", photos, "--id", "x", "--class", "dog", "--fact", "it barks"], 3, /is no fact with its prompt/],
      [
        ["new", photos, "--id", "x", "--class", "dog", "--fact", "it barks | a dog"],
        3,
        /does not contain <x>/,
      ],
      [["new", join(relative, "empty"), "--id", "x", "--class", "dog"], 3, /holds no picture/],
      [["new", join(relative, "none"), "--id", "x", "--class", "dog"], 4, /name a folder of photos/],
      [["new", photos, "--id", "x", "--class", "dog", "--category", "pet"], 2, /human, animal, object/],
      [["check", photos], 3, /is a folder of 5 pictures, not yet a concept/],
      [["check", "nobody"], 3, /no such concept/],
    ];
    const target = join(relative, "nothing");
    const outcomes = await Promise.all(cases.map(([args]) => runTask("concept", ...args, "--out", target)));
    outcomes.forEach(({ code, error }, index) => {
      const [args, expected, message] = cases[index] as (typeof cases)[number];
      assert.equal(code, expected, `${args.join(" ")}: ${error}`);
      assert.match(error, message);
      const lines = error.trim().split("\n").filter((line) => !line.startsWith("warning: skipped "));
      assert.equal(lines.length, 1, error);
    });
    await assert.rejects(Deno.stat(join(absolute, "nothing")), Deno.errors.NotFound);
  });

  it("check names the prompts that are too long for the model, with the words that it does not read", async () => {
    const long =
      "a photo of <lea> at a party with many people , a cake , candles , balloons and a band that plays";
    const fact = `<lea> wears a hat at parties with a cake. | ${long} | ${long} with a hat`;
    const made = await create("--id", "lea", "--class", "dog", "--category", "animal", "--fact", fact);
    assert.equal(made.code, 0, made.error);
    const checked = await runTask("concept", "check", join(out, "lea"));
    assert.equal(checked.code, 0);
    assert.match(
      checked.error,
      /warning: prompt "a photo of <lea> at a party .*" is too long for the model, which/,
    );
    assert.match(checked.out, /usable, but 2 prompts are too long for the model\n$/);
  });
});
