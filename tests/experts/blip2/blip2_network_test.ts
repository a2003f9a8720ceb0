import { describe, it } from "@std/testing/bdd";
import { loadBlip2 } from "../../../lib/experts/blip2/blip2_load.ts";
import { preparePictures } from "../../../lib/experts/shared/preprocess.ts";
import { solidImage } from "../../../lib/image/image.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import assert from "node:assert/strict";
import { right } from "../../run/outcome.ts";
import { assertClose } from "../../support/fixture.ts";
import { disk, useGraphBackend } from "../shared/model_on_disk.ts";

await useGraphBackend();
const folder = new URL("../../fixtures/experts/blip2", import.meta.url).pathname;

describe("blip2Network()", () => {
  it("answers each row alone, whatever else is in the batch", async () => {
    const expert = right(await loadBlip2(folder)(disk)());
    const { network } = expert;
    const pictures = [[200, 10, 30], [9, 9, 90], [0, 255, 0]].map((c) =>
      solidImage(28, 28, c as [number, number, number])
    );
    const texts = [[22, 147, 23], [22, 9, 108, 70, 23]];
    const before = tf.memory().numTensors;
    const together = preparePictures(pictures, expert.preprocess, 4);
    const states = await network.hiddenStates(together);
    const queries = await network.embedPixels(together);
    const matches = await network.match(together, texts);
    assert.deepEqual([states.length, queries.length, matches.length], [4, 4, 2]);
    const alone = preparePictures(pictures.slice(1, 2), expert.preprocess);
    assertClose(states[1] ?? [], (await network.hiddenStates(alone))[0] ?? [], 1e-5);
    assertClose(queries[1] ?? [], (await network.embedPixels(alone))[0] ?? [], 1e-5);
    assertClose(matches[1] ?? [], (await network.match(alone, texts.slice(1)))[0] ?? [], 1e-5);
    const vectors = await network.embedIds(texts);
    assertClose(vectors[0] ?? [], (await network.embedIds(texts.slice(0, 1)))[0] ?? [], 1e-5);
    await assert.rejects(network.match(alone, texts), /2 texts for 1 pictures/);
    assert.equal(tf.memory().numTensors, before);
    expert.dispose();
  });
});
