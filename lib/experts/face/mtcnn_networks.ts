/**
 * The three small networks of MTCNN: proposals, refinement, output with landmarks.
 *
 * Zhang et al., "Joint Face Detection and Alignment Using Multitask Cascaded Convolutional Networks"; layers and names of
 * the published facenet-pytorch weights. No padding anywhere; pools count incomplete windows.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import type { Checked } from "../../core/stage.ts";
import { conv2d, linear } from "../../tensor/ops.ts";
import { tf } from "../../tensor/tf.ts";
import type { WeightSource } from "../../tensor/weight_source.ts";
import { readWeights, shapeOf } from "../shared/checkpoint.ts";
import { type AffineOf, layerParameters, type Parameter, parameter } from "../shared/parameters.ts";

/** A convolution or dense layer and the slope of its activation below zero, one a channel. */
export type ActivatedOf<P> = { readonly layer: AffineOf<P>; readonly slope: P };

/** One of the three networks, or the places of its weights. */
export type FaceNetworkOf<P> = {
  readonly convolutions: readonly ActivatedOf<P>[];
  /** Dense layer of the refining networks. */
  readonly dense?: ActivatedOf<P>;
  /** Face or not: 2 outputs. */
  readonly classes: AffineOf<P>;
  /** Box corrections: 4 outputs. */
  readonly boxes: AffineOf<P>;
  /** Five points: 10 outputs. */
  readonly landmarks?: AffineOf<P>;
};

interface Design {
  readonly kernels: readonly number[];
  readonly dense?: string;
  /** Rows and columns that reach the dense layer. */
  readonly cells?: number;
  readonly heads: readonly [classes: string, boxes: string, landmarks?: string];
  /** Window of the pool after each convolution; 0 = none. Stride 2 always. */
  readonly pools: readonly number[];
  /** Pixels a side of its input; the proposal network takes any size. */
  readonly input: number;
}

/** The three networks by file name. */
export const FACE_NETWORKS = {
  pnet: { kernels: [3, 3, 3], heads: ["conv4_1", "conv4_2"], pools: [2, 0, 0], input: 12 },
  rnet: {
    kernels: [3, 3, 2],
    dense: "dense4",
    cells: 3,
    heads: ["dense5_1", "dense5_2"],
    pools: [3, 3, 0],
    input: 24,
  },
  onet: {
    kernels: [3, 3, 3, 2],
    dense: "dense5",
    cells: 3,
    heads: ["dense6_1", "dense6_2", "dense6_3"],
    pools: [3, 3, 2, 0],
    input: 48,
  },
} as const satisfies Readonly<Record<string, Design>>;

/** Names of the three networks. */
export type FaceNetwork = keyof typeof FACE_NETWORKS;

/** Weights of the detector. */
export type MtcnnWeights = Readonly<Record<FaceNetwork, FaceNetworkOf<tf.Tensor>>>;

/**
 * Says which published tensor is which weight.
 *
 * @param network Which network.
 * @param widths Outputs of each convolution, then of the dense layer if there is one.
 */
export function faceNetworkParameters(
  network: FaceNetwork,
  widths: readonly number[],
): FaceNetworkOf<Parameter> {
  const design: Design = FACE_NETWORKS[network];
  const count = design.kernels.length;
  const width = (index: number): number => widths[index] ?? 0;
  const slope = (index: number) => parameter(`prelu${index + 1}.weight`, [width(index)], { constant: 0.25 });
  const convolutions = design.kernels.map((kernel, index) => ({
    layer: layerParameters(`conv${index + 1}`, [
      width(index),
      index === 0 ? 3 : width(index - 1),
      kernel,
      kernel,
    ], { gain: 2 }),
    slope: slope(index),
  }));
  const { dense, cells = 0 } = design;
  const last = dense === undefined ? width(count - 1) : width(count);
  const head = (name: string, outputs: number) =>
    layerParameters(name, dense === undefined ? [outputs, last, 1, 1] : [outputs, last]);
  const [classes, boxes, landmarks] = design.heads;
  return {
    convolutions,
    ...(dense === undefined ? {} : {
      dense: {
        layer: layerParameters(dense, [width(count), cells * cells * width(count - 1)], { gain: 2 }),
        slope: slope(count),
      },
    }),
    classes: head(classes, 2),
    boxes: head(boxes, 4),
    ...(landmarks === undefined ? {} : { landmarks: head(landmarks, 10) }),
  };
}

