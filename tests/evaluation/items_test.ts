import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { EVAL_TASKS } from "../../lib/evaluation/item.ts";
import { evalItems, itemLine, neededItems } from "../../lib/evaluation/items.ts";
import { worldConcept } from "./world_fixture.ts";

const mip = await worldConcept("mip");
const counts = (items: ReturnType<typeof evalItems>): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(items, ({ task }) => task)].map(([task, list]) => [task, list.length]));

describe("evalItems()", () => {
  it("lists every task of a human concept, in the order in which they run", () => {
    const items = evalItems(mip);
    assert.deepEqual(counts(items), {
      rec: 28,
      vqa: 24,
      qa: 9,
      rea: 5,
      dense_rea: 2,
      plain_gen: 1,
      pure_gen: 25,
      dense_gen: 3,
      rea_gen: 5,
      dense_rea_gen: 2,
      face: 1,
    });
    const order = [...new Set(items.map(({ task }) => task))];
    assert.deepEqual(order, EVAL_TASKS.filter((task) => order.includes(task)));
  });

  it("gives ids that are unique inside a task and count from 0 after the split", () => {
    const items = evalItems(mip);
    assert.equal(new Set(items.map(({ task, id }) => `${task}/${id}`)).size, items.length);
    assert.deepEqual(
      evalItems(mip, { tasks: ["rea", "rea_gen"] }).map(({ id }) => id),
      ["rea", "prompt"].flatMap((name) => [0, 1, 2, 3, 4].map((index) => `${name}_00${index}`)),
    );
  });

  it("asks for test facts only, with all facts among the candidates", () => {
    const items = evalItems(mip, { tasks: ["rea"] });
    const test = mip.facts.filter(({ split }) => split === "test");
    assert.deepEqual(
      items.map((item) => item.kind === "ask" && item.reference),
      test.map(({ text }) => text),
    );
    for (const item of items) {
      assert.ok(item.kind === "ask" && mip.facts.every(({ text }) => item.question.includes(text)));
    }
    assert.equal(evalItems(mip, { tasks: ["rea"], facts: "train" }).length, 5);
    assert.equal(evalItems(mip, { tasks: ["rea_gen"], facts: "all" }).length, 10);
  });

  it("lists as many facts as it is told, always the same ones, the needed one among them", () => {
    const [item, again] = [1, 2].map(() => evalItems(mip, { tasks: ["rea"], shownFacts: 2 })[0]);
    assert.deepEqual(item, again);
    assert.ok(item?.kind === "ask" && item.question.includes(item.reference ?? "?"));
    assert.equal(mip.facts.filter(({ text }) => item.question.includes(text)).length, 2);
  });

  it("asks for each fact in as many lists as it is told, where only some facts are listed", () => {
    const several = { tasks: ["rea", "rea_gen"] as const, shownFacts: 5, orders: 3 };
    const items = evalItems(mip, several);
    const asked = items.filter((item) => item.kind === "ask");
    const tests = mip.facts.filter(({ split }) => split === "test");
    assert.deepEqual(
      asked.map(({ id, reference }) => [id, reference]),
      tests.flatMap(({ text }) => [text, text, text])
        .map((text, index) => [`rea_${String(index).padStart(3, "0")}`, text]),
    );
    assert.ok(new Set(asked.map(({ question }) => question)).size > 2 * tests.length);
    for (const item of items) {
      if (item.kind !== "draw") continue;
      const upstream = asked.find(({ id }) => id === item.upstream?.id);
      assert.equal(upstream?.prompt, item.prompt);
    }
    assert.equal(evalItems(mip, { ...several, shownFacts: 0 }).length, 2 * tests.length);
  });

  it("asks for training facts where it is told to, and only then", () => {
    const asked = evalItems(mip, { tasks: ["rea_train"] }).map((item) =>
      item.kind === "ask" && item.reference
    );
    assert.deepEqual(asked, mip.facts.filter(({ split }) => split === "train").map(({ text }) => text));
    assert.ok(evalItems(mip).every(({ task }) => task !== "rea_train"));
  });

  it("asks for test facts in the wordings that are kept for the test, where it is told to", () => {
    const asked = evalItems(mip, { tasks: ["rea_wording"], shownFacts: 5, orders: 2 });
    const tests = mip.facts.filter(({ split }) => split === "test");
    const expected = tests.flatMap(({ text, otherWordings = [] }) =>
      otherWordings.flatMap((prompt) => [[text, prompt], [text, prompt]])
    );
    assert.equal(expected.length, 10);
    assert.deepEqual(asked.map((item) => item.kind === "ask" && [item.reference, item.prompt]), expected);
    const trained = mip.facts.filter(({ split }) => split === "train")
      .flatMap(({ reasoningPrompt = "", otherWordings = [] }) => [reasoningPrompt, ...otherWordings]);
    const openings = trained.map((prompt) => prompt.split(" <")[0]);
    assert.ok(expected.every(([, prompt]) => !openings.includes(prompt?.split(" <")[0])));
  });

  it("asks for new combinations among themselves, and draws them, where it is told to", () => {
    const items = neededItems(mip, { tasks: ["rea_new_gen"], shownFacts: 5, orders: 2 });
    const asked = items.filter((item) => item.kind === "ask");
    const drawn = items.filter((item) => item.kind === "draw");
    const facts = mip.newCombinations ?? [];
    assert.equal(facts.length, 5);
    assert.deepEqual(asked.map(({ reference }) => reference), facts.flatMap(({ text }) => [text, text]));
    asked.forEach(({ question }) => {
      facts.forEach(({ text }) => assert.ok(question.includes(text)));
      mip.facts.forEach(({ text }) => assert.ok(!question.includes(text)));
    });
    assert.deepEqual(drawn.map(({ wanted }) => wanted), facts.map(({ explicitPrompt }) => explicitPrompt));
    drawn.forEach(({ upstream, prompt }) =>
      assert.equal(asked.find(({ id }) => id === upstream?.id)?.prompt, prompt)
    );
    assert.ok(!evalItems(mip).some(({ task }) => /^rea_(new|wording)/.test(task)));
  });

  it("asks text questions without a photo, and recognition with one", () => {
    const [qa] = evalItems(mip, { tasks: ["qa"] });
    assert.ok(qa?.kind === "ask" && qa.image === null);
    const [rec] = evalItems(mip, { tasks: ["rec"] });
    assert.ok(
      rec?.kind === "ask" && rec.image?.endsWith("concept/test/mip/0.png") && rec.reference === "Yes.",
    );
  });

  it("makes recognition, visual and text questions from other files where test_data is absent", () => {
    const bare = { ...mip, evalItems: [] };
    const rec = evalItems(bare, { tasks: ["rec"] });
    assert.equal(rec.length, mip.testImages.length + mip.randomImages.length);
    const negatives = evalItems(bare, { tasks: ["rec"], otherImages: ["a.png"] })
      .filter((item) => item.kind === "ask" && item.reference === "No.");
    assert.equal(negatives.length, 1);
    assert.equal(
      evalItems(bare, { tasks: ["vqa"] }).length,
      mip.vqa.flatMap(({ exchanges }) => exchanges).length,
    );
    assert.equal(evalItems(bare, { tasks: ["qa"] }).length, mip.textOnly.length);
  });

  it("scores reasoning pictures against the explicit prompt, and none against a guess", () => {
    const [item] = evalItems(mip, { tasks: ["rea_gen"] });
    const fact = mip.facts.find(({ split }) => split === "test");
    assert.ok(item?.kind === "draw");
    assert.equal(item.prompt, fact?.reasoningPrompt);
    assert.equal(item.wanted, fact?.explicitPrompt);
    assert.deepEqual(item.upstream, { task: "rea", id: "rea_000" });
    const facts = mip.facts.map(({ explicitPrompt: _, ...rest }) => rest);
    const [silent] = evalItems({ ...mip, facts }, { tasks: ["rea_gen"] });
    assert.ok(silent?.kind === "draw" && silent.wanted === null && silent.segments.length === 0);
  });

  it("judges a dense reasoning answer as a rewritten prompt, or against its facts without an explicit one", () => {
    const [item] = evalItems(mip, { tasks: ["dense_rea"] });
    assert.ok(item?.kind === "ask" && item.rubric === "rewrite");
    assert.equal(item.reference, mip.denseRea[0]?.explicitText);
    const denseRea = mip.denseRea.map(({ explicitText: _, ...rest }) => rest);
    const [plain] = evalItems({ ...mip, denseRea }, { tasks: ["dense_rea"] });
    assert.ok(plain?.kind === "ask" && plain.rubric === "answer");
    assert.equal(plain.reference, mip.facts[mip.denseRea[0]?.factIndices[0] as number]?.text);
  });

  it("takes given plain prompts and other ways of cutting", () => {
    const purePrompts = ["a photo of <sks> , at night ."];
    const [item] = evalItems(mip, { tasks: ["pure_gen"], purePrompts });
    assert.ok(item?.kind === "draw");
    assert.deepEqual([item.prompt, item.segments], ["a photo of <mip> , at night .", [
      "a photo of the man",
      "at night",
    ]]);
    const [dense] = evalItems(mip, { tasks: ["dense_gen"], splitter: "comma" });
    assert.ok(dense?.kind === "draw" && dense.segments[2] === "holding a blue umbrella . the sun is low .");
  });

  it("leaves faces out for animals and objects", () => {
    assert.deepEqual(evalItems({ ...mip, category: "animal" }, { tasks: ["face"] }), []);
  });
});

describe("neededItems()", () => {
  it("adds the questions that drawings wait for", () => {
    assert.deepEqual(counts(neededItems(mip, { tasks: ["rea_gen"] })), { rea: 5, rea_gen: 5 });
    assert.deepEqual(counts(neededItems(mip, { tasks: ["dense_gen"] })), { dense_gen: 3 });
  });
});

describe("itemLine()", () => {
  it("tells another program all that it needs", () => {
    const [item] = evalItems(mip, { tasks: ["dense_gen"] });
    assert.ok(item !== undefined);
    const line = JSON.parse(itemLine(mip, item));
    assert.deepEqual([line.concept, line.task, line.id, line.references.length], [
      "mip",
      "dense_gen",
      "prompt_000",
      6,
    ]);
    assert.ok(!("kind" in line));
  });
});
