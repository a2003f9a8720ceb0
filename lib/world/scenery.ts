/**
 * The places of the world and their sky, at one of three times of the day.
 *
 * Everything lies on the 8-unit grid where it can. Indoor places have a window, so that the time can be seen.
 *
 * @module
 */
import { type Brush, makeBrush } from "./brush.ts";
import { LIGHTS, mix, tint } from "./palette.ts";
import type { Canvas, Point, Rgb } from "./raster.ts";
import type { Place, Time } from "./scene.ts";

type Box = readonly [number, number, number, number];

const UNLIT: Rgb = [1, 1, 1];
const WOOD: Rgb = [150, 100, 58];
const LEAVES: Rgb = [60, 150, 66];

/**
 * Paints a place with its sky over the whole canvas.
 *
 * @param canvas A canvas of 64 × 64 units; changed in place.
 * @param place Where.
 * @param time When.
 */
export function paintScenery(canvas: Canvas, place: Place, time: Time): void {
  const sky = makeBrush(canvas, { origin: [0, 0], light: UNLIT });
  const things = makeBrush(canvas, { origin: [0, 0], light: LIGHTS[time].scenery });
  PAINTERS[place](sky, things, time);
}

const PAINTERS: Readonly<Record<Place, (sky: Brush, things: Brush, time: Time) => void>> = {
  beach: (sky, things, time) => {
    paintSky(sky, [0, 0, 64, 32], time);
    things.rectangle([0, 24, 64, 44], [36, 132, 206]);
    for (const [x, y] of [[6, 29], [24, 33], [44, 29], [56, 37], [14, 39], [36, 40]] as const) {
      things.line([[x - 3, y], [x + 3, y]], 1.2, [150, 214, 246]);
    }
    things.rectangle([0, 42, 64, 45], [232, 246, 250]);
    things.rectangle([0, 44, 64, 64], [240, 214, 150]);
    for (const [x, y] of [[5, 50], [20, 58], [34, 49], [50, 61], [59, 52], [11, 61], [43, 55]] as const) {
      things.ellipse([x, y], [1.1, 0.8], [206, 172, 108]);
    }
  },
  park: (sky, things, time) => {
    paintSky(sky, [0, 0, 64, 32], time);
    things.ellipse([14, 38], [30, 12], [112, 188, 92]);
    things.ellipse([54, 40], [26, 14], [96, 172, 82]);
    things.rectangle([0, 38, 64, 64], [124, 200, 86]);
    things.polygon([[26, 38], [36, 38], [58, 64], [14, 64]], [222, 200, 156]);
    paintRoundTree(things, [7, 40]);
    paintRoundTree(things, [58, 42]);
    for (const [x, y] of [[5, 54], [16, 49], [52, 52], [60, 60], [10, 61], [46, 46]] as const) {
      things.ellipse([x, y], [1.6, 1.6], [255, 244, 250]);
      things.ellipse([x, y], [0.7, 0.7], [240, 190, 40]);
    }
  },
  street: (sky, things, time) => {
    paintSky(sky, [0, 0, 64, 32], time);
    paintHouse(things, [0, 12, 20, 46], [190, 98, 78]);
    paintHouse(things, [20, 4, 42, 46], [168, 160, 170]);
    paintHouse(things, [42, 14, 64, 46], [206, 158, 98]);
    things.rectangle([0, 45, 64, 49], [206, 204, 200]);
    things.rectangle([0, 48, 64, 64], [92, 94, 102]);
    for (const x of [2, 18, 34, 50]) things.rectangle([x, 55.5, x + 10, 57.5], [240, 236, 214]);
  },
  forest: (sky, things, time) => {
    paintSky(sky, [0, 0, 64, 32], time);
    things.rectangle([0, 24, 64, 48], [34, 92, 56]);
    for (const x of [-2, 13, 28, 43, 58]) paintFir(things, [x, 46], [28, 106, 58]);
    things.rectangle([0, 44, 64, 64], [70, 104, 46]);
    for (const x of [5, 58]) paintFir(things, [x, 56], [20, 82, 46]);
    for (const [x, y] of [[16, 60], [46, 58], [30, 50]] as const) {
      things.rectangle([x - 1, y, x + 1, y + 3], [240, 232, 214]);
      things.ellipse([x, y], [3, 2], [206, 60, 48]);
    }
  },
  kitchen: (sky, things, time) => {
    things.rectangle([0, 0, 64, 44], [246, 232, 190]);
    for (let x = 0; x < 64; x += 8) things.rectangle([x, 0, x + 0.8, 32], [228, 210, 164]);
    paintWindow(sky, things, { box: [18, 3, 46, 21], time });
    things.rectangle([0, 28, 64, 31], [120, 122, 128]);
    for (const x of [0, 16, 32, 48]) paintCupboard(things, [x, 31, x + 16, 46]);
    paintFloor(things, 46);
    things.outlinedPolygon([[50, 2], [63, 2], [63, 46], [50, 46]], [206, 224, 230]);
    things.line([[50, 17], [63, 17]], 1, [110, 126, 134]);
    for (const y of [8, 23]) things.line([[52.5, y], [52.5, y + 5]], 1.4, [96, 108, 116]);
    things.rectangle([3, 20, 13, 28], [96, 100, 108]);
    things.ellipse([8, 20], [5, 2], [70, 72, 80]);
    things.line([[13, 22], [16, 22]], 1.4, [70, 72, 80]);
  },
  bedroom: (sky, things, time) => {
    things.rectangle([0, 0, 64, 46], [198, 180, 226]);
    for (let x = 4; x < 64; x += 12) {
      for (let y = 5; y < 44; y += 12) things.ellipse([x, y], [1.2, 1.2], [176, 154, 212]);
    }
    paintWindow(sky, things, { box: [18, 3, 46, 21], time });
    for (const x of [13, 45]) {
      things.outlinedPolygon([[x, 1], [x + 6, 1], [x + 6, 25], [x, 25]], [222, 92, 122]);
    }
    things.rectangle([0, 46, 64, 64], [176, 124, 78]);
    for (const y of [52, 58]) things.rectangle([0, y, 64, y + 0.8], [146, 98, 58]);
    things.outlinedPolygon([[-1, 26], [5, 26], [5, 56], [-1, 56]], WOOD);
    things.outlinedPolygon([[5, 40], [65, 40], [65, 54], [5, 54]], [96, 136, 214]);
    things.outlinedPolygon([[5, 38], [65, 38], [65, 44], [5, 44]], [236, 240, 250]);
    things.outlinedEllipse([12, 37], [8, 4], [252, 252, 255]);
    things.line([[58, 40], [58, 30]], 1.6, [120, 90, 60]);
    things.outlinedPolygon([[54, 22], [62, 22], [64, 31], [52, 31]], [252, 214, 110]);
  },
};

