/**
 * DINOv2 against its reference: preprocessing, embeddings, hidden states, cosines of four kinds.
 *
 * @module
 */
import { mean } from "../../../lib/core/mean.ts";
import * as t from "io-ts";
import type { HasFiles } from "../../../lib/core/capability.ts";
import type { RgbImage } from "../../../lib/image/image.ts";
import type { Stage } from "../../../lib/core/stage.ts";
import { dinov2Embed, dinov2Hidden } from "../../../lib/experts/dinov2/dinov2.ts";
import {
  dinov2Expert,
  type Dinov2Parts,
  loadDinov2Parts,
  type PatchFeatures,
} from "../../../lib/experts/dinov2/dinov2_expert.ts";
import { preparePictures } from "../../../lib/experts/shared/preprocess.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import type { HasBlobs } from "../../../lib/tensor/weight_source.ts";
import { type Check, compare } from "../check.ts";
import { type Arrays, fileExists, readArrays, readCases, readPicture } from "../fixture.ts";
import { inScope, procedure } from "../procedure.ts";
import { cosines } from "./texts.ts";

const Pair = t.type({
  a: t.string,
  b: t.string,
  cls: t.number,
  patchMean: t.number,
  patchAligned: t.number,
  patchBestMatch: t.number,
});
const Cases = t.type({
  cases: t.array(t.intersection([t.type({ name: t.string }), t.partial({ image: t.string })])),
  pairs: t.array(Pair),
});
type Pair = t.TypeOf<typeof Pair>;

const TOLERANCE = 1e-4;

function patchRows({ patches, cls }: PatchFeatures): readonly Float32Array[] {
  const width = cls.length;
  return Array.from(
    { length: patches.length / width },
    (_, row) => patches.subarray(row * width, (row + 1) * width),
  );
}

function patchMean(features: PatchFeatures): Float32Array {
  const rows = patchRows(features);
  return features.cls.map((_, index) =>
    rows.reduce((sum, row) => sum + (row[index] as number), 0) / rows.length
  );
}

function pairCosines(a: PatchFeatures, b: PatchFeatures): Omit<Pair, "a" | "b"> {
  const [rows, columns] = [patchRows(a), patchRows(b)];
  const all = cosines(rows, columns);
  const at = (row: number, column: number) => all[row * columns.length + column] as number;
  return {
    cls: cosines([a.cls], [b.cls])[0] as number,
    patchMean: cosines([patchMean(a)], [patchMean(b)])[0] as number,
    patchAligned: mean(rows.map((_, row) => at(row, row))),
    patchBestMatch: (mean(rows.map((_, row) => Math.max(...columns.map((_, column) => at(row, column))))) +
      mean(columns.map((_, column) => Math.max(...rows.map((_, row) => at(row, column)))))) / 2,
  };
}

function storedChecks(
  { weights, config }: Dinov2Parts,
  input: { readonly name: string; readonly label: string; readonly pixels: Arrays; readonly arrays: Arrays },
): readonly Check[] {
  const { name, label, pixels: stored, arrays } = input;
  return inScope(() => {
    const pixels = tf.transpose(stored.tensor(`${name}.pixel_values`), [0, 2, 3, 1]);
    const hidden = dinov2Hidden(weights, pixels, config);
    const quantities = {
      embeddings: () => dinov2Embed(weights, pixels, config),
      cls: () => tf.slice(hidden, [0, 0, 0], [1, 1, -1]),
      patch_mean: () => tf.mean(tf.slice(hidden, [0, 1 + config.registers, 0], [-1, -1, -1]), 1),
      last_hidden_state: () => hidden,
    };
    return Object.entries(quantities).flatMap(([quantity, compute]) => {
      if (!arrays.has(`${name}.${quantity}`)) return [];
      const expected = arrays.numbers(`${name}.${quantity}`);
      return [compare(compute().dataSync(), expected, { name: label, quantity, tolerance: TOLERANCE })];
    });
  });
}

const pixelCheck = (
  parts: Dinov2Parts,
  image: RgbImage,
  expected: { readonly label: string; readonly pixels: tf.Tensor },
): Check =>
  inScope(() => {
    const rows = tf.transpose(expected.pixels, [0, 2, 3, 1]).dataSync();
    const options = { name: expected.label, quantity: "pixel_values from file", tolerance: 1e-5 };
    return compare(
      preparePictures([image], parts.preprocess).data,
      rows,
      options,
    ) as unknown as tf.TensorContainer;
  }) as unknown as Check;

/**
 * Runs the DINOv2 cases of a fixture folder.
 *
 * @param folder A model folder with `cases.json` and `expected.safetensors`; pixels that it lacks are taken from the
 * folder `dinov2` beside it.
 */
export function dinov2Cases(folder: string): Stage<HasFiles & HasBlobs, readonly Check[]> {
  const suite = folder.slice(folder.lastIndexOf("/") + 1);
  return procedure("dinov2 cases", async (run) => {
    const { cases, pairs } = await run(readCases(`${folder}/cases.json`, Cases));
    const arrays = await run(readArrays(`${folder}/expected.safetensors`));
    const beside = `${folder}/../dinov2/expected.safetensors`;
    const plain = await run(fileExists(beside)) ? await run(readArrays(beside)) : arrays;
    const parts = await run(loadDinov2Parts(folder));
    const expert = dinov2Expert(parts);
    const checks: Check[] = [];
    const features = new Map<string, PatchFeatures>();
    try {
      for (const { name, image } of cases) {
        const label = `${suite} ${name}`;
        const pixels = [arrays, plain].find((from) => from.has(`${name}.pixel_values`));
        if (pixels !== undefined) checks.push(...storedChecks(parts, { name, label, pixels, arrays }));
        if (image === undefined) continue;
        const picture = await run(readPicture(`${folder}/${image}`));
        if (pixels !== undefined) {
          const expected = pixels.tensor(`${name}.pixel_values`);
          checks.push(pixelCheck(parts, picture, { label, pixels: expected }));
          expected.dispose();
        }
        const [found] = await run(expert.embed([picture])) as [PatchFeatures];
        features.set(name, found);
        const options = { name: label, tolerance: TOLERANCE };
        const expected = (field: string) => arrays.numbers(`${name}.${field}`);
        checks.push(compare(found.cls, expected("cls"), { ...options, quantity: "cls from file" }));
        checks.push(
          compare(patchMean(found), expected("patch_mean"), { ...options, quantity: "patch_mean from file" }),
        );
      }
    } finally {
      expert.dispose();
    }
    return [...checks, ...pairChecks(suite, pairs, features)];
  });
}

function pairChecks(
  suite: string,
  pairs: readonly Pair[],
  features: ReadonlyMap<string, PatchFeatures>,
): readonly Check[] {
  return pairs.flatMap(({ a, b, ...expected }) => {
    const [first, second] = [features.get(a), features.get(b)];
    if (first === undefined || second === undefined) return [];
    const found = pairCosines(first, second);
    return (Object.keys(expected) as (keyof typeof expected)[]).map((kind) => {
      const options = { name: `${suite} ${a} × ${b}`, quantity: `${kind} cosine`, tolerance: TOLERANCE };
      return compare([found[kind]], [expected[kind]], options);
    });
  });
}
