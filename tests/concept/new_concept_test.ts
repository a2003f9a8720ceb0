import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { newConcept } from "../../lib/concept/new_concept.ts";
import type { NewConcept, PhotoFile } from "../../lib/concept/new_concept_spec.ts";
import { loadConcept, loadConcepts } from "../../lib/concept/unifybench.ts";
import { memoryFiles, testWorld } from "../support/files.ts";
import { failureOf, valueOf } from "./expect_failure.ts";

const photo = (path: string): PhotoFile => ({ name: path, bytes: Deno.readFileSync(path) });
const own = (path: string): PhotoFile => photo(`assets/photos/concept/${path}`);
const spec: NewConcept = {
  id: "mochi",
  className: "dog",
  category: "animal",
  facts: [
    {
      text: "<sks> wears a pink bib when going out.",
      reasoningPrompt: "A photo of <sks> going out.",
      explicitPrompt: "A photo of <sks> going out in a pink bib.",
      detail: "a pink bib",
    },
    { text: "<sks> digs in the sand at the beach.", reasoningPrompt: "A photo of <mochi> at the beach." },
  ],
  photos: [0, 1, 2, 3].map((n) => own(`train/biscuit/${n}.jpg`)),
  lookAlikes: [own("train/biscuit/negative_example/0.jpg")],
  otherPhotos: [0, 1, 2, 3, 4].map((n) => photo(`assets/photos/random_images/${n}.png`)),
  dense: ["A photo of <sks> on a bench. Trees stand behind."],
  denseRea: [{ text: "A photo of <sks> at the beach, at noon.", factIndices: [1] }],
};
const rooted = (files: ReadonlyMap<string, Uint8Array | string>) =>
  memoryFiles(Object.fromEntries([...files].map(([path, content]) => [`data/${path}`, content])));

