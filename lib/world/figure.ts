/**
 * The characters: one body plan of 32 × 48 units, six clearly different heads, four poses.
 *
 * The origin is the top left of the body's box; the head's middle is at (16, 16) and the soles are at y = 47. Asleep,
 * the head lies 16 units lower on a curled-up body. Accessories sit in the same place on every kind.
 *
 * @module
 */
import type { Brush } from "./brush.ts";
import { HAIR_PAINT, mix, PAINT, SKIN_PAINT, tint } from "./palette.ts";
import type { Point, Rgb } from "./raster.ts";
import { type Activity, type Character, isPerson, type Kind, type Scene } from "./scene.ts";

const INK: Rgb = [36, 30, 40];
const CHALK: Rgb = [255, 255, 255];
const TROUSERS: Rgb = [70, 78, 110];
const MIDDLE = 16;

const SCARF_END: readonly Point[] = [[20, 29], [27, 28], [28, 40], [21, 41]];
const SCARF_END_ASLEEP: readonly Point[] = [[24, 39.5], [37, 36.5], [38.5, 43], [25, 46]];

/** What the parts of one character are painted with. */
interface Paints {
  readonly body: Rgb;
  readonly face: Rgb;
  readonly hand: Rgb;
  readonly leg: Rgb;
  readonly hair: Rgb;
  readonly mark: Rgb;
}

function paintsOf(character: Character): Paints {
  const body = PAINT[character.colour];
  if (!isPerson(character)) {
    return { body, face: body, hand: body, leg: body, hair: body, mark: tint(body, 0.42) };
  }
  const skin = SKIN_PAINT[character.skin];
  return { body, face: skin, hand: skin, leg: TROUSERS, hair: HAIR_PAINT[character.hair], mark: body };
}

/**
 * Paints the character of a scene with its accessory.
 *
 * @param brush A brush whose origin is the top left of the character's box.
 * @param scene The scene; place, time and position do not matter here.
 */
export function paintFigure(brush: Brush, scene: Scene): void {
  const paints = paintsOf(scene.character);
  const asleep = scene.activity === "sleeping";
  const drop = asleep ? 16 : 0;
  if (scene.accessory?.item === "backpack") paintBackpack(brush, PAINT[scene.accessory.colour], asleep);
  paintBehindHead(brush, scene.character, { paints, drop });
  if (asleep) paintCurledBody(brush, scene.character, paints);
  else {
    paintArms(brush, scene, { paints, raised: false });
    paintUprightBody(brush, scene, paints);
  }
  if (scene.accessory?.item === "backpack") paintStraps(brush, PAINT[scene.accessory.colour], asleep);
  paintHead(brush, scene.character, { paints, drop });
  paintFace(brush, scene.character.kind, { paints, drop, asleep });
  if (!asleep) paintArms(brush, scene, { paints, raised: true });
  paintAccessory(brush, scene, drop);
}

interface HeadOptions {
  readonly paints: Paints;
  readonly drop: number;
}

function paintBehindHead(brush: Brush, character: Character, { paints, drop }: HeadOptions): void {
  const y = drop;
  const inner = mix(paints.face, [255, 170, 170], 0.5);
  switch (character.kind) {
    case "man":
      return;
    case "woman":
      brush.outlinedEllipse([MIDDLE, 15 + y], [14, 13], paints.hair);
      brush.outlinedPolygon([[2, 14 + y], [30, 14 + y], [31, 33 + y], [1, 33 + y]], paints.hair);
      return;
    case "dog":
      return;
    case "cat":
      for (const side of [-1, 1]) {
        const x = (offset: number) => MIDDLE + side * offset;
        brush.outlinedPolygon([[x(13.5), -2 + y], [x(3), 8 + y], [x(13), 15 + y]], paints.face);
        brush.polygon([[x(11.6), 2 + y], [x(6.5), 8 + y], [x(11.4), 11.5 + y]], inner);
      }
      return;
    case "bear":
      for (const x of [5, 27]) {
        brush.outlinedEllipse([x, 6 + y], [5.4, 5.4], paints.face);
        brush.ellipse([x, 6 + y], [2.6, 2.6], inner);
      }
      return;
    case "robot":
      brush.line([[MIDDLE, 6 + y], [MIDDLE, -3 + y]], 2, [90, 94, 104]);
      for (const x of [3, 29]) brush.outlinedEllipse([x, 16 + y], [3, 4.5], [150, 154, 164]);
  }
}