/**
 * Reads one of the networks; its widths come from the shapes.
 *
 * @param network Which network.
 * @returns Weights that the caller owns, or what is wrong with the file.
 */
export function readFaceNetwork(
  network: FaceNetwork,
  source: WeightSource,
): Checked<FaceNetworkOf<tf.Tensor>> {
  const design: Design = FACE_NETWORKS[network];
  const convolutions = design.kernels.map((_, index) => shapeOf(source, `conv${index + 1}.weight`, 4));
  const dense = design.dense === undefined ? [] : [shapeOf(source, `${design.dense}.weight`, 2)];
  return pipe(
    [...convolutions, ...dense],
    E.sequenceArray,
    E.flatMap((shapes) =>
      readWeights(source, faceNetworkParameters(network, shapes.map(([width = 0]) => width)))
    ),
  );
}

/** Below every number that a layer makes. */
const LOWEST = -1e30;

function ceilPool(x: tf.Tensor, window: number): tf.Tensor {
  if (window === 0) return x;
  const [, height, width] = x.shape as [number, number, number];
  const missing = (length: number) => Math.ceil((length - window) / 2) * 2 + window - length;
  const padded = tf.pad(
    x as tf.Tensor4D,
    [[0, 0], [0, missing(height)], [0, missing(width)], [0, 0]],
    LOWEST,
  );
  return tf.maxPool(padded, window, 2, "valid");
}

/**
 * Counts the cells that the proposal network looks at in one row of a picture.
 *
 * @returns Columns of its score map.
 */
export function proposalColumns({ width }: { readonly width: number }): number {
  return Math.ceil((width - 2 - 2) / 2) + 1 - 4;
}

const leaky = (x: tf.Tensor, slope: tf.Tensor): tf.Tensor =>
  tf.add(tf.relu(x), tf.mul(tf.minimum(x, 0), slope));

/** What a network says about each cell or crop. */
export type FaceOutputs = {
  /** Probability of a face: `[B, rows, columns]`, or `[B]`. */
  readonly scores: tf.Tensor;
  /** Box corrections relative to the box: `[..., 4]`. */
  readonly boxes: tf.Tensor;
  /** Five x, then five y, relative to the box: `[B, 10]`. */
  readonly landmarks?: tf.Tensor;
};

/**
 * Runs one of the networks.
 *
 * @param network Which network.
 * @param pixels `[B, H, W, 3]`, `(x − 127.5) / 128`; 24 or 48 pixels a side for the refining networks.
 * @returns Scores, box corrections and, from the last network, landmarks.
 */
export function runFaceNetwork(
  network: FaceNetwork,
  weights: FaceNetworkOf<tf.Tensor>,
  pixels: tf.Tensor,
): FaceOutputs {
  const { pools }: Design = FACE_NETWORKS[network];
  const features = weights.convolutions.reduce(
    (x, { layer, slope }, index) => ceilPool(leaky(conv2d(x, layer), slope), pools[index] ?? 0),
    pixels,
  );
  if (weights.dense === undefined) {
    return { scores: faceScore(conv2d(features, weights.classes)), boxes: conv2d(features, weights.boxes) };
  }
  const batch = features.shape[0] as number;
  const flat = tf.reshape(tf.transpose(features, [0, 2, 1, 3]), [batch, -1]); // columns before rows, as published
  const dense = leaky(linear(flat, weights.dense.layer), weights.dense.slope);
  return {
    scores: faceScore(linear(dense, weights.classes)),
    boxes: linear(dense, weights.boxes),
    ...(weights.landmarks === undefined ? {} : { landmarks: linear(dense, weights.landmarks) }),
  };
}

function faceScore(logits: tf.Tensor): tf.Tensor {
  const shape = logits.shape.slice(0, -1);
  const begin = [...shape.map(() => 0), 1];
  return tf.reshape(tf.slice(tf.softmax(logits, -1), begin, [...shape, 1]), shape);
}
