import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { loadConcept, loadConcepts } from "../../lib/concept/unifybench.ts";
import { changedFiles, type FileContent, memoryFiles, testWorld } from "../support/files.ts";
import { failureOf, valueOf } from "./expect_failure.ts";

const root = "assets/photos";
const hostile = (path: string): string =>
  Deno.readTextFileSync(new URL(`../fixtures/hostile/${path}`, import.meta.url));
const load = async (id: string, changes: Readonly<Record<string, FileContent>> = {}) =>
  await loadConcept(root, id)(testWorld(changedFiles(changes)))();

describe("loadConcept()", () => {
  it("reads a whole bundled concept", async () => {
    const concept = valueOf(await load("biscuit"));
    assert.equal(concept.token, "<biscuit>");
    assert.equal(concept.className, "dog");
    assert.equal(concept.category, "animal");
    assert.equal(concept.generationType, "live_subject");
    assert.deepEqual(concept.facts.map(({ split }) => split), ["train", "train", "train", "test", "test"]);
    assert.deepEqual(concept.facts[3], {
      index: 3,
      text: "<biscuit> chases a green tennis ball in the park every morning.",
      split: "test",
      reasoningPrompt: "A photo of <biscuit> playing in the park in the morning.",
      explicitPrompt: "A photo of <biscuit> chasing a green tennis ball in the park in the morning.",
      detail: "a green tennis ball",
    });
    assert.deepEqual(concept.base, ["A photo of <biscuit>."]);
    assert.deepEqual([concept.dense.length, concept.denseRea.length], [3, 2]);
    assert.deepEqual(concept.denseRea[0]?.factIndices, [4]);
    assert.deepEqual(concept.trainImages, [0, 1, 2, 3].map((n) => `${root}/concept/train/biscuit/${n}.jpg`));
    assert.deepEqual(concept.testImages, [0, 1].map((n) => `${root}/concept/test/biscuit/${n}.jpg`));
    assert.deepEqual(concept.croppedImages.length, 4);
    assert.equal(concept.negativeImages.length, 2);
    assert.deepEqual(concept.randomImages.map((path) => path.split("/").at(-1)), [
      ...Array.from({ length: 10 }, (_, n) => `${n}.png`),
    ]);
    assert.equal(concept.blackImage, `${root}/black_512x512.png`);
    assert.deepEqual(concept.photoDialogues[0], {
      image: `${root}/concept/train/biscuit/0.jpg`,
      exchanges: [
        {
          question: "What is <biscuit> doing in this photo?",
          answer: "<biscuit> is standing on ground covered with pine needles.",
        },
        {
          question: "What does <biscuit> look like?",
          answer: "<biscuit> is a small white dog with curly fur and floppy ears.",
        },
      ],
    });
    assert.equal(concept.textDialogues.length, 3);
    assert.equal(concept.positiveRecognitions.length, 4);
    assert.equal(concept.negativeRecognitions[5]?.image, `${root}/random_images/5.png`);
    assert.equal(concept.vqa[1]?.image, `${root}/concept/test/biscuit/1.jpg`);
    assert.equal(concept.textOnly.length, 3);
    assert.deepEqual(concept.evalItems[2], {
      kind: "rec",
      image: `${root}/concept/test/ash_cat/0.jpg`,
      question: "Can you see <biscuit> in this photo? Answer the question using a single word Yes or No.",
      answer: "No.",
    });
    assert.deepEqual(
      new Set(concept.evalItems.map(({ kind }) => kind)),
      new Set(["rec", "vqa", "choice", "text_only"]),
    );
    assert.equal(concept.trainingData.stage1.length, concept.trainingData.stage2.length);
    assert.ok(concept.trainingData.stage3.length > concept.trainingData.stage1.length);
    assert.deepEqual(concept.unknownKeys, {});
  });

  it("keeps an interleaved split of the facts", async () => {
    const concept = valueOf(await load("pup_pack"));
    assert.deepEqual(concept.facts.map(({ split }) => split), ["train", "test", "train", "test"]);
  });

  it("loads all bundled concepts without a warning, and every split of a prompt is the stored one", async () => {
    const world = testWorld(changedFiles());
    const concepts = valueOf(await loadConcepts(root)(world)());
    assert.deepEqual(concepts.map(({ id }) => id), [
      "biscuit",
      "ash_cat",
      "sunny_duck",
      "beep_bot",
      "racer_one",
      "pup_pack",
    ]);
    assert.deepEqual(world.warnings, []);
  });
});

