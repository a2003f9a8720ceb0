/**
 * InceptionResnetV1 with formula weights against its reference.
 *
 * @module
 */
import * as t from "io-ts";
import type { HasFiles } from "../../../lib/core/capability.ts";
import type { Stage } from "../../../lib/core/stage.ts";
import { type InceptionStages, inceptionStages } from "../../../lib/experts/face/inception.ts";
import {
  type InceptionOf,
  inceptionParameters,
  inceptionSizes,
} from "../../../lib/experts/face/inception_config.ts";
import { mapParameters } from "../../../lib/experts/shared/parameters.ts";
import { elementCount } from "../../../lib/tensor/containers/dtype.ts";
import { jit } from "../../../lib/tensor/jit.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import { disposeTree, type Tree } from "../../../lib/tensor/tree.ts";
import { type Check, compare } from "../check.ts";
import { type Arrays, readArrays, readCases, readPicture } from "../fixture.ts";
import { faceFormula, formulaNumbers } from "../formula.ts";
import { procedure, type Run } from "../procedure.ts";
import { cosines } from "./texts.ts";

const Case = t.type({
  name: t.string,
  input: t.partial({ generator_name: t.string, shape: t.array(t.number), crop: t.string }),
  stage_means: t.record(t.string, t.number),
});
const Cases = t.type({
  weight_seed_prefix: t.string,
  cases: t.array(Case),
  cosine_matrix: t.array(t.array(t.number)),
});
type Case = t.TypeOf<typeof Case>;

/**
 * Relative. The stored means are those of slightly disturbed inputs: the first one of a crop is 1.6e-4 off what double
 * precision gives for that crop, while the embeddings agree to 1e-7.
 */
const MEAN_TOLERANCE = 5e-3;

const PUBLISHED = inceptionSizes({ multiplier: 1, repeats: [5, 10, 5], embedding: 512 });

/** The published network with formula weights; the caller owns them. */
function formulaWeights(prefix: string): InceptionOf<tf.Tensor> {
  return mapParameters(
    inceptionParameters(PUBLISHED),
    ({ name, shape }) => tf.tensor(faceFormula(name, shape, prefix), [...shape]),
  );
}

async function inputOf(folder: string, { input }: Case, run: Run<HasFiles>): Promise<tf.Tensor> {
  if (input.crop === undefined) {
    const shape = (input.shape ?? []) as [number, number, number, number];
    const numbers = formulaNumbers(input.generator_name ?? "", elementCount(shape));
    return tf.tidy(() => tf.transpose(tf.tensor4d(numbers, shape), [0, 2, 3, 1]));
  }
  const { width, height, data } = await run(readPicture(`${folder}/${input.crop}`));
  const pixels = Float32Array.from(data, (value) => (value - 127.5) / 128);
  return tf.tensor4d(pixels, [1, height, width, 3]);
}

interface Found {
  readonly embedding: Float32Array;
  readonly checks: readonly Check[];
}

async function caseChecks(reference: Case, stages: InceptionStages, arrays: Arrays): Promise<Found> {
  const name = `facenet ${reference.name}`;
  const embedding = await stages.embedding.data() as Float32Array;
  const expected = arrays.numbers(`${reference.name}.embedding`);
  const checks = [compare(embedding, expected, { name, quantity: "embedding", tolerance: 1e-5 })];
  for (const [stage, mean] of Object.entries(reference.stage_means)) {
    const values = Float64Array.from(await stages[stage as keyof InceptionStages].data());
    const found = values.reduce((sum, x) => sum + x, 0) / values.length;
    const tolerance = MEAN_TOLERANCE * Math.abs(mean);
    checks.push(compare([found], [mean], { name, quantity: `mean of ${stage}`, tolerance }));
  }
  return { embedding, checks };
}

/**
 * Runs the face embedder cases of a fixture folder.
 *
 * @param folder A folder with `cases.json` and `expected.safetensors`; the weights come from a formula.
 * @param options.cases Most cases that are run; all by default.
 */
export function facenetCases(
  folder: string,
  options: { readonly cases?: number } = {},
): Stage<HasFiles, readonly Check[]> {
  return procedure("facenet cases", async (run) => {
    const { cases, weight_seed_prefix, cosine_matrix } = await run(readCases(`${folder}/cases.json`, Cases));
    const arrays = await run(readArrays(`${folder}/expected.safetensors`));
    const weights = formulaWeights(weight_seed_prefix);
    const forward = jit(
      "face stages",
      (w: InceptionOf<tf.Tensor>, x: tf.Tensor) => ({ ...inceptionStages(w, x) }),
    );
    const results: Found[] = [];
    const count = Math.min(options.cases ?? Infinity, cases.length);
    for (const reference of cases.slice(0, count)) {
      const pixels = await inputOf(folder, reference, run);
      const stages = forward(weights, pixels);
      results.push(await caseChecks(reference, stages, arrays));
      disposeTree([stages, pixels]);
    }
    disposeTree(weights as Tree);
    const vectors = results.map(({ embedding }) => embedding);
    const expected = cosine_matrix.slice(0, count).flatMap((row) => row.slice(0, count));
    const shared = { name: "facenet", quantity: "cosines", tolerance: 1e-4 };
    return [...results.flatMap(({ checks }) => checks), compare(cosines(vectors, vectors), expected, shared)];
  });
}
