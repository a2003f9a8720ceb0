import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import type { RgbImage } from "../../lib/image/image.ts";
import { characterBox, renderScene } from "../../lib/world/draw.ts";
import {
  ACTIVITIES,
  type Character,
  COLOURS,
  HAIRS,
  isPerson,
  ITEMS,
  KINDS,
  PATTERNS,
  PLACES,
  POSITIONS,
  type Scene,
  SKINS,
  TIMES,
} from "../../lib/world/scene.ts";
import { scenes } from "./arbitrary.ts";

/** Mean absolute difference of each 8 × 8 patch, 0…255. */
function patchDifferences(a: RgbImage, b: RgbImage): readonly number[] {
  const sums = new Float64Array(64);
  for (let index = 0; index < a.data.length; index++) {
    const pixel = Math.floor(index / 3);
    const patch = Math.floor(pixel / 64 / 8) * 8 + Math.floor((pixel % 64) / 8);
    sums[patch] = (sums[patch] ?? 0) + Math.abs((a.data[index] ?? 0) - (b.data[index] ?? 0));
  }
  return [...sums].map((sum) => sum / 192);
}

/** Every scene that differs from one in a single attribute, named by it. */
function neighbours(scene: Scene): readonly (readonly [string, Scene])[] {
  const { character, accessory } = scene;
  const be = (changes: object): Scene => ({ ...scene, character: { ...character, ...changes } as Character });
  const identity: (readonly [string, Scene])[] = [
    ...KINDS.filter((kind) => isPerson({ ...character, kind } as Character) === isPerson(character))
      .map((kind) => [`kind ${kind}`, be({ kind })] as const),
    ...COLOURS.map((colour) => [`colour ${colour}`, be({ colour })] as const),
    ...(isPerson(character)
      ? [
        ...HAIRS.map((hair) => [`hair ${hair}`, be({ hair })] as const),
        ...SKINS.map((skin) => [`skin ${skin}`, be({ skin })] as const),
      ]
      : PATTERNS.map((pattern) => [`pattern ${pattern}`, be({ pattern })] as const)),
  ];
  const colour = accessory?.colour ?? "red";
  return [
    ...identity,
    ...ITEMS.map((item) => [`item ${item}`, { ...scene, accessory: { item, colour } }] as const),
    ["no item", { ...scene, accessory: null }] as const,
    ...(accessory === null
      ? []
      : COLOURS.map((each) =>
        [`accessory ${each}`, { ...scene, accessory: { ...accessory, colour: each } }] as const
      )),
    ...PLACES.map((place) => [`place ${place}`, { ...scene, place }] as const),
    ...TIMES.map((time) => [`time ${time}`, { ...scene, time }] as const),
    ...ACTIVITIES.map((activity) => [`activity ${activity}`, { ...scene, activity }] as const),
    ...POSITIONS.map((position) => [`position ${position}`, { ...scene, position }] as const),
  ].filter(([, other]) => JSON.stringify(other) !== JSON.stringify(scene));
}

describe("renderScene()", () => {
  it("gives the same bytes for the same scene", () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        assert.deepEqual(renderScene(scene), renderScene(structuredClone(scene)));
      }),
      { numRuns: 20 },
    );
  });

  it("shows every attribute: one change alters a whole token patch clearly", () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const picture = renderScene(scene);
        for (const [name, other] of neighbours(scene)) {
          const strongest = Math.max(...patchDifferences(picture, renderScene(other)));
          assert.ok(strongest > 8, `${name}: ${strongest.toFixed(1)} in ${JSON.stringify(scene)}`);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("draws any multiple of 64, the large one averaging to the small one", () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const [small, large] = [renderScene(scene), renderScene(scene, { size: 128 })];
        let total = 0;
        for (let y = 0; y < 64; y++) {
          for (let x = 0; x < 64; x++) {
            for (let channel = 0; channel < 3; channel++) {
              const at = (dx: number, dy: number) =>
                large.data[((2 * y + dy) * 128 + 2 * x + dx) * 3 + channel] ?? 0;
              const mean = (at(0, 0) + at(1, 0) + at(0, 1) + at(1, 1)) / 4;
              total += Math.abs(mean - (small.data[(y * 64 + x) * 3 + channel] ?? 0));
            }
          }
        }
        assert.ok(total / small.data.length < 2.5, `${total / small.data.length}`);
      }),
      { numRuns: 10 },
    );
  });
});

describe("characterBox()", () => {
  it("holds what changes with the character's colour, accessory aside", () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const box = characterBox(scene);
        const colour = scene.character.colour === "red" ? "blue" : "red";
        const other = renderScene({ ...scene, character: { ...scene.character, colour } });
        const picture = renderScene(scene);
        let [inside, all] = [0, 0];
        for (let index = 0; index < picture.data.length; index++) {
          const change = Math.abs((picture.data[index] ?? 0) - (other.data[index] ?? 0));
          const [x, y] = [Math.floor(index / 3) % 64, Math.floor(index / 192)];
          all += change;
          if (x >= box.x && x < box.x + box.width && y >= box.y && y < box.y + box.height) inside += change;
        }
        assert.ok(all > 0 && inside / all > 0.93, `${inside / all} in ${JSON.stringify(scene)}`);
      }),
      { numRuns: 40 },
    );
  });

  it("lies on the token grid inside the picture and scales with it", () => {
    fc.assert(fc.property(scenes, (scene) => {
      const box = characterBox(scene);
      for (const value of Object.values(box)) assert.equal(value % 8, 0);
      assert.ok(box.x >= 0 && box.y >= 0 && box.x + box.width <= 64 && box.y + box.height <= 64);
      assert.deepEqual(
        Object.values(characterBox(scene, { size: 128 })),
        Object.values(box).map((value) => value * 2),
      );
    }));
  });
});
