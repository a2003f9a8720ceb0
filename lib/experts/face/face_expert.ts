/**
 * Faces as vectors: a detector finds the face, an embedder says whose it is.
 *
 * @module
 */
import type { RgbImage } from "../../image/image.ts";
import { attemptAsync, type Stage } from "../../core/stage.ts";
import { tf } from "../../tensor/tf.ts";
import { disposeTree, type Tree } from "../../tensor/tree.ts";
import { IMAGE_BATCHES, inBatches, rowsOf } from "../shared/batches.ts";
import type { ScoredBox } from "./face_boxes.ts";
import { cropFace, type FaceCropOptions } from "./face_crop.ts";
import { numbersOf } from "../shared/host.ts";
import { compiledFaceVectors } from "./inception.ts";
import type { InceptionOf } from "./inception_config.ts";
import { pictureBatch } from "../shared/picture_batches.ts";
import { FACE_PIXELS } from "../shared/preprocess.ts";

/** Finds the faces of a picture; in any order. */
export type FaceDetector = (image: RgbImage) => Promise<readonly ScoredBox[]>;

/** What a face expert is made of. */
export interface FaceParts {
  readonly weights: InceptionOf<tf.Tensor>;
  /** Width of the embedding. */
  readonly width: number;
  readonly detect: FaceDetector;
  /** Side of the crops that the embedder reads, and how much around the face they show. */
  readonly crop: FaceCropOptions;
  /** Which face of a picture counts: the largest (default) or the surest. */
  readonly select?: "largest" | "surest";
  /** Frees the detector. */
  readonly release?: () => void;
}

/** A face embedder that is ready for use. */
export interface FaceExpert {
  /** The vector of length 1 of the face that counts in each picture; `null` where there is none. */
  readonly embed: (images: readonly RgbImage[]) => Stage<unknown, readonly (Float32Array | null)[]>;
  /** Vectors of length 1 of crops, all of one size. */
  readonly embedCrops: (crops: readonly RgbImage[]) => Stage<unknown, readonly Float32Array[]>;
  /** The crop of the face that counts in each picture; `null` where there is none. */
  readonly crops: (images: readonly RgbImage[]) => Stage<unknown, readonly (RgbImage | null)[]>;
  /** Frees the weights. */
  readonly dispose: () => void;
}

const areaOf = ({ box: [x1, y1, x2, y2] }: ScoredBox): number => (x2 - x1) * (y2 - y1);

function chosen(faces: readonly ScoredBox[], select: "largest" | "surest"): ScoredBox | undefined {
  const merit = select === "largest" ? areaOf : ({ score }: ScoredBox) => score;
  return faces.reduce<ScoredBox | undefined>(
    (best, face) => best === undefined || merit(face) > merit(best) ? face : best,
    undefined,
  );
}

async function findCrops(
  { detect, crop, select = "largest" }: FaceParts,
  images: readonly RgbImage[],
): Promise<readonly (RgbImage | null)[]> {
  const crops: (RgbImage | null)[] = [];
  for (const image of images) {
    const face = chosen(await detect(image), select);
    crops.push(face === undefined ? null : cropFace(image, face.box, crop));
  }
  return crops;
}

/**
 * Makes an expert from loaded parts.
 *
 * @param parts Embedder and detector; the expert owns the weights.
 */
export function faceExpert(parts: FaceParts): FaceExpert {
  const forward = compiledFaceVectors();
  const largest = Math.max(...IMAGE_BATCHES);
  const run = async (crops: readonly RgbImage[]): Promise<readonly Float32Array[]> => {
    const pixels = pictureBatch(crops, FACE_PIXELS);
    const { vectors } = await numbersOf(() => ({
      vectors: forward(parts.weights, tf.tensor4d(pixels.data, [...pixels.shape])),
    }));
    return rowsOf(vectors, crops.length, parts.width);
  };
  const embed = async (images: readonly RgbImage[]): Promise<readonly (Float32Array | null)[]> => {
    const crops = await findCrops(parts, images);
    const found = crops.filter((crop) => crop !== null);
    const vectors = found.length === 0 ? [] : await run(found);
    let next = 0;
    return crops.map((crop) => crop === null ? null : vectors[next++] as Float32Array);
  };
  return {
    embed: inBatches("faces", largest, embed),
    embedCrops: inBatches("face vectors", largest, run),
    crops: (images) => () =>
      attemptAsync(
        (problem) => ({ _tag: "TensorFailure", operation: "face detection", problem }),
        () => findCrops(parts, images),
      ),
    dispose: () => {
      disposeTree(parts.weights as Tree);
      parts.release?.();
    },
  };
}
