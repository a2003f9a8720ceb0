/**
 * What characters wear or hold: large, and in the same place on everybody.
 *
 * @module
 */
import type { Brush } from "./brush.ts";
import { INK, mix, PAINT, PAPER, tint } from "./palette.ts";
import type { Point, Rgb } from "./raster.ts";
import type { Accessory } from "./scene.ts";

const MIDDLE = 16;

const SCARF_END: readonly Point[] = [[20, 29], [27, 28], [28, 40], [21, 41]];
const SCARF_END_ASLEEP: readonly Point[] = [[24, 39.5], [37, 36.5], [38.5, 43], [25, 46]];

/** The pose that an accessory has to follow. */
export interface Wearing {
  readonly asleep: boolean;
}

/**
 * Paints what lies behind the body: a backpack.
 *
 * @param brush Where the body is.
 * @param accessory What it wears, if anything.
 */
export function paintBehindBody(brush: Brush, accessory: Accessory | null, wearing: Wearing): void {
  if (accessory?.item !== "backpack") return;
  const [top, bottom] = wearing.asleep ? [17, 44] : [18, 43];
  brush.outlinedPolygon(
    [[3, top], [29, top], [33, top + 5], [33, bottom], [-1, bottom], [-1, top + 5]],
    PAINT[accessory.colour],
  );
}

/**
 * Paints what lies on the body and under the head: the straps of a backpack.
 *
 * @param brush Where the body is.
 * @param accessory What it wears, if anything.
 */
export function paintOnBody(brush: Brush, accessory: Accessory | null, wearing: Wearing): void {
  if (accessory?.item !== "backpack" || wearing.asleep) return;
  for (const x of [11, 21]) brush.outlinedLine([[x, 27], [x, 39]], 3.4, PAINT[accessory.colour]);
}

/**
 * Paints everything else in front: hat, scarf, ball, umbrella.
 *
 * @param brushes Where the body and the head are.
 * @param accessory What it wears or holds, if anything.
 */
export function paintInFront(
  brushes: { readonly body: Brush; readonly head: Brush },
  accessory: Accessory | null,
  wearing: Wearing,
): void {
  if (accessory === null) return;
  const colour = PAINT[accessory.colour];
  switch (accessory.item) {
    case "hat":
      return paintHat(brushes.head, colour);
    case "scarf":
      return paintScarf(brushes.body, colour, wearing.asleep);
    case "ball":
      return paintBall(brushes.body, colour);
    case "umbrella":
      brushes.head.line([[3.5, wearing.asleep ? 28 : 36], [3.5, -4]], 1.4, INK);
      return paintCanopy(brushes.head, colour);
    case "backpack":
      return;
  }
}

function paintHat(brush: Brush, colour: Rgb): void {
  brush.outlinedPolygon([[7, 7], [8.5, -6], [23.5, -6], [25, 7]], colour);
  brush.rectangle([8, 1.5, 24, 4], tint(colour, 0.5));
  brush.outlinedEllipse([MIDDLE, 7], [15, 3], colour);
}

function paintScarf(brush: Brush, colour: Rgb, asleep: boolean): void {
  const y = asleep ? 42.4 : 28;
  brush.outlinedPolygon(asleep ? SCARF_END_ASLEEP : SCARF_END, colour);
  brush.outlinedLine([[7, y], [16, y + 2], [25, y]], 6.4, colour);
}

function paintBall(brush: Brush, colour: Rgb): void {
  brush.outlinedEllipse([4, 40], [7.4, 7.4], colour);
  brush.line([[-2.4, 40], [10.4, 40]], 1.4, tint(colour, 0.5));
  brush.ellipse([1.5, 36.6], [1.8, 1.4], mix(colour, PAPER, 0.7));
}

function paintCanopy(brush: Brush, colour: Rgb): void {
  const rim = Array.from({ length: 13 }, (_, index): Point => {
    const angle = Math.PI * (1 - index / 12);
    return [12 + 20 * Math.cos(angle), 2 - 13 * Math.sin(angle)];
  });
  brush.outlinedPolygon(rim, colour);
  for (const x of [2, 12, 22]) {
    brush.line([[12, -11], [x + (x - 12) * 0.1, 2]], 0.8, tint(colour, 0.5));
  }
}
