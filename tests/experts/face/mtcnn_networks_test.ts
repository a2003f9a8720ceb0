import { describe, it } from "@std/testing/bdd";
import {
  FACE_NETWORKS,
  type FaceNetwork,
  faceNetworkParameters,
  type MtcnnWeights,
  proposalColumns,
  readFaceNetwork,
  runFaceNetwork,
} from "../../../lib/experts/face/mtcnn_networks.ts";
import { keyFromSeed } from "../../../lib/core/key.ts";
import { initialArrays } from "../../../lib/experts/shared/parameters.ts";
import { formulaNumbers } from "../../../lab/parity/formula.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import { disposeTree, type Tree } from "../../../lib/tensor/tree.ts";
import assert from "node:assert/strict";
import { useTestBackend } from "../../support/backend.ts";
import { assertClose } from "../../support/fixture.ts";
import { fixtureWeights, memoryWeights, rightOf, toNhwc } from "../shared/fixture_model.ts";

await useTestBackend();

const names = Object.keys(FACE_NETWORKS) as FaceNetwork[];
const weights = Object.fromEntries(
  names.map((
    name,
  ) => [name, rightOf(readFaceNetwork(name, fixtureWeights(`../../assets/mtcnn/${name}.safetensors`)))]),
) as MtcnnWeights;

describe("runFaceNetwork()", () => {
  const face = (side: number): tf.Tensor =>
    toNhwc(tf.tensor4d(formulaNumbers("face", 3 * side * side), [1, 3, side, side]));
  it("equals the reference numbers of the published weights", () => {
    tf.tidy(() => {
      const start = (x: tf.Tensor | undefined, count: number) => x?.dataSync().slice(0, count) ?? [];
      const proposals = runFaceNetwork("pnet", weights.pnet, face(20));
      assert.deepEqual(proposals.scores.shape, [1, 5, 5]);
      assert.equal(proposalColumns({ width: 20 }), 5);
      const corrections = tf.transpose(proposals.boxes, [0, 3, 1, 2]);
      assertClose(start(corrections, 4), [0.032453, 0.179794, 0.265124, 0.253114], 1e-5);
      assertClose(start(tf.sub(1, proposals.scores), 2), [0.994378, 0.939007], 1e-5);
      const refined = runFaceNetwork("rnet", weights.rnet, face(24));
      assertClose(start(refined.boxes, 4), [0.063513, -0.056356, -0.084726, 0.040110], 1e-5);
      assertClose(start(refined.scores, 1), [0.014977], 1e-5);
      const output = runFaceNetwork("onet", weights.onet, face(48));
      assertClose(start(output.boxes, 4), [0.097046, -0.032569, -0.102997, -0.021795], 1e-5);
      assertClose(start(output.landmarks, 3), [0.260798, 0.674702, 0.435772], 1e-5);
      assertClose(start(output.scores, 1), [0.004178], 1e-5);
    });
  });
});

describe("readFaceNetwork()", () => {
  it("takes the widths from the shapes, so that narrow networks load as well", () => {
    for (
      const [network, widths] of [["pnet", [2, 3, 4]], ["rnet", [2, 3, 4, 5]], ["onet", [
        2,
        3,
        4,
        5,
        6,
      ]]] as const
    ) {
      const schema = faceNetworkParameters(network, widths);
      const narrow = rightOf(readFaceNetwork(network, memoryWeights(initialArrays(keyFromSeed(1), schema))));
      tf.tidy(() => {
        const side = FACE_NETWORKS[network].input;
        const outputs = runFaceNetwork(network, narrow, tf.zeros([2, side, side, 3]));
        assert.equal(outputs.scores.size, 2);
        assert.equal(outputs.boxes.size, 8);
        assert.equal(outputs.landmarks?.size ?? 20, 20);
      });
      disposeTree(narrow as Tree);
    }
  });
});

describe("proposalColumns()", () => {
  it("counts the columns of the score map", () => {
    tf.tidy(() => {
      for (const width of [12, 13, 14, 15, 31]) {
        const { scores } = runFaceNetwork("pnet", weights.pnet, tf.zeros([1, 12, width, 3]));
        assert.deepEqual(scores.shape, [1, 1, proposalColumns({ width })]);
      }
    });
  });
});
