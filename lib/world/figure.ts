/**
 * The characters: one body plan of 32 × 48 units, four poses.
 *
 * The origin is the top left of the body's box; the head's middle is at (16, 17) and the soles are at y = 47. Asleep,
 * the head lies 16 units lower on a curled-up body.
 *
 * @module
 */
import { paintBehindBody, paintInFront, paintOnBody } from "./accessory.ts";
import type { Brush } from "./brush.ts";
import { paintBehindHead, paintHead } from "./head.ts";
import { INK, PAINT, PAPER, SKIN_PAINT, tint } from "./palette.ts";
import type { Point, Rgb } from "./raster.ts";
import { type Activity, type Character, isPerson, type Scene } from "./scene.ts";

const TROUSERS: Rgb = [70, 78, 110];
const MIDDLE = 16;
const SLEEPING_HEAD = 16;

/** What the parts of a body are painted with. */
interface Paints {
  readonly body: Rgb;
  readonly hand: Rgb;
  readonly leg: Rgb;
  readonly mark: Rgb;
}

function paintsOf(character: Character): Paints {
  const body = PAINT[character.colour];
  return isPerson(character)
    ? { body, hand: SKIN_PAINT[character.skin], leg: TROUSERS, mark: body }
    : { body, hand: body, leg: body, mark: tint(body, 0.42) };
}

/**
 * Paints the character of a scene with its accessory.
 *
 * @param brush A brush whose origin is the top left of the character's box.
 * @param scene The scene; place, time and position do not matter here.
 */
export function paintFigure(brush: Brush, scene: Scene): void {
  const { character, accessory } = scene;
  const paints = paintsOf(character);
  const asleep = scene.activity === "sleeping";
  const head = asleep ? brush.lowered(SLEEPING_HEAD) : brush;
  paintBehindBody(brush, accessory, { asleep });
  paintBehindHead(head, character);
  if (asleep) paintCurledBody(brush, character, paints);
  else {
    paintArms(brush, scene, { paints, raised: false });
    paintUprightBody(brush, scene, paints);
  }
  paintOnBody(brush, accessory, { asleep });
  paintHead(head, character, { asleep });
  if (!asleep) paintArms(brush, scene, { paints, raised: true });
  paintInFront({ body: brush, head }, accessory, { asleep });
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

/**
 * Paints the letters over a sleeper.
 *
 * @param brush A brush whose origin is the top left of the character's box, never mirrored.
 */
export function paintSnore(brush: Brush): void {
  for (const [x, y, size] of [[19, 7, 5], [26, 0, 4]] as const) {
    for (const [width, colour] of [[2.8, INK], [1.4, PAPER]] as const) {
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
