import assert from "node:assert/strict";
import { after, before, describe, it } from "@std/testing/bdd";
import { join } from "node:path";
import { evalItems } from "../../lib/evaluation/items.ts";
import { generate } from "../../lib/evaluation/generate.ts";
import { liveFiles } from "../../lib/run/live.ts";
import { oracle, rightAnswers, succeed, world, worldConcept } from "../evaluation/world_fixture.ts";
import { type Outcome, ROOT, runTask, scratchFolder } from "../support/command.ts";

const { relative: folder, absolute } = scratchFolder();
const evaluation = (...args: string[]): Promise<Outcome> => runTask("eval", ...args);

const profile = join(folder, "profile.yaml");
const common = ["--profile", profile, "--set", "device=cpu"];

before(async () => {
  await Deno.mkdir(absolute, { recursive: true });
  await Deno.writeTextFile(join(ROOT, profile), "image_size: 64\nunified: none\nimage_tokenizer: none\n");
  const mip = await worldConcept("mip");
  const capabilities = { ...world().capabilities, files: liveFiles() };
  const items = evalItems(mip, { purePrompts: ["a photo of <sks> at night ."] });
  await succeed(
    generate(mip, oracle(rightAnswers(mip)).assistant, items, {
      model: "oracle",
      fingerprint: "",
      seed: 1,
      folder: join(absolute, "given"),
      imagesPerPrompt: 1,
      imageSize: 64,
      answerBatch: 64,
      drawBatch: 64,
      reasoning: "own",
      maxWords: 20,
    }),
    capabilities,
  );
});

after(() => Deno.remove(absolute, { recursive: true }));

describe("deno task eval", () => {
  it("scores a folder of predictions and prints a table with the published numbers", async () => {
    const out = join(folder, "out");
    const { code, out: table, error } = await evaluation(
      ...common,
      ...["--predictions", join(folder, "given"), "--out", out, "--tasks", "rec,vqa,qa,rea,rea_gen"],
    );
    assert.equal(code, 0, error);
    assert.match(
      table,
      /^unifybench\+\+: mip\nmetric +oracle +UniCTokens \(paper\) +UniCTokens-R1 \(paper\)/m,
    );
    assert.match(table, /^Rea BLEU +1\.000 .* 0\.250$/m);
    const file = JSON.parse(await Deno.readTextFile(join(ROOT, out, "eval", "step-000000.json")));
    assert.deepEqual([file.v, file.model, file.protocol.reasoning, file.protocol.judge], [
      1,
      "oracle",
      "given",
      null,
    ]);
    assert.equal(file.scores.vqa_bleu.items, 24);
    assert.match(await Deno.readTextFile(join(ROOT, out, "eval", "step-000000", "table.tex")), /\\toprule/);
  });

  it("writes the items for other programs", async () => {
    const path = join(folder, "items.jsonl");
    const { code, error, out } = await evaluation(
      "--items",
      path,
      "--concept",
      "assets/world",
      "--tasks",
      "dense_gen",
    );
    assert.equal(code, 0, error);
    const lines = (await Deno.readTextFile(join(ROOT, path))).trim().split("\n").map((line) =>
      JSON.parse(line)
    );
    assert.equal(out, `${lines.length} items in ${path}\n`);
    assert.deepEqual(new Set(lines.map(({ concept }) => concept)).size, 6);
  });

  it("prints other evaluations and the rows of a published table beside", async () => {
    const out = join(folder, "beside");
    const given = ["--predictions", join(folder, "given"), "--tasks", "vqa", "--out", out];
    const first = await evaluation(...common, ...given);
    assert.equal(first.code, 0, first.error);
    const file = join(out, "eval", "step-000000.json");
    const { code, out: table, error } = await evaluation(
      ...common,
      ...given,
      ...["--beside", file, "--model", "mine", "--set", "published=[table3]"],
    );
    assert.equal(code, 0, error);
    assert.match(
      table,
      /^metric +mine +oracle +UniCTokens \(paper\) +UniCTokens-R1 \(paper\) +joint \(paper\) +joint\+UniCTask-GRPO \(paper\)|^metric +mine +oracle +joint \(paper\) +joint\+UniCTask-GRPO \(paper\) +UniCTokens \(paper\) +UniCTokens-R1 \(paper\)/m,
    );
  });

  it("measures the probabilities of the judge, where there is one", async () => {
    const { code, error } = await evaluation(...common, "--calibration");
    assert.equal(code, 3);
    assert.match(error, /has no attribute reader/);
  });

  it("answers bad input with one line and its exit code", async () => {
    const cases: readonly (readonly [string[], number, RegExp])[] = [
      [["runs/none"], 4, /runs\/none: file not found; name a run folder, or train first/],
      [["--tasks", "rec,nothing"], 2, /tasks.*one of rec, vqa/],
      [["--set", "jugde.kind=chat"], 2, /did you mean|judge/],
      [[...common, "--predictions", join(folder, "empty")], 3, /holds no predictions/],
      [
        [...common, "--predictions", join(folder, "given"), "--concept", "assets/world/toko"],
        3,
        /predicts for mip/,
      ],
      [[...common, "--predictions", join(folder, "given"), "--judge", "chat"], 3, /no server is named/],
      [[...common, "--predictions", join(folder, "given"), "--judge", "world"], 3, /no attribute reader/],
      [[...common, "--endpoint", "http://127.0.0.1:9/v1"], 3, /no model is named/],
      [[...common, "--official", "x"], 3, /write <folder>:<checkpoint>:<epoch>/],
      [
        [...common, "--official", "nowhere:a:1"],
        3,
        /nowhere is empty or no folder; name the folder above logs/,
      ],
    ];
    const outcomes = await Promise.all(cases.map(([args]) => evaluation(...args)));
    outcomes.forEach(({ code, error }, index) => {
      const [args, expected, message] = cases[index] as (typeof cases)[number];
      assert.equal(code, expected, `${args.join(" ")}: ${error}`);
      assert.match(error, message);
      assert.equal(error.trim().split("\n").filter((line) => line.startsWith("error:")).length, 1);
      assert.doesNotMatch(error, /^backend:/m, "refused before the backend is opened");
    });
  });
});
