import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { decodeImage } from "../../lib/image/image_file.ts";
import { contactSheet, sheetScenes } from "../../lib/world/contact_sheet.ts";
import { renderScene } from "../../lib/world/draw.ts";
import {
  ACTIVITIES,
  COLOURS,
  HAIRS,
  ITEMS,
  KINDS,
  PATTERNS,
  PLACES,
  POSITIONS,
  SKINS,
  TIMES,
} from "../../lib/world/scene.ts";
import { attributesOf } from "../../lib/world/scene_truth.ts";

describe("sheetScenes()", () => {
  it("show every value of every attribute", () => {
    const seen = new Set(sheetScenes().flatMap((scene) => Object.values(attributesOf(scene))));
    const values = [KINDS, COLOURS, PATTERNS, HAIRS, SKINS, ITEMS, PLACES, TIMES, ACTIVITIES, POSITIONS]
      .flat();
    assert.deepEqual(values.filter((value) => !seen.has(value)), []);
  });
});

describe("contactSheet()", () => {
  it("puts each picture in its place", () => {
    const scenes = sheetScenes().slice(0, 5);
    const sheet = contactSheet(scenes, { columns: 3, size: 64, gap: 2 });
    assert.deepEqual([sheet.width, sheet.height], [3 * 64 + 4, 2 * 64 + 2]);
    const last = renderScene(scenes[4] as typeof scenes[0] & object);
    const at = (
      x: number,
      y: number,
    ) => [...sheet.data.slice((y * sheet.width + x) * 3, (y * sheet.width + x) * 3 + 3)];
    assert.deepEqual(at(66 + 20, 66 + 40), [...last.data.slice((40 * 64 + 20) * 3, (40 * 64 + 20) * 3 + 3)]);
    assert.deepEqual(at(150, 100), [255, 255, 255]);
  });

  it("is what docs/img/world-contact-sheet.png shows", () => {
    const file = new URL("../../docs/img/world-contact-sheet.png", import.meta.url);
    const read = decodeImage(Deno.readFileSync(file), "world-contact-sheet.png");
    assert.ok(read._tag === "Right");
    assert.deepEqual(read.right.image, contactSheet(sheetScenes(), { columns: 6 }));
  });
});
