/**
 * Finding faces: a pyramid of proposals, two refinements, five points a face (MTCNN).
 *
 * @module
 */
import type { RgbImage } from "../../image/image.ts";
import { cut } from "../../image/crop.ts";
import { type Plane, resizePlane, type Size } from "../../image/resize.ts";
import { tf } from "../../tensor/tf.ts";
import {
  type Candidate,
  candidates,
  type Corners,
  correct,
  landmarksIn,
  pyramidScales,
  quadAt,
  scaledSize,
  type ScoredBox,
  squared,
  suppress,
  windowOf,
} from "./face_boxes.ts";
import { numbersOf } from "../shared/host.ts";
import {
  FACE_NETWORKS,
  type FaceNetwork,
  type MtcnnWeights,
  proposalColumns,
  runFaceNetwork,
} from "./mtcnn_networks.ts";

/** Settings of the detector. */
export interface DetectorOptions {
  /** Smallest face in pixels. */
  readonly minFace: number;
  /** Ratio of neighbouring scales of the pyramid. */
  readonly factor: number;
  /** Lowest scores that pass the three networks. */
  readonly thresholds: readonly [number, number, number];
}

/** The settings of the published detector. */
export const DETECTOR_DEFAULTS: DetectorOptions = {
  minFace: 20,
  factor: 0.709,
  thresholds: [0.6, 0.7, 0.7],
};

/** A face in a picture. */
export interface Face extends ScoredBox {
  /** Left eye, right eye, nose, left and right corner of the mouth; x and y in pixels. */
  readonly landmarks: readonly (readonly [number, number])[];
}

/** How many boxes each step left, for comparison with the reference. */
export interface DetectionCounts {
  readonly perScale: readonly number[];
  readonly afterScale: readonly number[];
  readonly proposals: number;
  readonly refined: readonly [looked: number, passed: number, kept: number];
  readonly output: readonly [looked: number, passed: number];
}

/** Faces, largest first, and how they were found. */
export interface Detection {
  readonly faces: readonly Face[];
  readonly counts: DetectionCounts;
}

const toPlane = ({ width, height, data }: RgbImage): Plane => ({
  width,
  height,
  channels: 3,
  data: Float32Array.from(data),
});

const pixelsOf = (planes: readonly Plane[], { width, height }: Size): tf.Tensor => {
  const size = width * height * 3;
  const data = new Float32Array(planes.length * size);
  planes.forEach((plane, index) => data.set(plane.data, index * size));
  return tf.mul(tf.sub(tf.tensor4d(data, [planes.length, height, width, 3]), 127.5), 0.0078125);
};

interface Numbers {
  readonly scores: Float32Array;
  readonly boxes: Float32Array;
  readonly landmarks: Float32Array;
}

const NOTHING: Numbers = {
  scores: new Float32Array(0),
  boxes: new Float32Array(0),
  landmarks: new Float32Array(0),
};

async function evaluate(
  weights: MtcnnWeights,
  network: FaceNetwork,
  input: { readonly planes: readonly Plane[]; readonly size: Size },
): Promise<Numbers> {
  const { planes, size } = input;
  const run = (): Readonly<Record<string, tf.Tensor>> => ({
    ...runFaceNetwork(network, weights[network], pixelsOf(planes, size)),
  });
  const numbers = await numbersOf(run);
  return { ...NOTHING, ...numbers };
}

const pick = <A>(items: readonly A[], indices: readonly number[]): readonly A[] =>
  indices.map((index) => items[index] as A);

interface Proposals {
  readonly boxes: readonly Corners[];
  readonly perScale: readonly number[];
  readonly afterScale: readonly number[];
}

async function propose(
  weights: MtcnnWeights,
  image: RgbImage,
  options: DetectorOptions,
): Promise<Proposals> {
  const plane = toPlane(image);
  const scales = pyramidScales(image, options);
  const threshold = options.thresholds[0];
  const found: (readonly Candidate[])[] = [];
  for (const scale of scales) {
    const size = scaledSize(image, scale);
    const outputs = await evaluate(weights, "pnet", { planes: [resizePlane(plane, size, "area")], size });
    found.push(candidates(outputs, { columns: proposalColumns(size), scale, threshold }));
  }
  const perScale = found.map((boxes) => pick(boxes, suppress(boxes, 0.5)));
  const all: readonly Candidate[] = perScale.flat();
  return {
    boxes: pick(all, suppress(all, 0.7)).map(({ box, correction }) => squared(correct(box, correction, 0))),
    perScale: found.map((boxes) => boxes.length),
    afterScale: perScale.map((boxes) => boxes.length),
  };
}

interface Looked {
  /** Boxes that lie at least partly in the picture. */
  readonly boxes: readonly Corners[];
  readonly outputs: Numbers;
}

async function look(
  weights: MtcnnWeights,
  network: "rnet" | "onet",
  input: { readonly image: RgbImage; readonly boxes: readonly Corners[] },
): Promise<Looked> {
  const side = FACE_NETWORKS[network].input;
  const size = { width: side, height: side };
  const visible = input.boxes.flatMap((box) => {
    const window = windowOf(box, input.image);
    return window === null ? [] : [{ box, plane: toPlane(cut(input.image, window)) }];
  });
  if (visible.length === 0) return { boxes: [], outputs: NOTHING };
  const planes = visible.map(({ plane }) => resizePlane(plane, size, "area"));
  return {
    boxes: visible.map(({ box }) => box),
    outputs: await evaluate(weights, network, { planes, size }),
  };
}

interface Passed extends Candidate {
  readonly row: number;
}

const passing = ({ boxes, outputs }: Looked, threshold: number): readonly Passed[] =>
  boxes.flatMap((box, row) => {
    const score = outputs.scores[row] as number;
    return score > Math.fround(threshold)
      ? [{ box, score, correction: quadAt(outputs.boxes, row), row }]
      : [];
  });

const areaOf = ({ box: [x1, y1, x2, y2] }: ScoredBox): number => (x2 - x1) * (y2 - y1);

/**
 * Finds the faces of a picture.
 *
 * @param weights The three networks.
 * @param image The picture; none is found in one smaller than the smallest face.
 * @param options Settings.
 * @returns Faces, largest first; none if nothing passes.
 */
export async function detectFaces(
  weights: MtcnnWeights,
  image: RgbImage,
  options: DetectorOptions = DETECTOR_DEFAULTS,
): Promise<Detection> {
  const proposals = await propose(weights, image, options);
  const looked = await look(weights, "rnet", { image, boxes: proposals.boxes });
  const passed = passing(looked, options.thresholds[1]);
  const refined = pick(passed, suppress(passed, 0.7)).map(({ box, correction }) =>
    squared(correct(box, correction, 1))
  );
  const output = await look(weights, "onet", { image, boxes: refined });
  const sure = passing(output, options.thresholds[2]);
  const faces = sure.map(({ box, score, correction, row }): Face => ({
    box: correct(box, correction, 1),
    score,
    landmarks: landmarksIn(box, output.outputs.landmarks.subarray(row * 10, row * 10 + 10)),
  }));
  const kept = pick(faces, suppress(faces, 0.7, "minimum"));
  return {
    faces: [...kept].sort((a, b) => areaOf(b) - areaOf(a)),
    counts: {
      perScale: proposals.perScale,
      afterScale: proposals.afterScale,
      proposals: proposals.boxes.length,
      refined: [looked.boxes.length, passed.length, refined.length],
      output: [output.boxes.length, sure.length],
    },
  };
}
