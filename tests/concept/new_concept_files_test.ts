import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { rootFiles, textFiles } from "../../lib/concept/new_concept_files.ts";

const placed = (path: string) => ({ path, bytes: new Uint8Array() });
const photos = {
  train: [placed("concept/train/m/0.png")],
  test: [placed("concept/test/m/0.png")],
  hard: [],
  easy: [0, 1, 2, 3, 4].map((n) => placed(`random_images/m_${n}.png`)),
};
const spec = { id: "m", className: "dog", info: "<m> is a dog.", facts: [], photos: [] };

describe("textFiles()", () => {
  const files = new Map(textFiles(spec, [], photos));

  it("trains on six in ten of the other photos and tests on the rest", () => {
    const images = (path: string): string[] =>
      (JSON.parse(files.get(path) ?? "[]") as { image: string }[]).map(({ image }) => image);
    const others = (
      path: string,
    ): string[] => [...new Set(images(path).filter((image) => image.startsWith("random")))];
    assert.deepEqual(others("showo_training_data_stage_1/m.json").length, 3);
    assert.deepEqual(others("test_data/m.json"), ["random_images/m_3.png", "random_images/m_4.png"]);
  });

  it("gives the choice test four different answers, the right one among them", () => {
    const items = JSON.parse(files.get("test_data/m.json") ?? "[]") as {
      type: string;
      conversations: { value: string }[];
    }[];
    const [question, answer] = items.find(({ type }) => type === "choice")?.conversations ?? [];
    const options = [...(question?.value ?? "").matchAll(/([A-D])\. (\w+)/g)];
    assert.equal(new Set(options.map(([, , word]) => word)).size, 4);
    assert.equal(options.find(([, letter]) => letter === answer?.value)?.[2], "dog");
  });
});

describe("rootFiles()", () => {
  it("replaces the concept where it exists", () => {
    const existing = { concepts: ["m", "n"], trainImages: { m: ["9.png"], n: ["0.png"] } };
    const files = new Map(rootFiles("m", photos, existing));
    assert.deepEqual(JSON.parse(String(files.get("concepts_list.json"))), ["n", "m"]);
    assert.deepEqual(JSON.parse(String(files.get("concept/train/train_images.json"))), {
      m: ["0.png"],
      n: ["0.png"],
    });
    assert.ok(files.get("black_512x512.png") instanceof Uint8Array);
  });
});