function paintHead(brush: Brush, character: Character, { paints, drop }: HeadOptions): void {
  const y = drop;
  if (character.kind === "robot") {
    brush.outlinedPolygon([[4, 6 + y], [28, 6 + y], [28, 27 + y], [4, 27 + y]], paints.face);
  } else if (isPerson(character)) {
    brush.outlinedEllipse([MIDDLE, 17 + y], [11, 10.5], paints.face);
  } else {
    brush.outlinedEllipse([MIDDLE, 17 + y], [12.5, 10.8], paints.face);
  }
  if (!isPerson(character)) paintHeadPattern(brush, character.pattern, { paints, drop });
  if (character.kind === "man") {
    brush.outlinedPolygon([
      [4.5, 16 + y],
      [4, 10 + y],
      [8, 5 + y],
      [16, 3 + y],
      [24, 5 + y],
      [28, 10 + y],
      [27.5, 16 + y],
      [25, 11.5 + y],
      [7, 11.5 + y],
    ], paints.hair);
    brush.outlinedPolygon([[5.5, 19 + y], [10, 21.5 + y], [22, 21.5 + y], [26.5, 19 + y], [24, 26 + y], [
      16,
      29 + y,
    ], [8, 26 + y]], paints.hair);
  } else if (character.kind === "woman") {
    brush.outlinedPolygon([
      [4, 17 + y],
      [4.5, 9 + y],
      [10, 4.5 + y],
      [16, 3 + y],
      [22, 4.5 + y],
      [27.5, 9 + y],
      [28, 17 + y],
      [22, 9.5 + y],
      [13, 9 + y],
      [7.5, 13 + y],
    ], paints.hair);
  } else if (character.kind === "dog") {
    for (const side of [-1, 1]) {
      const x = (offset: number) => MIDDLE + side * offset;
      brush.outlinedPolygon([
        [x(8), 7 + y],
        [x(13), 9 + y],
        [x(16), 18 + y],
        [x(15), 26 + y],
        [x(11), 26 + y],
        [x(10), 15 + y],
      ], tint(paints.face, 0.62));
    }
  } else if (character.kind === "robot") {
    brush.outlinedEllipse([MIDDLE, -3 + y], [3.4, 3.4], [255, 96, 80]);
  }
}

function paintHeadPattern(
  brush: Brush,
  pattern: "plain" | "spotted" | "striped",
  { paints, drop }: HeadOptions,
): void {
  if (pattern === "spotted") {
    for (const [x, y] of [[11, 9.5], [20.5, 10], [25, 15.5]] as const) {
      brush.ellipse([x, y + drop], [2.2, 2], paints.mark);
    }
  } else if (pattern === "striped") {
    for (const x of [11, 16, 21]) brush.line([[x, 8 + drop], [x, 11.5 + drop]], 2, paints.mark);
  }
}

function paintFace(
  brush: Brush,
  kind: Kind,
  { paints, drop, asleep }: HeadOptions & { readonly asleep: boolean },
): void {
  const y = drop;
  const robot = kind === "robot";
  if (robot) brush.outlinedPolygon([[7, 12 + y], [25, 12 + y], [25, 20 + y], [7, 20 + y]], [60, 70, 90]);
  if (kind === "dog" || kind === "bear") {
    brush.outlinedEllipse(
      [MIDDLE, 22.5 + y],
      kind === "dog" ? [7, 5.4] : [5.6, 4.6],
      mix(paints.face, CHALK, 0.65),
    );
  }
  for (const x of [11.5, 20.5]) {
    const eye: Point = [x, 16 + y];
    if (asleep) {
      brush.line([[x - 2.2, 16 + y], [x, 17 + y], [x + 2.2, 16 + y]], 1.2, robot ? [150, 255, 240] : INK);
    } else if (robot) brush.ellipse(eye, [2.6, 2.6], [150, 255, 240]);
    else {
      brush.ellipse(eye, [2.5, 2.8], CHALK);
      brush.ellipse([x, 16.4 + y], [1.7, 2.1], kind === "cat" ? [24, 92, 40] : INK);
    }
  }
  paintMouth(brush, kind, y);
}

