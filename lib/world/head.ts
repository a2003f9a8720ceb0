/**
 * The six heads: hair, ears, snout, antenna; eyes open or closed.
 *
 * The brush's origin is that of the body's box while the character stands; the head's middle is at (16, 17).
 *
 * @module
 */
import type { Brush } from "./brush.ts";
import { HAIR_PAINT, INK, mix, PAINT, PAPER, SKIN_PAINT, tint } from "./palette.ts";
import type { Point, Rgb } from "./raster.ts";
import { type Character, isPerson, type Kind, type Pattern } from "./scene.ts";

const MIDDLE = 16;
const SIDES = [-1, 1] as const;
const SCREEN: Rgb = [60, 70, 90];
const GLOW: Rgb = [150, 255, 240];

const SHORT_HAIR: readonly Point[] = [
  ...[[4.5, 16], [4, 10], [8, 5], [16, 3], [24, 5], [28, 10], [27.5, 16], [25, 11.5], [7, 11.5]] as const,
];
const BEARD: readonly Point[] = [
  ...[[5.5, 19], [10, 21.5], [22, 21.5], [26.5, 19], [24, 26], [16, 29], [8, 26]] as const,
];
const PARTED_HAIR: readonly Point[] = [
  ...[[4, 17], [4.5, 9], [10, 4.5], [16, 3], [22, 4.5], [27.5, 9], [28, 17], [22, 9.5], [13, 9], [
    7.5,
    13,
  ]] as const,
];
/** Distances from the middle, and heights, of one hanging ear. */
const HANGING_EAR = [[8, 7], [13, 9], [16, 18], [15, 26], [11, 26], [10, 15]] as const;

/** What the parts of a head are painted with. */
interface Paints {
  readonly face: Rgb;
  readonly hair: Rgb;
  readonly mark: Rgb;
}

function paintsOf(character: Character): Paints {
  const colour = PAINT[character.colour];
  return isPerson(character)
    ? { face: SKIN_PAINT[character.skin], hair: HAIR_PAINT[character.hair], mark: colour }
    : { face: colour, hair: colour, mark: tint(colour, 0.42) };
}

/**
 * Paints what lies behind head and body: long hair, ears that stand up, the antenna's rod.
 *
 * @param brush Where the head is.
 * @param character Whose.
 */
export function paintBehindHead(brush: Brush, character: Character): void {
  const paints = paintsOf(character);
  const inner = mix(paints.face, [255, 170, 170], 0.5);
  switch (character.kind) {
    case "man":
      return;
    case "woman":
      brush.outlinedEllipse([MIDDLE, 15], [14, 13], paints.hair);
      brush.outlinedPolygon([[2, 14], [30, 14], [31, 33], [1, 33]], paints.hair);
      return;
    case "dog":
      return;
    case "cat":
      for (const side of SIDES) {
        const x = (offset: number) => MIDDLE + side * offset;
        brush.outlinedPolygon([[x(13.5), -2], [x(3), 8], [x(13), 15]], paints.face);
        brush.polygon([[x(11.6), 2], [x(6.5), 8], [x(11.4), 11.5]], inner);
      }
      return;
    case "bear":
      for (const x of [5, 27]) {
        brush.outlinedEllipse([x, 6], [5.4, 5.4], paints.face);
        brush.ellipse([x, 6], [2.6, 2.6], inner);
      }
      return;
    case "robot":
      brush.line([[MIDDLE, 6], [MIDDLE, -3]], 2, [90, 94, 104]);
      for (const x of [3, 29]) brush.outlinedEllipse([x, 16], [3, 4.5], [150, 154, 164]);
  }
}

/**
 * Paints the head.
 *
 * @param brush Where the head is.
 * @param character Whose.
 * @param options.asleep Whether the eyes are closed.
 */
export function paintHead(brush: Brush, character: Character, options: { readonly asleep: boolean }): void {
  const paints = paintsOf(character);
  if (character.kind === "robot") {
    brush.outlinedPolygon([[4, 6], [28, 6], [28, 27], [4, 27]], paints.face);
  } else {
    brush.outlinedEllipse([MIDDLE, 17], isPerson(character) ? [11, 10.5] : [12.5, 10.8], paints.face);
  }
  if (!isPerson(character)) paintHeadPattern(brush, character.pattern, paints.mark);
  paintOnHead(brush, character.kind, paints);
  paintFace(brush, character.kind, { face: paints.face, asleep: options.asleep });
}

