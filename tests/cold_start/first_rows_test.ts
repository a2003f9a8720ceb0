import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { keyFromSeed } from "../../lib/core/key.ts";
import { initialConceptRows } from "../../lib/showo/concept_rows.ts";
import { codeCentres, embedRows, firstRows, withEmbedRows } from "../../lib/cold_start/first_rows.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { disposeTree, mapTree } from "../../lib/tensor/tree.ts";
import { numbers, snapshot } from "../showo/fixture_weights.ts";
import { useTestBackend } from "../support/backend.ts";
import { assertClose } from "../support/fixture.ts";
import { concept, tinyRuntime } from "./tiny.ts";

await useTestBackend();
const plain = tinyRuntime();
/** A runtime whose profile has values of its own. */
const runtime = { ...plain, startRows: mapTree(plain.startRows, (leaf) => tf.add(leaf, 1)) };
const pictures = [Int32Array.of(1, 1, 2, 30), Int32Array.of(2, 5, 7, 7)];
const options = { pictures, key: keyFromSeed(1) };
const width = runtime.config.width;
const table = numbers(runtime.base.embed);
const tableRow = (id: number): number[] => table.slice(id * width, (id + 1) * width);
const wordRow = (word: string): number[] => {
  const ids = runtime.encodeText(word);
  return Array.from(
    { length: width },
    (_, i) => ids.reduce((sum, id) => sum + (tableRow(id)[i] as number), 0) / ids.length,
  );
};

describe("firstRows()", () => {
  it("copies the profile's rows, or rows of image codes", () => {
    const [own, copies] = (["profile", "copy"] as const).map((init) =>
      firstRows(runtime, concept, { ...options, init })
    );
    const codes = tf.tidy(() => initialConceptRows(runtime.base, 5, runtime.config));
    assert.deepEqual(snapshot(own ?? []), snapshot(runtime.startRows));
    assert.deepEqual(snapshot(copies ?? []), snapshot(codes));
    disposeTree([own ?? [], copies ?? [], codes]);
  });
  it("begins with the class noun and the mean of the describing words", () => {
    const rows = firstRows(runtime, concept, { ...options, init: "words" });
    const [own, one, two, ...generation] = embedRows(rows, [0, 1, 2, 3, 4]);
    assertClose(own ?? [], wordRow("dog"), 1e-6);
    const words = ["dog", ...concept.info.replace("<mip> is ", "").split(" ")].map(wordRow);
    const mean = Array.from(
      { length: width },
      (_, i) => words.reduce((sum, row) => sum + (row[i] as number), 0) / words.length,
    );
    assertClose(one ?? [], mean, 1e-6);
    assertClose(two ?? [], mean, 1e-6);
    assert.deepEqual(
      generation.map((row) => [...row]),
      embedRows(runtime.startRows, [3, 4]).map((row) => [...row]),
    );
    assert.deepEqual(numbers(rows.headWeight), numbers(runtime.startRows.headWeight));
    disposeTree(rows);
  });
  it("begins with centres of the codes of the photos", () => {
    const rows = firstRows(runtime, concept, { ...options, init: "images" });
    const centres = codeCentres(pictures, runtime, { clusters: 2, key: options.key });
    assert.deepEqual(embedRows(rows, [1, 2]), centres);
    assertClose(embedRows(rows, [0])[0] ?? [], wordRow("dog"), 1e-6);
    disposeTree(rows);
  });
});

describe("codeCentres()", () => {
  it("is the weighted mean of the codes' embeddings for one cluster", () => {
    const [centre] = codeCentres(pictures, runtime, { clusters: 1, key: options.key });
    const all = pictures.flatMap((codes) => [...codes]).map((code) =>
      tableRow(runtime.config.vocabulary.firstConceptRow + code)
    );
    assertClose(
      centre ?? [],
      Array.from({ length: width }, (_, i) => all.reduce((sum, row) => sum + (row[i] as number), 0) / 8),
      1e-6,
    );
  });
});

describe("withEmbedRows()", () => {
  it("replaces rows in fresh tensors and leaks nothing", () => {
    const before = tf.memory().numTensors;
    const rows = withEmbedRows(runtime.startRows, new Map([[3, new Float32Array(width).fill(2)]]));
    assert.deepEqual([...embedRows(rows, [3])[0] ?? []], Array(width).fill(2));
    assert.deepEqual(embedRows(rows, [0, 4]), embedRows(runtime.startRows, [0, 4]));
    disposeTree(rows);
    assert.equal(tf.memory().numTensors, before);
  });
});
