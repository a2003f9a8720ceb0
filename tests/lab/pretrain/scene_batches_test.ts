import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { solidImage } from "../../../lib/image/image.ts";
import { keyFromSeed } from "../../../lib/core/key.ts";
import {
  drawScenes,
  importanceTensor,
  labelTensors,
  pictureTensor,
  READER_CLASSES,
  spoil,
} from "../../../lab/pretrain/scene_batches.ts";
import { disposeTree } from "../../../lib/tensor/tree.ts";
import { characterBox } from "../../../lib/world/draw.ts";
import { attributesOf } from "../../../lib/world/scene_truth.ts";
import { charactersOf, isHeldOutCombination, type Scene } from "../../../lib/world/scene.ts";
import { useTestBackend } from "../../support/backend.ts";

await useTestBackend("cpu");
const scenes = drawScenes(keyFromSeed(1), { count: 30, characters: charactersOf("pretrain") });

describe("drawScenes()", () => {
  it("draws what pretraining may see, the same from the same key", () => {
    assert.ok(scenes.every((scene) => !isHeldOutCombination(scene)));
    assert.deepEqual(
      drawScenes(keyFromSeed(1), { count: 5, characters: charactersOf("pretrain") }),
      scenes.slice(0, 5),
    );
  });
});

describe("labelTensors()", () => {
  it("numbers the classes of every scene", () => {
    const labels = labelTensors(scenes);
    for (const [attribute, classes] of Object.entries(READER_CLASSES)) {
      const found = [...(labels[attribute] as NonNullable<typeof labels[string]>).dataSync()];
      const expected = scenes.map((scene) => attributesOf(scene)[attribute as keyof typeof READER_CLASSES]);
      assert.ok(found.every((index) => index >= 0));
      assert.deepEqual(found.map((index) => classes[index]), expected);
    }
    disposeTree(labels);
  });
});

describe("pictureTensor()", () => {
  it("scales to [−1, 1]", () => {
    const tensor = pictureTensor([solidImage(2, 1, [0, 255, 51])]);
    assert.deepEqual(tensor.shape, [1, 1, 2, 3]);
    const expected = [-1, 1, -0.6, -1, 1, -0.6];
    [...tensor.dataSync()].forEach((value, n) => assert.ok(Math.abs(value - (expected[n] as number)) < 1e-6));
    tensor.dispose();
  });
});

describe("importanceTensor()", () => {
  it("counts the character's box more", () => {
    const [scene] = scenes as readonly [Scene, ...Scene[]];
    const tensor = importanceTensor([scene], { size: 32, weight: 3 });
    const box = characterBox(scene, { size: 32 });
    [...tensor.dataSync()].forEach((value, n) => {
      const [x, y] = [n % 32, Math.floor(n / 32)];
      const inside = x >= box.x && x < box.x + box.width && y >= box.y && y < box.y + box.height;
      assert.equal(value, inside ? 3 : 1);
    });
    tensor.dispose();
  });
});

describe("spoil()", () => {
  it("leaves about 60 % as they are, and all sizes", () => {
    const images = Array.from(
      { length: 200 },
      (_, n) => ({
        ...solidImage(5, 3),
        data: Uint8Array.from({ length: 45 }, (_, i) => (i * 37 + n) % 256),
      }),
    );
    const found = spoil(keyFromSeed(2), images);
    const same = found.filter((image, index) => image === images[index]).length;
    assert.ok(same > 100 && same < 140, `${same}`);
    assert.ok(found.every(({ data, width, height }) => data.length === 45 && width === 5 && height === 3));
  });
});