/** Hair, hanging ears, the antenna's lamp. */
function paintOnHead(brush: Brush, kind: Kind, paints: Paints): void {
  if (kind === "man") {
    brush.outlinedPolygon(SHORT_HAIR, paints.hair);
    brush.outlinedPolygon(BEARD, paints.hair);
  } else if (kind === "woman") {
    brush.outlinedPolygon(PARTED_HAIR, paints.hair);
  } else if (kind === "dog") {
    for (const side of SIDES) {
      brush.outlinedPolygon(
        HANGING_EAR.map(([x, y]): Point => [MIDDLE + side * x, y]),
        tint(paints.face, 0.62),
      );
    }
  } else if (kind === "robot") {
    brush.outlinedEllipse([MIDDLE, -3], [3.4, 3.4], [255, 96, 80]);
  }
}

function paintHeadPattern(
  brush: Brush,
  pattern: Pattern,
  mark: Rgb,
): void {
  if (pattern === "spotted") {
    for (const [x, y] of [[11, 9.5], [20.5, 10], [25, 15.5]] as const) {
      brush.ellipse([x, y], [2.2, 2], mark);
    }
  } else if (pattern === "striped") {
    for (const x of [11, 16, 21]) brush.line([[x, 8], [x, 11.5]], 2, mark);
  }
}

function paintFace(
  brush: Brush,
  kind: Kind,
  { face, asleep }: { readonly face: Rgb; readonly asleep: boolean },
): void {
  const robot = kind === "robot";
  if (robot) brush.outlinedPolygon([[7, 12], [25, 12], [25, 20], [7, 20]], SCREEN);
  if (kind === "dog" || kind === "bear") {
    brush.outlinedEllipse(
      [MIDDLE, 22.5],
      kind === "dog" ? [7, 5.4] : [5.6, 4.6],
      mix(face, PAPER, 0.65),
    );
  }
  for (const x of [11.5, 20.5]) {
    const eye: Point = [x, 16];
    if (asleep) {
      brush.line([[x - 2.2, 16], [x, 17], [x + 2.2, 16]], 1.2, robot ? GLOW : INK);
    } else if (robot) brush.ellipse(eye, [2.6, 2.6], GLOW);
    else {
      brush.ellipse(eye, [2.5, 2.8], PAPER);
      brush.ellipse([x, 16.4], [1.7, 2.1], kind === "cat" ? [24, 92, 40] : INK);
    }
  }
  paintMouth(brush, kind);
}

function paintMouth(brush: Brush, kind: Kind): void {
  const smile = (top: number, half: number, colour: Rgb) =>
    brush.line([[MIDDLE - half, top], [MIDDLE, top + 1.4], [MIDDLE + half, top]], 1.1, colour);
  switch (kind) {
    case "man":
      return smile(23.5, 3, [255, 220, 214]);
    case "woman":
      brush.ellipse([MIDDLE, 23], [3, 1.6], [214, 44, 70]);
      return;
    case "dog":
      brush.ellipse([MIDDLE, 20], [3, 2.2], INK);
      brush.outlinedEllipse([MIDDLE, 26], [2.4, 3], [240, 100, 120]);
      return;
    case "cat":
      brush.polygon([[13.8, 19.5], [18.2, 19.5], [16, 22]], [230, 90, 120]);
      for (const side of SIDES) {
        for (const rise of [-1.4, 1.6]) {
          brush.line([[MIDDLE + side * 5, 22], [MIDDLE + side * 13, 22 + rise]], 0.8, INK);
        }
      }
      return smile(23.4, 2.6, INK);
    case "bear":
      brush.ellipse([MIDDLE, 20.6], [2.4, 1.7], INK);
      return smile(23.6, 2.4, INK);
    case "robot":
      brush.rectangle([10, 22, 22, 25], SCREEN);
      for (const x of [12, 15, 18]) brush.rectangle([x, 22.5, x + 1.6, 24.5], PAPER);
  }
}
