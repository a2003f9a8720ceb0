/**
 * Where the faces of rendered people are, and crops as the face embedder gets them.
 *
 * @module
 */
import type { RgbImage } from "../../../lib/image/image.ts";
import { fold, type Key, uniforms } from "../../../lib/core/key.ts";
import type { Corners } from "../../../lib/experts/face/face_boxes.ts";
import { cropFace, type FaceCropOptions } from "../../../lib/experts/face/face_crop.ts";
import { characterBox, UNITS } from "../../../lib/world/draw.ts";
import { boxTop } from "../../../lib/world/figure.ts";
import type { Scene } from "../../../lib/world/scene.ts";

/** Half the side of a face in units: from the hair line to the chin. */
const HALF = 11;
const SLEEPING_HEAD = 16;

/** Eyes, nose and corners of the mouth in units from the middle of the head. */
const POINTS = [[-4.5, -1], [4.5, -1], [0, 3], [-3, 6.5], [3, 6.5]] as const;

/** A face in a picture. */
export interface FacePlace {
  readonly box: Corners;
  /** Left eye, right eye, nose, left and right corner of the mouth. */
  readonly points: readonly (readonly [number, number])[];
}

/**
 * Finds the face of a rendered character.
 *
 * @param size Picture side in pixels.
 * @returns Box and points in pixels.
 */
export function facePlace(scene: Scene, size: number): FacePlace {
  const factor = size / UNITS;
  const asleep = scene.activity === "sleeping";
  const body = characterBox(scene);
  const left = body.x + (asleep && scene.position === "right" ? 8 : 0);
  const [x, y] = [left + 16, boxTop(scene.activity) + 17 + (asleep ? SLEEPING_HEAD : 0)];
  return {
    box: [(x - HALF) * factor, (y - HALF) * factor, (x + HALF) * factor, (y + HALF) * factor],
    points: POINTS.map(([dx, dy]) => [(x + dx) * factor, (y + dy) * factor] as const),
  };
}

/**
 * Moves and scales a box as a detector errs.
 *
 * @param amount Largest shift as a share of the side; the side changes by at most twice that share.
 * @returns Another box.
 */
export function shaken(key: Key, box: Corners, amount: number): Corners {
  const [dx, dy, grow] = uniforms(key, 3).map((draw) => (2 * draw - 1) * amount) as unknown as [
    number,
    number,
    number,
  ];
  const side = box[2] - box[0];
  const half = side * (1 + 2 * grow) / 2;
  const [x, y] = [(box[0] + box[2]) / 2 + dx * side, (box[1] + box[3]) / 2 + dy * side];
  return [x - half, y - half, x + half, y + half];
}

/**
 * Cuts faces out of rendered pictures as a detector would, not quite exactly.
 *
 * @param options The pictures, their side, and how crops are cut.
 * @returns One crop a scene.
 */
export function faceCrops(
  key: Key,
  scenes: readonly Scene[],
  options: { readonly images: readonly RgbImage[]; readonly crop: FaceCropOptions },
): readonly RgbImage[] {
  return scenes.map((scene, index) => {
    const image = options.images[index] as RgbImage;
    return cropFace(image, shaken(fold(key, index), facePlace(scene, image.width).box, 0.12), options.crop);
  });
}
