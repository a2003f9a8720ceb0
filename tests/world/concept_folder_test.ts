import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import { loadConcepts } from "../../lib/concept/unifybench.ts";
import { describe as describeError } from "../../lib/core/error.ts";
import { keyFromSeed } from "../../lib/core/key.ts";
import { categoryOf, conceptFiles, type FileTree, worldRoot } from "../../lib/world/concept_folder.ts";
import { vocabularyWords } from "../../lib/world/lexicon.ts";
import { charactersOf, KINDS } from "../../lib/world/scene.ts";
import { memoryFiles, testWorld } from "../support/files.ts";

const NAMES = ["mip", "toko", "zibo"] as const;
const HELD_OUT = charactersOf("heldout");
const MEMBERS = [KINDS[0], KINDS[2], KINDS[5]].map((kind, index) => {
  const character = HELD_OUT.find((each) => each.kind === kind);
  assert.ok(character !== undefined);
  return { character, name: NAMES[index] ?? "" };
});
const ROOT = worldRoot(MEMBERS, keyFromSeed(1));

async function load(files: FileTree) {
  const disk = Object.fromEntries([...files].map(([path, content]) => [`world/${path}`, content]));
  const capabilities = testWorld(memoryFiles(disk));
  const loaded = await loadConcepts("world")(capabilities)();
  assert.ok(E.isRight(loaded), E.isLeft(loaded) ? describeError(loaded.left) : "");
  return { concepts: loaded.right, warnings: capabilities.warnings };
}

/** All strings in a JSON value, keys apart. */
function strings(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(strings) : [];
}

describe("worldRoot()", () => {
  it("is a benchmark root that the concept reader takes without a warning", async () => {
    const { concepts, warnings } = await load(ROOT);
    assert.deepEqual(warnings, []);
    assert.deepEqual(concepts.map(({ id }) => id), NAMES);
    assert.deepEqual(concepts.map(({ category }) => category), ["human", "animal", "object"]);
    for (const concept of concepts) {
      assert.deepEqual([concept.trainImages.length, concept.testImages.length], [6, 4]);
      assert.equal(concept.croppedImages.length, 6);
      const splits = Map.groupBy(concept.facts, ({ split }) => split);
      assert.deepEqual([splits.get("train")?.length, splits.get("test")?.length], [5, 5]);
      assert.deepEqual(concept.facts.map(({ otherWordings }) => otherWordings?.length), [
        2,
        2,
        2,
        2,
        2,
        1,
        1,
        1,
        1,
        1,
      ]);
      assert.equal(concept.newCombinations?.length, 5);
      assert.deepEqual([concept.dense.length, concept.denseRea.length], [3, 2]);
      assert.ok(concept.facts.every(({ explicitPrompt }) => explicitPrompt?.includes(concept.token)));
      assert.ok(concept.photoDialogues.length === 6 && concept.vqa.length === 4);
      assert.ok(concept.trainingData.stage3.length > concept.trainingData.stage1.length);
    }
  });

  it("asks of every test picture whether it is the concept, and says no to the others", async () => {
    for (const { id, evalItems } of (await load(ROOT)).concepts) {
      const rec = evalItems.filter(({ kind }) => kind === "rec");
      const yes = rec.filter(({ image }) => image.includes(`/test/${id}/`));
      assert.deepEqual([yes.length, rec.length], [4, 4 + 2 * 4 + 4]);
      for (const { image, answer } of rec) {
        assert.equal(answer, image.includes(`/test/${id}/`) ? "Yes." : "No.");
      }
    }
  });

  it("keeps test facts out of everything that trains", () => {
    for (const name of NAMES) {
      const info = JSON.parse(String(ROOT.get(`concept/train/${name}/info.json`)));
      const details: string[] =
        JSON.parse(String(ROOT.get(`concept/test/${name}/t2i_conditions.json`))).details;
      const trained = JSON.parse(String(ROOT.get(`showo_training_data_stage_3/${name}.json`)))
        .filter(({ image }: { image: string }) => image.startsWith("black"));
      details.forEach((detail, index) => {
        const asked = strings(trained).some((text) => text === `${detail} .`);
        assert.equal(asked, info.extra_info_split[index] === "train", detail);
      });
    }
  });

  it("uses only the closed vocabulary in what a model reads or writes", () => {
    const known = new Set([
      ...vocabularyWords(),
      ...NAMES.map((name) => `<${name}>`),
      "<image>",
      "Yes.",
      "No.",
    ]);
    for (const [path, content] of ROOT) {
      if (typeof content !== "string" || /world\.json|concepts_list|train_images|recognitions/.test(path)) {
        continue;
      }
      const texts = strings(JSON.parse(content)).filter((text) => text.includes(" ") || text.endsWith("."));
      for (const word of texts.join(" ").split(/\s+/)) assert.ok(known.has(word), `${path}: "${word}"`);
    }
  });

  it("writes the same files from the same key", () => {
    assert.deepEqual(worldRoot(MEMBERS, keyFromSeed(1)), ROOT);
    assert.notDeepEqual(worldRoot(MEMBERS, keyFromSeed(2)), ROOT);
  });
});

describe("conceptFiles()", () => {
  it("follows the sizes that it is asked for", () => {
    const [member] = MEMBERS;
    assert.ok(member !== undefined);
    const files = conceptFiles(member.character, keyFromSeed(3), {
      ...{
        name: "mip",
        trainImages: 3,
        testImages: 2,
        size: 128,
        conditionFirst: true,
      },
    });
    const info = JSON.parse(String(files.get("concept/train/mip/info.json")));
    assert.equal(info.num_testing_info, 5);
    assert.ok(info.extra_info.every((fact: string) => !fact.startsWith("<mip> ")));
    const picture = files.get("concept/test/mip/1.png");
    assert.ok(picture instanceof Uint8Array && !files.has("concept/test/mip/2.png"));
    assert.equal(new DataView(picture.buffer).getUint32(16), 128);
  });
});

describe("facts", () => {
  it("say the condition last, as sentences do, unless asked", () => {
    const [member] = MEMBERS;
    assert.ok(member !== undefined);
    const files = conceptFiles(member.character, keyFromSeed(3), {
      name: "mip",
      trainImages: 1,
      testImages: 1,
    });
    const info = JSON.parse(String(files.get("concept/train/mip/info.json")));
    const last = info.extra_info.map((fact: string) => fact.startsWith("<mip> "));
    assert.deepEqual(last, Array(10).fill(true));
    assert.deepEqual(info.extra_info_split, [...Array(5).fill("train"), ...Array(5).fill("test")]);
  });
});

describe("categoryOf()", () => {
  it("sorts the kinds", () => {
    assert.deepEqual(KINDS.map(categoryOf), ["human", "human", "animal", "animal", "animal", "object"]);
  });
});
