/**
 * A brush: shapes in a moved coordinate system, tinted by the light, outlined in their own darker colour.
 *
 * @module
 */
import { tint } from "./palette.ts";
import {
  type Canvas,
  fillEllipse,
  fillPolygon,
  fillRectangle,
  type Point,
  type Rgb,
  strokeLine,
} from "./raster.ts";

/** Width of every outline, in units. */
export const OUTLINE = 0.9;

/** Draws on one canvas; `outlined` shapes get an edge in their own colour × 0.5. */
export interface Brush {
  readonly rectangle: (corners: readonly [number, number, number, number], colour: Rgb) => void;
  readonly ellipse: (centre: Point, radius: Point, colour: Rgb) => void;
  readonly polygon: (points: readonly Point[], colour: Rgb) => void;
  readonly line: (points: readonly Point[], width: number, colour: Rgb) => void;
  readonly outlinedEllipse: (centre: Point, radius: Point, colour: Rgb) => void;
  readonly outlinedPolygon: (points: readonly Point[], colour: Rgb) => void;
  readonly outlinedLine: (points: readonly Point[], width: number, colour: Rgb) => void;
  /** The same brush with its origin this many units lower. */
  readonly lowered: (units: number) => Brush;
}

/** Where and in which light a brush paints. */
export interface BrushOptions {
  /** Where the brush's (0, 0) lies, in units. */
  readonly origin: Point;
  /** Factor a channel on every colour. */
  readonly light: Rgb;
  /** If given, x runs to the left, from this many units right of the origin. */
  readonly mirror?: number;
}

/**
 * Makes a brush.
 *
 * @param canvas What it paints on.
 * @param options Origin and light.
 */
export function makeBrush(canvas: Canvas, options: BrushOptions): Brush {
  const [dx, dy] = options.origin;
  const { mirror } = options;
  const move = (point: Point): Point => [
    (mirror === undefined ? point[0] : mirror - point[0]) + dx,
    point[1] + dy,
  ];
  const shade = (colour: Rgb): Rgb => tint(colour, options.light);
  const rectangle: Brush["rectangle"] = (corners, colour) => {
    const [left, top] = move([corners[0], corners[1]]);
    const [right, bottom] = move([corners[2], corners[3]]);
    fillRectangle(canvas, [Math.min(left, right), top, Math.max(left, right), bottom], shade(colour));
  };
  const ellipse: Brush["ellipse"] = (centre, radius, colour) =>
    fillEllipse(canvas, { centre: move(centre), radius }, shade(colour));
  const polygon: Brush["polygon"] = (points, colour) => fillPolygon(canvas, points.map(move), shade(colour));
  const line: Brush["line"] = (points, width, colour) =>
    strokeLine(canvas, points.map(move), { width, colour: shade(colour) });
  return {
    rectangle,
    ellipse,
    polygon,
    line,
    outlinedEllipse: (centre, radius, colour) => {
      ellipse(centre, radius, tint(colour, 0.5));
      ellipse(centre, [radius[0] - OUTLINE, radius[1] - OUTLINE], colour);
    },
    outlinedPolygon: (points, colour) => {
      polygon(points, colour);
      line([...points, ...points.slice(0, 1)], OUTLINE, tint(colour, 0.5));
    },
    outlinedLine: (points, width, colour) => {
      line(points, width, tint(colour, 0.5));
      line(points, width - 2 * OUTLINE, colour);
    },
    lowered: (units) => makeBrush(canvas, { ...options, origin: [dx, dy + units] }),
  };
}
