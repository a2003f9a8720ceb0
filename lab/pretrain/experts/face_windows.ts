/**
 * Windows of pictures with what a face detector should say about them.
 *
 * @module
 */
import { cut } from "../../../lib/image/crop.ts";
import { resizePlane } from "../../../lib/image/resize.ts";
import type { RgbImage } from "../../../lib/image/image.ts";
import { fold, type Key, uniforms } from "../../../lib/core/key.ts";
import { type Corners, squared, windowOf } from "../../../lib/experts/face/face_boxes.ts";
import { FACE_NETWORKS, type FaceNetwork } from "../../../lib/experts/face/mtcnn_networks.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import { type FacePlace, shaken } from "./face_places.ts";

/** Intersection over union from which a window is a face, up to which it is none, and from which its box counts. */
const FACE = 0.6;
const NO_FACE = 0.3;
const BOX = 0.4;

/** A picture and its face, if it shows one. */
export interface FacePicture {
  readonly image: RgbImage;
  readonly face: FacePlace | null;
}

/**
 * Intersection over union of two boxes.
 *
 * @param b Another.
 * @returns In [0, 1].
 */
export function boxOverlap(a: Corners, b: Corners): number {
  const width = Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0]));
  const height = Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));
  const area = ([x1, y1, x2, y2]: Corners) => (x2 - x1) * (y2 - y1);
  const shared = width * height;
  return shared / (area(a) + area(b) - shared);
}

function anyWindow(key: Key, size: number): Corners {
  const [u = 0, x = 0, y = 0] = uniforms(key, 3);
  const side = 14 + u * (size / 2 - 14) * 1.3;
  const [left, top] = [x * (size - side), y * (size - side)];
  return [left, top, left + side, top + side];
}

/** Every third window is anywhere, the others lie near the face or where one could be. */
function drawWindow(key: Key, index: number, { image, face }: FacePicture): Corners {
  if (face === null || index % 3 === 0) return anyWindow(key, image.width);
  return shaken(key, face.box, index % 3 === 1 ? 0.15 : 0.45);
}

/** Windows of one network with their truth, `[B]` each unless said otherwise. */
export type WindowTensors = {
  /** `[B, side, side, 3]`, `(x − 127.5) / 128`. */
  readonly pixels: tf.Tensor;
  /** 1 = face, 0 = none, and whether that counts. */
  readonly face: tf.Tensor;
  readonly counts: tf.Tensor;
  /** Corrections `[B, 4]` and points `[B, 10]` relative to the window, and whether they count. */
  readonly box: tf.Tensor;
  readonly points: tf.Tensor;
  readonly near: tf.Tensor;
};

interface Labelled {
  readonly face: number;
  readonly counts: number;
  readonly near: number;
  readonly box: readonly number[];
  readonly points: readonly number[];
}

function label(window: Corners, face: FacePlace | null): Labelled {
  const overlap = face === null ? 0 : boxOverlap(window, face.box);
  const [x1, y1, x2, y2] = window;
  const [width, height] = [x2 - x1, y2 - y1];
  const near = overlap >= BOX && face !== null;
  const truth = face === null ? [0, 0, 0, 0] as const : face.box;
  const points = near ? face.points : [];
  return {
    face: overlap >= FACE ? 1 : 0,
    counts: overlap >= FACE || overlap <= NO_FACE ? 1 : 0,
    near: near ? 1 : 0,
    box: near
      ? [(truth[0] - x1) / width, (truth[1] - y1) / height, (truth[2] - x2) / width, (truth[3] - y2) / height]
      : [0, 0, 0, 0],
    points: near
      ? [...points.map(([x]) => (x - x1) / width), ...points.map(([, y]) => (y - y1) / height)]
      : new Array<number>(10).fill(0),
  };
}

function pixelsOf(image: RgbImage, window: Corners, side: number): Float32Array {
  const visible = windowOf(window, image) ?? { left: 0, top: 0, width: side, height: side };
  const part = cut(image, visible);
  const plane = { ...part, channels: 3, data: Float32Array.from(part.data) };
  return resizePlane(plane, { width: side, height: side }, "area").data as Float32Array;
}

/**
 * Cuts windows out of pictures for one network, in the way the detector cuts them.
 *
 * @param options.network Which network.
 * @param options.each Windows of each picture.
 * @returns Pixels and truth.
 */
export function faceWindows(
  key: Key,
  pictures: readonly FacePicture[],
  options: { readonly network: FaceNetwork; readonly each: number },
): WindowTensors {
  const side = FACE_NETWORKS[options.network].input;
  const windows = pictures.flatMap((picture, number) =>
    Array.from({ length: options.each }, (_, index) => ({
      picture,
      window: squared(drawWindow(fold(fold(key, number), index), index, picture)),
    }))
  );
  const values = new Float32Array(windows.length * side * side * 3);
  windows.forEach(({ picture, window }, row) =>
    values.set(
      pixelsOf(picture.image, window, side).map((value) => (value - 127.5) / 128),
      row * side * side * 3,
    )
  );
  const labels = windows.map(({ picture, window }) => label(window, picture.face));
  const column = (name: "face" | "counts" | "near") => tf.tensor1d(labels.map((row) => row[name]));
  return {
    pixels: tf.tensor4d(values, [windows.length, side, side, 3]),
    face: column("face"),
    counts: column("counts"),
    near: column("near"),
    box: tf.tensor2d(labels.flatMap(({ box }) => box), [windows.length, 4]),
    points: tf.tensor2d(labels.flatMap(({ points }) => points), [windows.length, 10]),
  };
}