describe("loadConcept() refuses", () => {
  const info = `${root}/concept/train/sunny_duck/info.json`;
  const conditions = `${root}/concept/test/sunny_duck/t2i_conditions.json`;

  it("a missing class", async () => {
    const line = failureOf(await load("sunny_duck", { [info]: hostile("concept_missing_field/info.json") }));
    assert.equal(line, `${info}: missing field \`class\`; correct the file`);
  });

  it("prompts that are fewer than the facts", async () => {
    const line = failureOf(
      await load("sunny_duck", {
        [info]: hostile("concept_misaligned/info.json"),
        [conditions]: hostile("concept_misaligned/t2i_conditions.json"),
      }),
    );
    assert.equal(
      line,
      `${conditions}: concept sunny_duck: \`personalized_driven_generation\` has 2 items, \`extra_info\` has 3; ` +
        "give both the same length, item by item",
    );
  });

  it("an unknown concept, naming those that exist", async () => {
    assert.match(
      failureOf(await load("mochi")),
      /^assets\/photos: has no concept "mochi"; choose one of biscuit, /,
    );
    assert.match(failureOf(await load("../train")), /has no concept/);
  });

  it("an image path that leads nowhere, naming file and field", async () => {
    const file = `${root}/test_data/sunny_duck.json`;
    const items = JSON.parse(Deno.readTextFileSync(file)) as { image: string }[];
    items[1] = { ...items[1], image: "/home/somebody/unictokens_data/concept/test/sunny_duck/77.jpg" };
    const line = failureOf(await load("sunny_duck", { [file]: JSON.stringify(items) }));
    assert.match(
      line,
      /^assets\/photos\/test_data\/sunny_duck\.json: \[1\]\.image: no image file for ".+77\.jpg"/,
    );
    const key = `${root}/concept/train/sunny_duck/conversations.json`;
    const unmatched = await load("sunny_duck", {
      [key]: JSON.stringify({ "9.jpg": [{ query: "a", answer: "b" }] }),
    });
    assert.match(failureOf(unmatched), /conversations\.json: \["9\.jpg"\]: names no train image/);
    const listed = `${root}/concept/train/train_images.json`;
    const missing = await load("sunny_duck", {
      [listed]: JSON.stringify({ sunny_duck: ["0.jpg", "8.jpg"] }),
    });
    assert.match(failureOf(missing), /train_images\.json: sunny_duck\[1\]: no image file for "8\.jpg"/);
  });

  it("a test photo that is also a train photo", async () => {
    const test = `${root}/concept/test/sunny_duck/7.jpg`;
    const train = Deno.readFileSync(`${root}/concept/train/sunny_duck/1.jpg`);
    const line = failureOf(await load("sunny_duck", { [test]: train }));
    assert.match(
      line,
      /^.+test\/sunny_duck\/7\.jpg: test photo is the same file as train photo .+sunny_duck\/1\.jpg; /,
    );
  });

  it("JSON that is damaged, empty or a Git LFS pointer", async () => {
    assert.match(failureOf(await load("sunny_duck", { [info]: "{" })), /info\.json: is no valid JSON/);
    assert.match(failureOf(await load("sunny_duck", { [info]: "" })), /info\.json: file is empty/);
    const pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n";
    assert.match(failureOf(await load("sunny_duck", { [info]: pointer })), /Git LFS pointer.*git lfs pull/);
  });

  it("a concept without photos, and a root without concepts", async () => {
    const listed = `${root}/concept/train/train_images.json`;
    const line = failureOf(await load("sunny_duck", { [listed]: JSON.stringify({ sunny_duck: [] }) }));
    assert.match(line, /sunny_duck: has no photo/);
    const none = await loadConcepts("nowhere")(testWorld(memoryFiles()))();
    assert.match(failureOf(none), /^nowhere: has no concepts/);
  });
});

