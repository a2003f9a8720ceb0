/**
 * Face detector and face embedder against their references.
 *
 * @module
 */
import * as t from "io-ts";
import type { HasFiles } from "../../../lib/core/capability.ts";
import type { RgbImage } from "../../../lib/image/image.ts";
import type { Stage } from "../../../lib/core/stage.ts";
import type { Corners } from "../../../lib/experts/face/face_boxes.ts";
import { cropCorners, cropFace } from "../../../lib/experts/face/face_crop.ts";
import { bundledDetector, loadMtcnn } from "../../../lib/experts/face/face_load.ts";
import { detectFaces, type Detection } from "../../../lib/experts/face/mtcnn.ts";
import { disposeTree, type Tree } from "../../../lib/tensor/tree.ts";
import type { HasBlobs } from "../../../lib/tensor/weight_source.ts";
import { type Check, compare, compareExactly } from "../check.ts";
import { fileExists, readCases, readPicture } from "../fixture.ts";
import { procedure, type Run } from "../procedure.ts";

const Numbers = t.array(t.number);
const Case = t.intersection([
  t.type({
    name: t.string,
    image: t.string,
    faces: t.union([
      t.null,
      t.array(t.type({ box: Numbers, prob: t.number, landmarks: t.array(Numbers) })),
    ]),
  }),
  t.partial({
    candidates_per_scale: Numbers,
    after_scale_nms: Numbers,
    after_joint_nms: t.number,
    rnet_in_pass: Numbers,
    rnet_after_nms: t.number,
    onet_in_pass: Numbers,
    crops: t.array(t.type({ face: t.number, margin: t.number, source_box: Numbers, crop_uint8: t.string })),
  }),
]);
const Cases = t.type({
  config: t.type({
    min_face_size: t.number,
    factor: t.number,
    thresholds: t.tuple([t.number, t.number, t.number]),
  }),
  cases: t.array(Case),
});
type Case = t.TypeOf<typeof Case>;

function countChecks(name: string, reference: Case, { counts }: Detection): readonly Check[] {
  if (reference.rnet_in_pass === undefined) return [];
  const found = [
    ...counts.perScale,
    ...counts.afterScale,
    counts.proposals,
    ...counts.refined,
    ...counts.output,
  ];
  const expected = [
    ...reference.candidates_per_scale ?? [],
    ...reference.after_scale_nms ?? [],
    reference.after_joint_nms,
    ...reference.rnet_in_pass,
    reference.rnet_after_nms,
    ...reference.onet_in_pass ?? [0, 0],
  ];
  return [compareExactly(found, expected, { name, quantity: "boxes after each step" })];
}

function faceChecks(name: string, reference: Case, { faces }: Detection): readonly Check[] {
  const expected = reference.faces ?? [];
  const pixels = { name, tolerance: 0.01 };
  const landmarks = faces.flatMap((face) => face.landmarks.flat());
  return [
    compareExactly([faces.length], [expected.length], { name, quantity: "number of faces" }),
    compare(faces.flatMap(({ box }) => box), expected.flatMap(({ box }) => box), {
      ...pixels,
      quantity: "boxes",
    }),
    compare(landmarks, expected.flatMap((face) => face.landmarks.flat()), {
      ...pixels,
      quantity: "landmarks",
    }),
    compare(faces.map(({ score }) => score), expected.map(({ prob }) => prob), {
      name,
      quantity: "scores",
      tolerance: 1e-4,
    }),
  ];
}

async function cropChecks(
  input: { readonly folder: string; readonly reference: Case; readonly image: RgbImage },
  { faces }: Detection,
  run: Run<HasFiles>,
): Promise<readonly Check[]> {
  const { folder, reference, image } = input;
  const checks: Check[] = [];
  for (const { face, margin, source_box, crop_uint8 } of reference.crops ?? []) {
    const name = `mtcnn ${reference.name} margin ${margin}`;
    const box: Corners = faces[face]?.box ?? [0, 0, 1, 1];
    const stored = await run(readPicture(`${folder}/${crop_uint8}`));
    const options = { side: stored.width, margin };
    checks.push(
      compareExactly(cropCorners(box, image, options), source_box, { name, quantity: "source box" }),
    );
    checks.push(compareExactly(cropFace(image, box, options).data, stored.data, { name, quantity: "crop" }));
  }
  return checks;
}

/**
 * Runs the MTCNN cases of a fixture folder.
 *
 * @param folder A folder with `cases.json` and pictures; without its own networks the bundled ones are compared.
 */
export function mtcnnCases(folder: string): Stage<HasFiles & HasBlobs, readonly Check[]> {
  return procedure("mtcnn cases", async (run) => {
    const { cases, config } = await run(readCases(`${folder}/cases.json`, Cases));
    const own = await run(fileExists(`${folder}/onet.safetensors`));
    const weights = await run(loadMtcnn(own ? folder : bundledDetector()));
    const { min_face_size: minFace, factor, thresholds } = config;
    const checks: Check[] = [];
    try {
      for (const reference of cases) {
        const name = `mtcnn ${reference.name}`;
        const image = await run(readPicture(`${folder}/${reference.image}`));
        const detection = await detectFaces(weights, image, { minFace, factor, thresholds });
        checks.push(...countChecks(name, reference, detection), ...faceChecks(name, reference, detection));
        checks.push(...await cropChecks({ folder, reference, image }, detection, run));
      }
    } finally {
      disposeTree(weights as Tree);
    }
    return checks;
  });
}