function paintSky(brush: Brush, box: Box, time: Time): void {
  const [left, top, right, bottom] = box;
  const { skyTop, skyBottom } = LIGHTS[time];
  const bands = 4;
  for (let band = 0; band < bands; band++) {
    const y = top + ((bottom - top) * band) / bands;
    brush.rectangle([left, y, right, bottom], mix(skyTop, skyBottom, band / (bands - 1)));
  }
  const at = (x: number, y: number): Point => [left + (right - left) * x, top + (bottom - top) * y];
  const size = Math.min(5, (bottom - top) / 5);
  if (time === "day") {
    brush.ellipse(at(0.88, 0.28), [size, size], [255, 232, 84]);
    paintCloud(brush, at(0.2, 0.3), size);
  } else if (time === "sunset") {
    brush.ellipse(at(0.5, 0.62), [size * 1.5, size * 1.5], [255, 238, 150]);
  } else {
    brush.ellipse(at(0.12, 0.28), [size, size], [250, 246, 214]);
    brush.ellipse(
      at(0.12 + size * 0.5 / (right - left), 0.24),
      [size * 0.85, size * 0.85],
      mix(skyTop, skyBottom, 0.33),
    );
    for (const [x, y] of [[0.32, 0.16], [0.5, 0.42], [0.62, 0.12], [0.8, 0.34], [0.94, 0.14]] as const) {
      brush.ellipse(at(x, y), [0.9, 0.9], [255, 255, 230]);
    }
  }
}

function paintCloud(brush: Brush, centre: Point, size: number): void {
  for (const [x, y, r] of [[-1, 0.2, 0.7], [0, -0.2, 0.9], [1, 0.2, 0.7]] as const) {
    brush.ellipse([centre[0] + x * size, centre[1] + y * size], [r * size, r * size * 0.8], [255, 255, 255]);
  }
}

function paintWindow(sky: Brush, things: Brush, view: { readonly box: Box; readonly time: Time }): void {
  const [left, top, right, bottom] = view.box;
  const frame: Rgb = [250, 250, 246];
  things.rectangle([left - 2.4, top - 2.4, right + 2.4, bottom + 2.4], tint(frame, 0.55));
  things.rectangle([left - 1.6, top - 1.6, right + 1.6, bottom + 1.6], frame);
  paintSky(sky, view.box, view.time);
  things.rectangle([(left + right) / 2 - 0.7, top, (left + right) / 2 + 0.7, bottom], frame);
}

function paintRoundTree(brush: Brush, foot: Point): void {
  const [x, y] = foot;
  brush.outlinedPolygon([[x - 2, y - 16], [x + 2, y - 16], [x + 2.6, y + 4], [x - 2.6, y + 4]], WOOD);
  brush.outlinedEllipse([x, y - 22], [10, 10], LEAVES);
  brush.ellipse([x - 3, y - 25], [3, 2.4], mix(LEAVES, [255, 255, 200], 0.3));
}

function paintHouse(brush: Brush, box: Box, colour: Rgb): void {
  const [left, top, right, bottom] = box;
  brush.outlinedPolygon([[left, top], [right, top], [right, bottom], [left, bottom]], colour);
  for (let y = top + 4; y < bottom - 8; y += 9) {
    for (const x of [left + 4, right - 9]) brush.rectangle([x, y, x + 5, y + 5], [252, 238, 168]);
  }
}

function paintFir(brush: Brush, foot: Point, colour: Rgb): void {
  const [x, y] = foot;
  brush.rectangle([x - 1.6, y - 6, x + 1.6, y + 2], [98, 66, 42]);
  for (const [top, bottom, half] of [[-22, -4, 8.5], [-30, -14, 7], [-38, -24, 5]] as const) {
    brush.outlinedPolygon([[x, y + top], [x + half, y + bottom], [x - half, y + bottom]], colour);
  }
}

function paintCupboard(brush: Brush, box: Box): void {
  const [left, top, right, bottom] = box;
  brush.outlinedPolygon([[left, top], [right, top], [right, bottom], [left, bottom]], [92, 168, 160]);
  brush.ellipse([right - 3, top + 5], [0.9, 0.9], [250, 246, 220]);
}

function paintFloor(brush: Brush, top: number): void {
  for (let y = top; y < 64; y += 6) {
    for (let x = 0; x < 64; x += 8) {
      const dark = (x / 8 + (y - top) / 6) % 2 === 1;
      brush.rectangle([x, y, x + 8, y + 6], dark ? [186, 178, 172] : [234, 228, 220]);
    }
  }
}
