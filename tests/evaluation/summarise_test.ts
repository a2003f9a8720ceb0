import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { ScoredItem } from "../../lib/evaluation/scored.ts";
import { summarise } from "../../lib/evaluation/summarise.ts";

const base: ScoredItem = {
  concept: "mip",
  category: "human",
  task: "vqa",
  item: "vqa_000",
  sample: null,
  prompt: "",
  reference: "",
  prediction: "",
  image: null,
  promptUsed: null,
  reasoning: null,
  scores: {},
  segments: [],
  look: null,
};
const item = (changes: Partial<ScoredItem>): ScoredItem => ({ ...base, ...changes });
const options = { seed: 1, hitRule: "wordBoundary" } as const;

describe("summarise()", () => {
  it("averages pictures, then prompts, then concepts", () => {
    const picture = (concept: string, prompt: string, value: number | null) =>
      item({ concept, task: "pure_gen", item: prompt, scores: { pure_gen_clip_i: value } });
    const { pure_gen_clip_i: found } = summarise([
      picture("a", "p1", 1),
      picture("a", "p1", 0),
      picture("a", "p2", 1),
      picture("b", "p1", 0),
    ], options);
    assert.equal(found?.value, (0.75 + 0) / 2);
    assert.deepEqual(found?.byConcept, { a: 0.75, b: 0 });
    assert.deepEqual([found?.scored, found?.items, found?.intervalOver], [4, 4, "concepts"]);
  });

  it("leaves out what has no score, and counts it", () => {
    const answers = [0.5, null, 1].map((value, index) =>
      item({ item: `vqa_00${index}`, scores: { vqa_judge: value } })
    );
    const { vqa_judge: found } = summarise(answers, options);
    assert.deepEqual([found?.value, found?.scored, found?.items], [0.75, 2, 3]);
    assert.ok(Math.abs((found?.coverage ?? 0) - 2 / 3) < 1e-12);
    assert.deepEqual(summarise(answers.slice(1, 2), options)["vqa_judge"]?.value, null);
  });

  it("takes for Rec the mean of two recalls, with an interval inside the concept", () => {
    const rec = (reference: string, prediction: string, index: number) =>
      item({
        task: "rec",
        item: `rec_00${index}`,
        reference,
        prediction,
        scores: {
          rec_accuracy: Number(prediction.toLowerCase() === reference.toLowerCase().replace(".", "")),
        },
      });
    const answers = [
      ...["yes", "no"].map((prediction, index) => rec("Yes.", prediction, index)),
      ...["no", "no", "no", "no"].map((prediction, index) => rec("No.", prediction, index + 2)),
    ];
    const { rec_weight: weight, rec_accuracy: accuracy } = summarise(answers, options);
    assert.equal(weight?.value, 0.75);
    assert.ok(Math.abs((accuracy?.value ?? 0) - 5 / 6) < 1e-12);
    assert.equal(weight?.intervalOver, "items");
    assert.ok((weight?.low ?? 1) >= 0.5 && (weight?.high ?? 0) <= 1);
    const oneSided = summarise(answers.slice(2), options)["rec_weight"];
    assert.deepEqual([oneSided?.value, oneSided?.low], [null, undefined]);
  });

  it("has no Rec where nobody asked, and gives no interval from one prompt", () => {
    const scores = summarise([item({ scores: { vqa_bleu: 0.3 } })], options);
    assert.deepEqual(Object.keys(scores), ["vqa_bleu"]);
    assert.deepEqual([scores["vqa_bleu"]?.low, scores["vqa_bleu"]?.intervalOver], [undefined, null]);
  });

  it("is the same for the same seed", () => {
    const answers = Array.from({ length: 20 }, (_, index) => (index * 7 % 20) / 19).map((value, index) =>
      item({ item: `vqa_${index}`, scores: { vqa_bleu: value } })
    );
    assert.deepEqual(summarise(answers, options), summarise(answers, options));
    assert.notDeepEqual(summarise(answers, options), summarise(answers, { ...options, seed: 2 }));
  });
});