function paintMouth(brush: Brush, kind: Kind, y: number): void {
  const smile = (top: number, half: number, colour: Rgb) =>
    brush.line([[MIDDLE - half, top + y], [MIDDLE, top + 1.4 + y], [MIDDLE + half, top + y]], 1.1, colour);
  switch (kind) {
    case "man":
      return smile(23.5, 3, [255, 220, 214]);
    case "woman":
      brush.ellipse([MIDDLE, 23 + y], [3, 1.6], [214, 44, 70]);
      return;
    case "dog":
      brush.ellipse([MIDDLE, 20 + y], [3, 2.2], INK);
      brush.outlinedEllipse([MIDDLE, 26 + y], [2.4, 3], [240, 100, 120]);
      return;
    case "cat":
      brush.polygon([[13.8, 19.5 + y], [18.2, 19.5 + y], [16, 22 + y]], [230, 90, 120]);
      for (const side of [-1, 1]) {
        for (const rise of [-1.4, 1.6]) {
          brush.line([[MIDDLE + side * 5, 22 + y], [MIDDLE + side * 13, 22 + rise + y]], 0.8, INK);
        }
      }
      return smile(23.4, 2.6, INK);
    case "bear":
      brush.ellipse([MIDDLE, 20.6 + y], [2.4, 1.7], INK);
      return smile(23.6, 2.4, INK);
    case "robot":
      brush.rectangle([10, 22 + y, 22, 25 + y], [60, 70, 90]);
      for (const x of [12, 15, 18]) brush.rectangle([x, 22.5 + y, x + 1.6, 24.5 + y], CHALK);
  }
}

function paintUprightBody(brush: Brush, scene: Scene, paints: Paints): void {
  const { character, activity } = scene;
  const spread = activity === "jumping" ? 4 : 0;
  for (const side of [-1, 1]) {
    const x = (offset: number) => MIDDLE + side * offset;
    brush.outlinedLine([[x(4.5), 39], [x(4.8 + spread), 44.6]], 6, paints.leg);
  }
  const hem = character.kind === "woman" ? 12.5 : 9;
  brush.outlinedPolygon([[9, 25], [23, 25], [MIDDLE + hem, 41.5], [MIDDLE - hem, 41.5]], paints.body);
  if (isPerson(character)) return;
  if (character.pattern === "spotted") {
    for (const [x, y] of [[12, 33], [19, 31.5], [15.5, 38], [21.5, 37.5]] as const) {
      brush.ellipse([x, y], [2, 2], paints.mark);
    }
  } else if (character.pattern === "striped") {
    for (const y of [32.5, 37.5]) brush.line([[10, y], [22, y]], 2.2, paints.mark);
  }
}

/** Where a hand is: the left one of the picture carries things, so it stays down when it does. */
function handPlace(scene: Scene, side: -1 | 1): Point {
  const carries = scene.accessory?.item === "ball" || scene.accessory?.item === "umbrella";
  if (side === -1 && carries) return [3.5, 35];
  if (scene.activity === "jumping") return [MIDDLE + side * 14, 16];
  if (scene.activity === "waving" && side === 1) return [30, 12];
  return [MIDDLE + side * 11.5, 37];
}

/** Hanging arms are painted before the body, raised ones after the head. */
function paintArms(
  brush: Brush,
  scene: Scene,
  arms: { readonly paints: Paints; readonly raised: boolean },
): void {
  for (const side of [-1, 1] as const) {
    const hand = handPlace(scene, side);
    if (isRaised(hand) !== arms.raised) continue;
    const shoulder: Point = [MIDDLE + side * 7, 29];
    const elbow: Point = arms.raised
      ? [MIDDLE + side * 13.5, 26]
      : [(shoulder[0] + hand[0]) / 2 + side * 1.5, 33];
    brush.outlinedLine([shoulder, elbow, hand], 5.4, arms.paints.body);
    brush.outlinedEllipse(hand, arms.raised ? [4, 4] : [3, 3], arms.paints.hand);
  }
}

const isRaised = (hand: Point): boolean => hand[1] < 24;

