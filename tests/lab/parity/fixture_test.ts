import { describe, it } from "@std/testing/bdd";
import * as t from "io-ts";
import { fileExists, readArrays, readCases, readPicture } from "../../../lab/parity/fixture.ts";
import { liveFiles } from "../../../lib/run/live.ts";
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { problem, right } from "../../run/outcome.ts";
import { useTestBackend } from "../../support/backend.ts";

await useTestBackend();
const folder = fileURLToPath(new URL("../../fixtures/experts", import.meta.url));
const world = { files: liveFiles() };

describe("readCases()", () => {
  it("reads what the codec names and says which key is wrong", async () => {
    const cases = right(
      await readCases(`${folder}/ernie/cases.json`, t.type({ max_length: t.number }))(world)(),
    );
    assert.equal(cases.max_length, 24);
    const wrong = await readCases(`${folder}/ernie/cases.json`, t.type({ max_length: t.string }))(world)();
    assert.match(problem(wrong), /cases\.json: max_length is missing or of another type$/);
  });
});

describe("readArrays()", () => {
  it("gives numbers, shapes and tensors by name", async () => {
    const arrays = right(await readArrays(`${folder}/ernie/expected.safetensors`)(world)());
    assert.equal(arrays.has("text00.mean"), true);
    assert.deepEqual(arrays.shape("text00.mean"), [24]);
    const tensor = arrays.tensor("text00.mean");
    assert.deepEqual([...tensor.dataSync()], Array.from(arrays.numbers("text00.mean")));
    tensor.dispose();
    assert.throws(() => arrays.numbers("nothing"), /has no array nothing/);
  });
});

describe("readPicture()", () => {
  it("decodes a picture, and tells whether it is there", async () => {
    const image = right(await readPicture(`${folder}/images/small_19x23.png`)(world)());
    assert.deepEqual([image.width, image.height], [19, 23]);
    assert.equal(right(await fileExists(`${folder}/images/none.png`)(world)()), false);
  });
});