describe("loadConcept() of the base form", () => {
  const files: Readonly<Record<string, FileContent>> = {
    "data/concept/train/bo/info.json": JSON.stringify({
      class: "dog",
      info: "<bo> is a brown dog.",
      extra_info: ["<bo> has a blue bowl.", "<bo> owns a ball."],
      generation_type: "live_subject",
      owner: "kept",
    }),
    "data/concept/train/bo/10.png": "a",
    "data/concept/train/bo/2.png": "b",
    "data/concept/train/bo/cropped/2.png": "c",
    "data/concept/train/bo/cropped/2_mask.png": "d",
    "data/concept/train/bo/conversations.json": JSON.stringify({
      "2.png": { Human: "Who?", AI: "<bo>." },
      "text_only": [{ question: "What?", answer: "A dog." }],
    }),
    "data/concept/test/bo/0.png": "e",
    "data/concept/test/bo/t2i_conditions.json": JSON.stringify([
      "A photo of <bo>.",
      "A photo of <bo> drinking.",
      "A photo of <bo> playing.",
    ]),
    "data/showo_training_data_stage_1/bo.json": JSON.stringify([
      {
        image: "/nas/unictokens_data/concept/train/bo/10.png",
        conversations: [{ from: "human", value: "<image>\nWho?" }, { from: "gpt", value: "<bo>." }],
      },
      { conversations: [{ from: "human", value: "What?" }, { from: "gpt", value: "A dog." }] },
    ]),
  };

  it("orders by number, links prompts to facts, re-roots paths and keeps unknown keys", async () => {
    const world = testWorld(memoryFiles(files));
    const concept = valueOf(await loadConcept("data", "bo")(world)());
    assert.deepEqual(concept.trainImages, ["data/concept/train/bo/2.png", "data/concept/train/bo/10.png"]);
    assert.deepEqual(concept.croppedImages, ["data/concept/train/bo/cropped/2.png"]);
    assert.deepEqual(concept.facts.map(({ split, reasoningPrompt }) => [split, reasoningPrompt]), [
      ["train", "A photo of <bo> drinking."],
      ["test", "A photo of <bo> playing."],
    ]);
    assert.equal(concept.category, "animal");
    assert.deepEqual(concept.photoDialogues, [
      { image: "data/concept/train/bo/2.png", exchanges: [{ question: "Who?", answer: "<bo>." }] },
    ]);
    assert.deepEqual(concept.textDialogues, [{ question: "What?", answer: "A dog." }]);
    assert.deepEqual(concept.trainingData.stage1, [
      { image: "data/concept/train/bo/10.png", exchanges: [{ question: "Who?", answer: "<bo>." }] },
      { image: null, exchanges: [{ question: "What?", answer: "A dog." }] },
    ]);
    assert.deepEqual(concept.unknownKeys, { owner: "kept" });
    assert.equal(concept.blackImage, null);
    assert.deepEqual(world.warnings, []);
  });

  it("warns where prompts and facts can't be linked, or where there are no prompts", async () => {
    const path = "data/concept/test/bo/t2i_conditions.json";
    const short = testWorld(
      memoryFiles({ ...files, [path]: JSON.stringify(["A photo of <bo>.", "One more."]) }),
    );
    const unlinked = valueOf(await loadConcept("data", "bo")(short)());
    assert.deepEqual(unlinked.knowledgePrompts, ["One more."]);
    assert.ok(unlinked.facts.every((fact) => fact.reasoningPrompt === undefined));
    assert.deepEqual(short.warnings, [
      `${path}: 1 knowledge-driven prompts for 2 facts; they are not linked`,
    ]);
    const absent = testWorld(memoryFiles({ ...files, [path]: null }));
    const without = valueOf(await loadConcept("data", "bo")(absent)());
    assert.deepEqual([without.base, without.knowledgePrompts], [["A photo of <bo>."], []]);
    assert.deepEqual(absent.warnings, [`${path}: file not found; bo has no generation prompts`]);
  });
});
