import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { evaluate, type EvaluateOptions } from "../../lib/evaluation/evaluate.ts";
import {
  failure,
  oracle,
  plainExperts,
  rightAnswers,
  succeed,
  world,
  worldConcept,
} from "./world_fixture.ts";

const mip = await worldConcept("mip");
const OPTIONS: EvaluateOptions = {
  step: 3,
  model: "oracle",
  fingerprint: "a",
  folder: "runs/t/eval",
  imageSize: 64,
  imagesPerPrompt: 2,
  drawBatch: 3,
  answerBatch: 5,
  items: { purePrompts: ["a photo of <sks> at night .", "a photo of <sks> in the park ."] },
};

describe("evaluate()", () => {
  it("measures every column of the paper's main table", async () => {
    const model = oracle(rightAnswers(mip));
    const { scores, ...rest } = await succeed(
      evaluate(mip, model.assistant, plainExperts(model), OPTIONS),
      world().capabilities,
    );
    const values = Object.fromEntries(Object.entries(scores).map(([key, { value }]) => [key, value]));
    for (const metric of ["vqa_bleu", "qa_bleu", "rea_bleu"]) {
      assert.ok((values[metric] as number) > 0.98, metric);
    }
    for (
      const metric of [
        ...[
          "rea_exact",
          "vqa_judge",
          "qa_judge",
          "rea_judge",
          "dense_rea_judge",
          "pure_gen_judge",
          "dense_gen_judge",
        ],
        ...["rea_gen_judge", "dense_rea_gen_judge", "face_detection"],
        ...["pure_gen_identity", "dense_gen_identity", "rea_gen_identity", "dense_rea_gen_identity"],
      ]
    ) assert.equal(values[metric], 1, metric);
    assert.equal(values["rec_weight"], 0.5);
    for (const task of ["pure_gen", "dense_gen", "rea_gen", "dense_rea_gen"]) {
      for (const kind of ["clip_t", "clip_i", "dino_i"]) {
        const value = values[`${task}_${kind}`] as number;
        assert.ok(value > 0 && value <= 1, `${task}_${kind} ${value}`);
      }
    }
    assert.deepEqual([rest.v, rest.step, rest.concepts], [1, 3, ["mip"]]);
    assert.ok(rest.notes.includes("judge: world: attribute reader"));
  });

  it("completes reasoning prompts by the model's own answers", async () => {
    const model = oracle(rightAnswers(mip));
    const items = { ...OPTIONS.items, tasks: ["rea_gen"] as const };
    const found = await succeed(
      evaluate(mip, model.assistant, plainExperts(model), { ...OPTIONS, items }),
      world().capabilities,
    );
    const fact = mip.facts.find(({ split }) => split === "test");
    assert.equal(model.drawn[0]?.prompt, `${fact?.reasoningPrompt} ${fact?.text}`);
    assert.equal(found.scores["rea_gen_judge"]?.value, 1);
    assert.ok(!("rea_bleu" in found.scores), "the question was not asked for");
    const silent = oracle(() => "");
    const without = await succeed(
      evaluate(mip, silent.assistant, plainExperts(silent), { ...OPTIONS, items }),
      world().capabilities,
    );
    assert.equal(without.scores["rea_gen_judge"]?.value, 0, "without reasoning the picture lacks the detail");
  });

  it("goes on where it was stopped, and ends with the same numbers", async () => {
    const straight = world();
    const one = oracle(rightAnswers(mip));
    const whole = await succeed(
      evaluate(mip, one.assistant, plainExperts(one), OPTIONS),
      straight.capabilities,
    );
    const halting = world();
    const two = oracle(rightAnswers(mip));
    const assistant = {
      ...two.assistant,
      draw: (draws: Parameters<typeof two.assistant.draw>[0]) => {
        if (two.drawn.length >= 6) halting.stop = true;
        return two.assistant.draw(draws);
      },
    };
    const stopped = await failure(evaluate(mip, assistant, plainExperts(two), OPTIONS), halting.capabilities);
    assert.match(stopped, /^interrupted/);
    const before = [two.asked.length, two.drawn.length];
    halting.stop = false;
    const resumed = await succeed(
      evaluate(mip, two.assistant, plainExperts(two), OPTIONS),
      halting.capabilities,
    );
    assert.deepEqual(resumed, whole);
    assert.equal(two.asked.length, before[0], "no question was asked twice");
    assert.equal(two.drawn.length, one.drawn.length, "no picture was drawn twice");
    const read = (files: typeof straight) =>
      succeed(({ files }) => files.readText("runs/t/eval/step-000003.json"), files.capabilities);
    assert.equal(await read(halting), await read(straight));
  });

  it("draws the same noise whatever the batches, and asks again for other weights", async () => {
    const keys = async (changes: Partial<EvaluateOptions>): Promise<unknown> => {
      const model = oracle(rightAnswers(mip));
      await succeed(
        evaluate(mip, model.assistant, plainExperts(model), { ...OPTIONS, ...changes }),
        world().capabilities,
      );
      return [model.asked.map(({ key }) => key), model.drawn.map(({ key }) => key)];
    };
    const plain = await keys({});
    assert.deepEqual(await keys({ drawBatch: 7, answerBatch: 64 }), plain);
    assert.deepEqual(await keys({ fingerprint: "b", model: "other" }), plain);
    assert.notDeepEqual(await keys({ seed: 1 }), plain);
    const shared = world();
    const model = oracle(rightAnswers(mip));
    for (const [fingerprint, rounds] of [["a", 1], ["a", 1], ["b", 2]] as const) {
      await succeed(
        evaluate(mip, model.assistant, plainExperts(model), {
          ...OPTIONS,
          fingerprint,
          items: { tasks: ["qa"] },
        }),
        shared.capabilities,
      );
      assert.equal(model.asked.length, 9 * rounds);
    }
  });

  it("writes the files that people and programs read", async () => {
    const model = oracle(rightAnswers(mip));
    const { capabilities, status } = world();
    await succeed(evaluate(mip, model.assistant, plainExperts(model), OPTIONS), capabilities);
    const { files } = capabilities;
    assert.deepEqual(await succeed(() => files.list("runs/t/eval/step-000003"), {}), [
      "dense_gen.png",
      "dense_rea_gen.png",
      "face.png",
      "images",
      "plain_gen.png",
      "predictions.jsonl",
      "pure_gen.png",
      "rea_gen.png",
      "scores.jsonl",
      "table.csv",
      "table.md",
      "table.tex",
    ]);
    const markdown = await succeed(() => files.readText("runs/t/eval/step-000003/table.md"), {});
    assert.match(
      markdown,
      /\| metric \| oracle \| Real Images \| UniCTokens \(paper\) \| UniCTokens-R1 \(paper\) \|/,
    );
    assert.ok(status.some((line) => /^eval pictures \d+\/\d+ \d+ % +.* left$/.test(line)));
  });
});