describe("newConcept()", () => {
  const folder = valueOf(newConcept(spec));

  it("writes a folder that loadConcept() reads without a warning", async () => {
    const world = testWorld(rooted(folder.files));
    const concept = valueOf(await loadConcept("data", "mochi")(world)());
    assert.deepEqual([world.warnings, folder.warnings], [[], []]);
    assert.equal(concept.info, "<mochi> is a dog.");
    assert.deepEqual([concept.category, concept.generationType], ["animal", "live_subject"]);
    assert.deepEqual(
      concept.facts.map(({ split, reasoningPrompt, explicitPrompt }) => [
        split,
        reasoningPrompt,
        explicitPrompt,
      ]),
      [
        ["train", "A photo of <mochi> going out.", "A photo of <mochi> going out in a pink bib."],
        ["test", "A photo of <mochi> at the beach.", undefined],
      ],
    );
    assert.deepEqual([concept.trainImages.length, concept.testImages.length, concept.croppedImages.length], [
      3,
      1,
      3,
    ]);
    assert.deepEqual([concept.negativeImages.length, concept.randomImages.length], [1, 5]);
    assert.equal(concept.blackImage, "data/black_512x512.png");
    assert.deepEqual(concept.denseRea[0]?.segments, ["A photo of the dog at the beach", "at noon"]);
  });

  it("asks both answers in training and in the test, about different photos", async () => {
    const concept = valueOf(await loadConcept("data", "mochi")(testWorld(rooted(folder.files)))());
    const { stage1, stage2, stage3 } = concept.trainingData;
    assert.deepEqual(stage1, stage2);
    assert.deepEqual(stage3.slice(0, stage1.length), stage1);
    const answers = (samples: typeof stage1) =>
      samples.flatMap(({ exchanges }) => exchanges.map(({ answer }) => answer));
    for (const wanted of ["Yes.", "No."]) {
      assert.ok(answers(stage1).includes(wanted));
      assert.ok(concept.evalItems.some(({ kind, answer }) => kind === "rec" && answer === wanted));
    }
    const trained = new Set(stage3.map(({ image }) => image));
    const tested = concept.evalItems.filter(({ kind }) => kind === "rec").map(({ image }) => image);
    assert.ok(tested.every((image) => !trained.has(image)));
    const choice = concept.evalItems.find(({ kind }) => kind === "choice");
    assert.match(choice?.question ?? "", new RegExp(`${choice?.answer}\\. dog `));
  });

  it("tells no test fact in a dialogue", () => {
    for (const [path, content] of folder.files) {
      if (typeof content !== "string" || /info\.json$|t2i_conditions/.test(path)) continue;
      assert.ok(!content.includes("digs in the sand"), path);
    }
    assert.match(
      String(folder.files.get("showo_training_data_stage_3/mochi.json")),
      /pink bib when going out/,
    );
  });

  it("adds to a dataset that exists", async () => {
    const existing = { concepts: ["bo", "mochi"], trainImages: { bo: ["0.png"] } };
    const { files } = valueOf(newConcept(spec, existing));
    assert.deepEqual(JSON.parse(String(files.get("concepts_list.json"))), ["bo", "mochi"]);
    assert.deepEqual(JSON.parse(String(files.get("concept/train/train_images.json"))), {
      bo: ["0.png"],
      mochi: ["0.jpg", "1.jpg", "2.jpg"],
    });
    const alone = valueOf(await loadConcepts("data")(testWorld(rooted(folder.files)))());
    assert.deepEqual(alone.map(({ id }) => id), ["mochi"]);
  });

  it("skips bad and repeated photos with a warning, and fails if none is left", () => {
    const bad = { name: "bad.jpg", bytes: Deno.readFileSync("tests/fixtures/hostile/truncated.jpg") };
    const photos = [bad, ...spec.photos, { ...spec.photos[0] as PhotoFile, name: "again.jpg" }];
    const { warnings, files } = valueOf(newConcept({ ...spec, photos }));
    assert.deepEqual(warnings, [
      "skipped bad.jpg: JPEG data ends early; copy or download the picture again",
      "skipped again.jpg: the same file as another photo",
    ]);
    assert.ok(files.has("concept/train/mochi/2.jpg") && !files.has("concept/train/mochi/3.jpg"));
    assert.match(failureOf(newConcept({ ...spec, photos: [bad] })), /^mochi: no valid train photo among 1; /);
  });

  it("warns where something can't be learned or measured", () => {
    const { otherPhotos: _, ...without } = spec;
    const { warnings } = valueOf(newConcept({ ...without, photos: spec.photos.slice(0, 2) }));
    assert.deepEqual(warnings, [
      "mochi: no test photo; recognition can't be measured",
      "mochi: no photos of other things; the answer No can't be learned",
    ]);
  });

  it("keeps a test photo out of the train photos", () => {
    const { files, warnings } = valueOf(
      newConcept({ ...spec, testPhotos: [spec.photos[1] as PhotoFile, own("test/biscuit/0.jpg")] }),
    );
    assert.ok(files.has("concept/test/mochi/0.jpg") && !files.has("concept/test/mochi/1.jpg"));
    assert.equal(warnings.length, 1);
  });

  it("refuses texts without the token and names that are no names", () => {
    const problem = (change: Partial<NewConcept>): string => failureOf(newConcept({ ...spec, ...change }));
    assert.match(problem({ id: "my dog" }), /^"my dog": is no valid concept id; /);
    assert.match(problem({ id: "token_0" }), /^token_0: <token_0> is the name of a learnable token; /);
    assert.match(problem({ className: " " }), /^mochi: has no class; /);
    assert.match(problem({ info: "A dog." }), /^mochi: info: does not begin with "<mochi> is"; /);
    assert.match(
      problem({ dense: ["A photo of a dog."] }),
      /^mochi: dense\[0\]: does not contain <mochi>; write <mochi> or <sks>/,
    );
    const facts = [{ text: "It barks.", reasoningPrompt: "A photo of <sks>." }];
    assert.match(problem({ facts }), /^mochi: facts\[0\]\.text: does not contain/);
  });
});
