import { describe, it } from "@std/testing/bdd";
import { fileURLToPath } from "node:url";
import { decodeImage } from "../../../lib/image/image_file.ts";
import { keyFromSeed } from "../../../lib/core/key.ts";
import {
  bundledDetector,
  inceptionSettings,
  loadFaces,
  loadMtcnn,
} from "../../../lib/experts/face/face_load.ts";
import { inceptionSizes, initialInceptionArrays } from "../../../lib/experts/face/inception_config.ts";
import { encodeSafetensors } from "../../../lib/tensor/containers/safetensors.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import { disposeTree, namedLeaves, type Tree } from "../../../lib/tensor/tree.ts";
import assert from "node:assert/strict";
import { problem, right } from "../../run/outcome.ts";
import { disk, useGraphBackend, withModelFolder } from "../shared/model_on_disk.ts";

await useGraphBackend();
const NANO = inceptionSizes({ multiplier: 1 / 32, repeats: [1, 1, 1], embedding: 4 });
const arrays = initialInceptionArrays(keyFromSeed(3), NANO);
const fixture = (name: string): string => fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url));

describe("loadFaces()", () => {
  it("finds and embeds the face of a photo with the bundled detector", async () => {
    const bytes = await Deno.readFile(fixture("experts/mtcnn/images/astronaut_192.png"));
    const photo = right(decodeImage(bytes, "photo")).image;
    const before = tf.memory().numTensors;
    await withModelFolder({ "config.json": inceptionSettings(NANO, 80) }, arrays, async (folder) => {
      const expert = right(await loadFaces(folder)(disk)());
      const [crop] = right(await expert.crops([photo])({})());
      assert.deepEqual([crop?.width, crop?.height], [80, 80]);
      const [vector] = right(await expert.embed([photo])({})());
      assert.equal(vector?.length, 4);
      expert.dispose();
    });
    assert.equal(tf.memory().numTensors, before);
  });
  it("takes a file for the embedder and says where to get a missing one", async () => {
    await withModelFolder({}, arrays, async (folder) => {
      right(await loadFaces(`${folder}/model.safetensors`)(disk)()).dispose();
      const before = tf.memory().numTensors;
      const line = problem(await loadFaces(`${folder}/faces.pt`)(disk)());
      assert.match(line, /faces\.pt: file not found; download the files of timesler\/facenet-pytorch/);
      assert.equal(tf.memory().numTensors, before, "the detector is freed");
    });
  });
});

describe("loadMtcnn()", () => {
  it("reads the packaged originals as it reads the bundled files", async () => {
    const folder = await Deno.makeTempDir();
    await Deno.copyFile(fixture("torch/pnet.pt"), `${folder}/pnet.pt`);
    for (const name of ["rnet", "onet"]) {
      await Deno.copyFile(`${bundledDetector()}/${name}.safetensors`, `${folder}/${name}.safetensors`);
    }
    const [bundled, packaged] = [right(await loadMtcnn()(disk)()), right(await loadMtcnn(folder)(disk)())];
    const numbers = (tree: Tree) => namedLeaves(tree).map(([name, leaf]) => [name, [...leaf.dataSync()]]);
    assert.deepEqual(numbers(packaged.pnet as Tree), numbers(bundled.pnet as Tree));
    disposeTree([bundled as Tree, packaged as Tree]);
    const before = tf.memory().numTensors;
    await Deno.writeFile(`${folder}/onet.safetensors`, encodeSafetensors(arrays));
    assert.match(
      problem(await loadMtcnn(folder)(disk)()),
      /onet\.safetensors: there is no tensor conv1\.weight/,
    );
    assert.equal(tf.memory().numTensors, before);
    await Deno.remove(folder, { recursive: true });
  });
});