function paintCurledBody(brush: Brush, character: Character, paints: Paints): void {
  brush.outlinedEllipse([24, 38], [16, 9.5], paints.body);
  brush.outlinedEllipse([34, 44.6], [5.4, 3.2], paints.leg);
  brush.outlinedEllipse([3, 44.4], [4.6, 3.2], paints.hand);
  if (isPerson(character)) return;
  if (character.pattern === "spotted") {
    for (const [x, y] of [[26.5, 31.2], [31, 34.4], [35.8, 38], [30.6, 40.4]] as const) {
      brush.ellipse([x, y], [2.5, 2.3], paints.mark);
    }
  } else if (character.pattern === "striped") {
    for (const [x, top] of [[28, 31], [32, 32.4], [36, 34.6]] as const) {
      brush.line([[x, top], [x, 42]], 2.4, paints.mark);
    }
  }
}

function paintBackpack(brush: Brush, colour: Rgb, asleep: boolean): void {
  const top = asleep ? 17 : 18;
  const bottom = asleep ? 44 : 43;
  brush.outlinedPolygon(
    [[3, top], [29, top], [33, top + 5], [33, bottom], [-1, bottom], [-1, top + 5]],
    colour,
  );
}

function paintStraps(brush: Brush, colour: Rgb, asleep: boolean): void {
  if (asleep) return;
  for (const x of [11, 21]) brush.outlinedLine([[x, 27], [x, 39]], 3.4, colour);
}

function paintAccessory(brush: Brush, scene: Scene, drop: number): void {
  if (scene.accessory === null) return;
  const colour = PAINT[scene.accessory.colour];
  const y = drop;
  switch (scene.accessory.item) {
    case "hat":
      brush.outlinedPolygon([[7, 7 + y], [8.5, -6 + y], [23.5, -6 + y], [25, 7 + y]], colour);
      brush.rectangle([8, 1.5 + y, 24, 4 + y], tint(colour, 0.5));
      brush.outlinedEllipse([MIDDLE, 7 + y], [15, 3], colour);
      return;
    case "scarf":
      brush.outlinedPolygon(drop === 0 ? SCARF_END : SCARF_END_ASLEEP, colour);
      brush.outlinedLine([[7, 28 + y * 0.9], [16, 30 + y * 0.9], [25, 28 + y * 0.9]], 6.4, colour);
      return;
    case "ball":
      paintBall(brush, colour);
      return;
    case "umbrella":
      brush.line([[3.5, 36 + y / 2], [3.5, -4 + y]], 1.4, INK);
      paintCanopy(brush, colour, y);
      return;
    case "backpack":
      return;
  }
}

function paintBall(brush: Brush, colour: Rgb): void {
  brush.outlinedEllipse([4, 40], [7.4, 7.4], colour);
  brush.line([[-2.4, 40], [10.4, 40]], 1.4, tint(colour, 0.5));
  brush.ellipse([1.5, 36.6], [1.8, 1.4], mix(colour, CHALK, 0.7));
}

function paintCanopy(brush: Brush, colour: Rgb, y: number): void {
  const rim = Array.from({ length: 13 }, (_, index): Point => {
    const angle = Math.PI * (1 - index / 12);
    return [12 + 20 * Math.cos(angle), 2 + y - 13 * Math.sin(angle)];
  });
  brush.outlinedPolygon(rim, colour);
  for (const x of [2, 12, 22]) {
    brush.line([[12, -11 + y], [x + (x - 12) * 0.1, 2 + y]], 0.8, tint(colour, 0.5));
  }
}

/**
 * Paints the letters over a sleeper.
 *
 * @param brush A brush whose origin is the top left of the character's box, never mirrored.
 */
export function paintSnore(brush: Brush): void {
  for (const [x, y, size] of [[19, 7, 5], [26, 0, 4]] as const) {
    for (const [width, colour] of [[2.8, INK], [1.4, CHALK]] as const) {
      brush.line([[x, y], [x + size, y], [x, y + size], [x + size, y + size]], width, colour);
    }
  }
}

/**
 * The vertical place of a pose.
 *
 * @param activity What the character does.
 * @returns The top of the 48-unit box: 16 on the ground, 8 in the air.
 */
export function boxTop(activity: Activity): number {
  return activity === "jumping" ? 8 : 16;
}
