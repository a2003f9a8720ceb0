import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { HasFiles } from "../../lib/core/capability.ts";
import type { AskItem } from "../../lib/evaluation/item.ts";
import { evalItems } from "../../lib/evaluation/items.ts";
import { type OfficialRun, readOfficialRun } from "../../lib/evaluation/official_layout.ts";
import { type FileContent, memoryFiles } from "../support/files.ts";
import { failure, succeed, worldConcept } from "./world_fixture.ts";

const mip = await worldConcept("mip");
const items = evalItems(mip);
const run: OfficialRun = { folder: "r", checkpoint: "base", epoch: "15", model: "theirs" };
const questions = (task: string) =>
  items.filter((item): item is AskItem => item.kind === "ask" && item.task === task);

/** A question as their logs have it: soft tokens in front, the photo's path on another machine. */
const logged = ({ question, image, reference }: AskItem) => ({
  question: `<mip> is <token_0><token_1>.\n${question}`,
  image: `data/unictokens_data/${image?.split("/").slice(-4).join("/") ?? "black_512x512.png"}`,
  gt: reference,
  pred: `theirs: ${reference}`,
  score: 0.5,
});
const log = (results: object): Record<string, FileContent> => ({
  "r/logs/mip/base/epoch_15_results.json": JSON.stringify(results),
});
const read = (files: Record<string, FileContent>) =>
  succeed(readOfficialRun(run, mip, items), { files: memoryFiles(files) } as HasFiles);

describe("readOfficialRun()", () => {
  it("finds the question of each logged answer, also where questions repeat", async () => {
    const [rec, vqa, qa] = ["rec", "vqa", "qa"].map(questions);
    const rows = await read(log({
      rec: { data: rec?.map(logged), score: { recall: 1 } },
      vqa: { data: vqa?.toReversed().map(logged), score: {} },
      text_only: { data: qa?.map(logged) },
    }));
    const asked = [...rec ?? [], ...vqa ?? [], ...qa ?? []];
    assert.equal(rows.length, asked.length);
    for (const { task, id, reference } of asked) {
      const found = rows.find((row) => row.task === task && row.item === id);
      assert.ok(found !== undefined && "prediction" in found, `${task}/${id}`);
      assert.equal(found.prediction, `theirs: ${reference}`);
    }
  });

  it("reads pictures by prompt, numbered with gaps, and leaves other prompts out", async () => {
    const [dense] = items.filter((item) => item.task === "dense_gen");
    const [pure] = items.filter((item) => item.task === "pure_gen");
    const rows = await read({
      [`r/t2i_saved/mip/base/15/${dense?.kind === "draw" ? dense.prompt : ""}/10.png`]: "a",
      [`r/t2i_saved/mip/base/15/${dense?.kind === "draw" ? dense.prompt : ""}/2.png`]: "b",
      "r/gen_saved/mip/base/15/a <sks> in the jungle/0.png": "c",
      "r/gen_saved/mip/base/15/a prompt of theirs/0.png": "d",
    });
    assert.deepEqual(
      rows.map(({ task, item, ...row }) => [task, item, "sample" in row && [row.sample, row.image]]),
      [
        ["dense_gen", dense?.id, [
          0,
          `r/t2i_saved/mip/base/15/${dense?.kind === "draw" ? dense.prompt : ""}/2.png`,
        ]],
        ["dense_gen", dense?.id, [
          1,
          `r/t2i_saved/mip/base/15/${dense?.kind === "draw" ? dense.prompt : ""}/10.png`,
        ]],
        ["pure_gen", pure?.id, [0, "r/gen_saved/mip/base/15/a <sks> in the jungle/0.png"]],
      ],
    );
  });

  it("refuses an answer to an unknown question, another form, and an empty folder", async () => {
    const because = (files: Record<string, FileContent>) =>
      failure(readOfficialRun(run, mip, items), { files: memoryFiles(files) } as HasFiles);
    const other = { question: "who ?", image: "x.png", gt: "nobody", pred: "y" };
    assert.match(
      await because(log({ vqa: { data: [other] } })),
      /results\.json: vqa\.data\[0\]: is none of the concept's test questions/,
    );
    assert.match(
      await because(log({ vqa: { data: [{ question: 1 }] } })),
      /results\.json: `vqa\.data\[0\]\.question`/,
    );
    assert.match(await because({}), /^r: has no results of mip, checkpoint base, epoch 15/);
  });
});
