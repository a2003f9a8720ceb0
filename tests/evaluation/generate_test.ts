import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { drawnPrompt, generate, type GenerateOptions } from "../../lib/evaluation/generate.ts";
import type { DrawItem } from "../../lib/evaluation/item.ts";
import { evalItems, neededItems } from "../../lib/evaluation/items.ts";
import { failure, oracle, rightAnswers, succeed, world, worldConcept } from "./world_fixture.ts";

const mip = await worldConcept("mip");
const OPTIONS: GenerateOptions = {
  ...{ model: "m", fingerprint: "f", seed: 1, folder: "e", imagesPerPrompt: 2, imageSize: 64 },
  ...{ answerBatch: 4, drawBatch: 3, reasoning: "own", maxWords: 20 },
};
const reaGen = neededItems(mip, { tasks: ["rea_gen"] });
const run = async (changes: Partial<GenerateOptions> = {}, from = world()) => {
  const model = oracle(rightAnswers(mip));
  const rows = await succeed(
    generate(mip, model.assistant, reaGen, { ...OPTIONS, ...changes }),
    from.capabilities,
  );
  return { model, rows };
};

describe("generate()", () => {
  it("answers first, then draws, and names files from the working folder", async () => {
    const { rows } = await run();
    assert.deepEqual(rows.map(({ task }) => task), [...Array(5).fill("rea"), ...Array(10).fill("rea_gen")]);
    const pictures = rows.filter((row) => "image" in row);
    assert.deepEqual(pictures.slice(0, 4).map(({ image, sample }) => [image, sample]), [
      ["e/images/mip/rea_gen/prompt_000_0.png", 0],
      ["e/images/mip/rea_gen/prompt_000_1.png", 1],
      ["e/images/mip/rea_gen/prompt_001_0.png", 0],
      ["e/images/mip/rea_gen/prompt_001_1.png", 1],
    ]);
    assert.equal(pictures[0]?.promptUsed, `${mip.facts[5]?.reasoningPrompt} ${mip.facts[5]?.text}`);
    assert.equal(pictures[0]?.reasoning, mip.facts[5]?.text);
  });

  it("gives the pictures of a prompt different noise from one seed", async () => {
    const { model, rows } = await run();
    const [first, second] = rows.filter((row) => "image" in row);
    assert.equal(first?.seed, second?.seed);
    assert.notDeepEqual(model.drawn[0]?.key, model.drawn[1]?.key);
  });

  it("draws from nothing but the prompt, or from the truth, where asked to", async () => {
    const bare = await run({ reasoning: "none" });
    assert.equal(bare.model.drawn[0]?.prompt, mip.facts[5]?.reasoningPrompt);
    assert.ok(bare.rows.every((row) => !("reasoning" in row)));
    const truth = await run({ reasoning: "truth" });
    assert.equal(truth.model.drawn[0]?.prompt, mip.facts[5]?.explicitPrompt);
  });

  it("draws only what more pictures per prompt add", async () => {
    const shared = world();
    await run({}, shared);
    const { model } = await run({ imagesPerPrompt: 3 }, shared);
    assert.deepEqual([model.asked.length, model.drawn.length], [0, 5]);
  });

  it("draws again where an answer before it changed", async () => {
    const shared = world();
    await run({}, shared);
    const other = oracle(() => "the man wears a hat .");
    await succeed(
      generate(mip, other.assistant, reaGen, { ...OPTIONS, fingerprint: "g" }),
      shared.capabilities,
    );
    assert.ok(other.drawn.every(({ prompt }) => prompt.endsWith(" <mip> wears a hat .")));
  });

  it("names the photo that a question is about if it is gone", async () => {
    const items = evalItems({
      ...mip,
      evalItems: [{ kind: "vqa", image: "gone.png", question: "q", answer: "a" }],
    }, {
      tasks: ["vqa"],
    });
    const stage = generate(mip, oracle(() => "").assistant, items, OPTIONS);
    assert.match(await failure(stage, world().capabilities), /^gone\.png: file not found/);
  });
});

describe("drawnPrompt()", () => {
  const [item] = evalItems(mip, { tasks: ["rea_gen"] }) as readonly DrawItem[];

  it("falls back on the answer where the data has no explicit prompt", () => {
    assert.ok(item !== undefined);
    assert.equal(
      drawnPrompt({ ...item, wanted: null }, "it is red .", "truth"),
      `${item.prompt} it is red .`,
    );
    assert.equal(drawnPrompt(item, "", "own"), item.prompt);
  });
});
