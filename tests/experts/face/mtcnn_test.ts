import { describe, it } from "@std/testing/bdd";
import { decodeImage } from "../../../lib/image/image_file.ts";
import { cropCorners, cropFace } from "../../../lib/experts/face/face_crop.ts";
import { detectFaces } from "../../../lib/experts/face/mtcnn.ts";
import {
  FACE_NETWORKS,
  type FaceNetwork,
  type MtcnnWeights,
  readFaceNetwork,
} from "../../../lib/experts/face/mtcnn_networks.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import assert from "node:assert/strict";
import { useTestBackend } from "../../support/backend.ts";
import { assertClose, readJson } from "../../support/fixture.ts";
import { fixtureWeights, rightOf } from "../shared/fixture_model.ts";

await useTestBackend();

const names = Object.keys(FACE_NETWORKS) as FaceNetwork[];
const weights = Object.fromEntries(
  names.map((
    name,
  ) => [name, rightOf(readFaceNetwork(name, fixtureWeights(`../../assets/mtcnn/${name}.safetensors`)))]),
) as MtcnnWeights;

interface Case {
  name: string;
  image: string;
  candidates_per_scale: number[];
  after_scale_nms?: number[];
  after_joint_nms?: number;
  rnet_in_pass?: [number, number];
  rnet_after_nms?: number;
  onet_in_pass?: [number, number];
  faces: { box: number[]; prob: number; landmarks: number[][] }[] | null;
  crops?: { face: number; margin: number; source_box: number[]; crop_uint8: string }[];
}
const { cases } = readJson<{ cases: Case[] }>("experts/mtcnn/cases.json");
const imageOf = (file: string) => {
  const url = new URL(`../../fixtures/experts/mtcnn/${file}`, import.meta.url);
  return rightOf(decodeImage(Deno.readFileSync(url), file)).image;
};

describe("detectFaces()", () => {
  for (const reference of cases) {
    it(`finds what the reference finds in ${reference.name}`, async () => {
      const image = imageOf(reference.image);
      const before = tf.memory().numTensors;
      const { faces, counts } = await detectFaces(weights, image);
      assert.equal(tf.memory().numTensors, before);
      if (reference.rnet_in_pass !== undefined) {
        assert.deepEqual(counts.perScale, reference.candidates_per_scale);
        assert.deepEqual(counts.afterScale, reference.after_scale_nms);
        assert.equal(counts.proposals, reference.after_joint_nms);
        assert.deepEqual(counts.refined, [...reference.rnet_in_pass, reference.rnet_after_nms]);
        assert.deepEqual(counts.output, reference.onet_in_pass ?? [0, 0]);
      }
      assert.equal(faces.length, reference.faces?.length ?? 0);
      reference.faces?.forEach(({ box, prob, landmarks }, index) => {
        const face = faces[index];
        assert.ok(face !== undefined);
        assertClose(face.box, box, 0.01);
        assertClose([face.score], [prob], 1e-4);
        assertClose(face.landmarks.flat(), landmarks.flat(), 0.01);
      });
      for (const { face, margin, source_box, crop_uint8 } of reference.crops ?? []) {
        const options = { side: 160, margin };
        const box = faces[face]?.box ?? [0, 0, 0, 0];
        assert.deepEqual(cropCorners(box, image, options), source_box);
        assert.deepEqual(cropFace(image, box, options).data, imageOf(crop_uint8).data);
      }
    });
  }
});
