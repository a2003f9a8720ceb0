import { describe, it } from "@std/testing/bdd";
import { fold } from "../../../../lib/core/key.ts";
import { FACE_PIXELS } from "../../../../lib/experts/shared/preprocess.ts";
import { faceCrops, facePlace, shaken } from "../../../../lab/pretrain/experts/face_places.ts";
import { renderScene } from "../../../../lib/world/draw.ts";
import { SKIN_PAINT } from "../../../../lib/world/palette.ts";
import { ACTIVITIES, POSITIONS, type Scene } from "../../../../lib/world/scene.ts";
import assert from "node:assert/strict";
import { KEY } from "./tiny.ts";

const scenes = ACTIVITIES.flatMap((activity) =>
  POSITIONS.map((position): Scene => ({
    character: { kind: "woman", colour: "red", hair: "black", skin: "light" },
    accessory: null,
    place: "park",
    time: "day",
    activity,
    position,
  }))
);

describe("facePlace()", () => {
  it("lies on the skin of the face in every pose and place", () => {
    for (const scene of scenes) {
      const image = renderScene(scene, { size: 128 });
      const { points } = facePlace(scene, 128);
      const [nose] = [points[2] as readonly [number, number]];
      const at = (Math.round(nose[1]) * 128 + Math.round(nose[0])) * 3;
      const seen = [...image.data.slice(at, at + 3)];
      assert.deepEqual(seen, [...SKIN_PAINT.light], `${scene.activity} ${scene.position}`);
    }
  });
  it("lies inside the picture but for a head at its edge", () => {
    for (const scene of scenes) {
      const [x1, y1, x2, y2] = facePlace(scene, 64).box;
      assert.ok(x1 >= 0 && y1 >= 0 && x2 <= 64 && y2 <= 64);
      assert.equal(x2 - x1, 22);
    }
  });
});

describe("shaken()", () => {
  it("moves a box by at most its share", () => {
    for (let index = 0; index < 50; index++) {
      const [x1, y1, x2, y2] = shaken(fold(KEY, index), [10, 10, 30, 30], 0.1);
      assert.ok(Math.abs((x1 + x2) / 2 - 20) <= 2 && Math.abs((y1 + y2) / 2 - 20) <= 2);
      assert.ok(x2 - x1 >= 16 && x2 - x1 <= 24);
    }
  });
});

describe("faceCrops()", () => {
  it("cuts a square of the wanted side", () => {
    const images = scenes.map((scene) => renderScene(scene, { size: 64 }));
    const crops = faceCrops(KEY, scenes, { images, crop: { side: 80, margin: 32 } });
    assert.ok(crops.every(({ width, height }) => width === 80 && height === 80));
    assert.equal(FACE_PIXELS.scale * 255 - FACE_PIXELS.mean[0], 127.5 / 128);
  });
});
