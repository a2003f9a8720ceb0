/**
 * The whole world on one sheet.
 *
 * @module
 */
import { type RgbImage, solidImage } from "../image/image.ts";
import { renderScene } from "./draw.ts";
import {
  ACTIVITIES,
  type Character,
  COLOURS,
  DEFAULT_SCENE,
  ITEMS,
  KINDS,
  PLACES,
  POSITIONS,
  type Scene,
  TIMES,
} from "./scene.ts";

/** How a sheet looks. */
export interface SheetOptions {
  readonly columns: number;
  /** Pixels a side of each picture, a multiple of 64; 128 if left out. */
  readonly size?: number;
  /** White pixels between pictures; 4 if left out. */
  readonly gap?: number;
}

/**
 * Puts pictures of scenes side by side.
 *
 * @param scenes Row by row.
 * @param options Columns, size, gap.
 * @returns One picture on white.
 */
export function contactSheet(scenes: readonly Scene[], options: SheetOptions): RgbImage {
  const size = options.size ?? 128;
  const step = size + (options.gap ?? 4);
  const rows = Math.ceil(scenes.length / options.columns);
  const sheet = solidImage(options.columns * step - (step - size), rows * step - (step - size), [
    255,
    255,
    255,
  ]);
  scenes.forEach((scene, index) => {
    const { data } = renderScene(scene, { size });
    const [left, top] = [(index % options.columns) * step, Math.floor(index / options.columns) * step];
    for (let y = 0; y < size; y++) {
      sheet.data.set(data.subarray(y * size * 3, (y + 1) * size * 3), ((top + y) * sheet.width + left) * 3);
    }
  });
  return sheet;
}

const CAST: readonly Character[] = [
  { kind: "man", colour: "green", hair: "brown", skin: "light" },
  { kind: "woman", colour: "yellow", hair: "black", skin: "dark" },
  { kind: "dog", colour: "orange", pattern: "spotted" },
  { kind: "cat", colour: "purple", pattern: "striped" },
  { kind: "bear", colour: "pink", pattern: "plain" },
  { kind: "robot", colour: "white", pattern: "striped" },
];

const of = (index: number): Character => CAST[index % CAST.length] as Character;

/**
 * Lists scenes in which every value of every attribute occurs.
 *
 * @returns 60 scenes for six columns: places by time, kinds by activity, items, colours, and people.
 *
 * @example
 * ```ts
 * import { sheetScenes } from "./contact_sheet.ts";
 * import assert from "node:assert/strict";
 * assert.equal(sheetScenes().length, 60);
 * ```
 */
export function sheetScenes(): readonly Scene[] {
  const views = TIMES.flatMap((time, row) =>
    PLACES.map((place, column): Scene => ({
      ...DEFAULT_SCENE,
      ...{ character: of(column + row), place, time },
      position: POSITIONS[(column + row) % POSITIONS.length] ?? "middle",
    }))
  );
  const poses = ACTIVITIES.flatMap((activity, row) =>
    KINDS.map((_, column): Scene => ({
      ...DEFAULT_SCENE,
      ...{ character: of(column), activity, place: PLACES[(row + 1) % PLACES.length] ?? "park" },
    }))
  );
  const items = [null, ...ITEMS].map((item, column): Scene => ({
    ...DEFAULT_SCENE,
    character: of(column + 2),
    accessory: item === null ? null : { item, colour: COLOURS[column] ?? "red" },
    place: "street",
  }));
  return [...views, ...poses, ...items, ...identities()];
}

/** Two rows: all colours and patterns of creatures, then hair and skin of people. */
function identities(): readonly Scene[] {
  const creatures = (["red", "yellow", "green", "blue", "pink", "white"] as const).map((
    colour,
    column,
  ): Scene => ({
    ...DEFAULT_SCENE,
    character: {
      kind: (["dog", "cat", "bear"] as const)[column % 3] ?? "dog",
      colour,
      pattern: (["spotted", "striped", "plain"] as const)[column % 3] ?? "plain",
    },
    ...{ place: "beach", activity: column > 2 ? "waving" : "standing" },
  }));
  const looks = [["black", "light"], ["brown", "dark"], ["blond", "light"], ["grey", "dark"], [
    "blond",
    "dark",
  ], [
    "black",
    "dark",
  ]] as const;
  const people = looks.map(([hair, skin], column): Scene => ({
    ...DEFAULT_SCENE,
    character: {
      kind: column % 2 === 0 ? "woman" : "man",
      colour: COLOURS[(column * 3 + 4) % COLOURS.length] ?? "blue",
      hair,
      skin,
    },
    accessory: {
      item: ITEMS[column % ITEMS.length] ?? "hat",
      colour: COLOURS[(column * 5 + 1) % 8] ?? "red",
    },
    ...{ place: "bedroom", time: "day" },
  }));
  return [...creatures, ...people];
}
