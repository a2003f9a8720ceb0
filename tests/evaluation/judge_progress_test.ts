import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { evalItems } from "../../lib/evaluation/items.ts";
import { judgedCases, withProgress } from "../../lib/evaluation/judge_progress.ts";
import type { Judge } from "../../lib/metrics/judge/judge.ts";
import { failure, succeed, world, worldConcept } from "./world_fixture.ts";

const judge: Judge<unknown> = {
  id: "j",
  text: () => RTE.right(0.5),
  segments: (_, segments) => RTE.right(segments.map(() => 1)),
};
const item = { question: "q", reference: "r", prediction: "p" };

describe("withProgress()", () => {
  it("changes no grade, and says how far the judge is and how long it will take", async () => {
    const { capabilities, status } = world();
    const counting = withProgress(judge, 4);
    assert.equal(counting.id, "j");
    assert.equal(await succeed(counting.text(item), capabilities), 0.5);
    const image = { bytes: new Uint8Array(), mediaType: "image/png" } as const;
    assert.deepEqual(await succeed(counting.segments(image, ["a", "b"]), capabilities), [1, 1]);
    assert.deepEqual(status, ["eval judge 1/4 25 %   3 s left", "eval judge 2/4 50 %   2 s left"]);
  });

  it("fails as the judge does, and is never beyond its end", async () => {
    const { capabilities, status } = world();
    const broken: Judge<unknown> = {
      ...judge,
      text: () => RTE.left({ _tag: "JudgeFailed", judge: "j", problem: "away" }),
    };
    assert.match(await failure(withProgress(broken, 2).text(item), capabilities), /away/);
    assert.deepEqual(status, []);
    const counting = withProgress(judge, 1);
    await succeed(counting.text(item), capabilities);
    await succeed(counting.text(item), capabilities);
    assert.match(status.at(-1) ?? "", /2\/2 100 %/);
  });
});

describe("judgedCases()", () => {
  it("counts answers in words and pictures with clauses", async () => {
    const mip = await worldConcept("mip");
    const count = (tasks: Parameters<typeof evalItems>[1]) =>
      judgedCases(evalItems(mip, tasks), { imagesPerPrompt: 3 });
    assert.equal(count({ tasks: ["qa"] }), 9);
    assert.equal(count({ tasks: ["rec"] }), 0);
    const dense = evalItems(mip, { tasks: ["dense_gen"] }).length;
    assert.equal(count({ tasks: ["dense_gen"] }), 3 * dense);
    const looks = { imagesPerPrompt: 3, identity: true };
    assert.equal(judgedCases(evalItems(mip, { tasks: ["dense_gen"] }), looks), 6 * dense);
  });
});
