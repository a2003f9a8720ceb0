import { describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  type ConceptFile,
  decodeConceptFile,
  encodeConceptFile,
  loadConceptFile,
} from "../../lib/showo/concept_file.ts";
import type { Checked } from "../../lib/core/stage.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { disposeTree } from "../../lib/tensor/tree.ts";
import { encodeTree } from "../../lib/tensor/tree_file.ts";
import { useTestBackend } from "../support/backend.ts";
import { memoryDisk } from "../tensor/sources.ts";
import { numbers } from "./fixture_weights.ts";

await useTestBackend();

const info = { concept: "<bo>", tokens: ["<bo>", "<token_0>"], stage: "stage2" };
const makeRows = () => ({
  embed: tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]),
  headWeight: tf.tensor2d([-1, 0.5, 0, 1e-9, 7, 8], [2, 3]),
  headBias: tf.tensor1d([0.25, -3]),
});
const right = <A>(value: Checked<A>): A => {
  if (E.isLeft(value)) throw new Error(JSON.stringify(value.left));
  return value.right;
};
const problem = (value: Checked<unknown>): string =>
  E.isLeft(value) && value.left._tag === "InputInvalid" ? value.left.problem : "no problem";

const folder = new URL("../fixtures/concept_file/bo/test_train_s2/", import.meta.url);
const names = ["epoch_15_embed.pt", "epoch_15_lm_head_weight.pt", "epoch_15_lm_head_bias.pt"];
const triple = Object.fromEntries(
  names.map((name) => [join("saves", "bo", "s2", name), Deno.readFileSync(new URL(name, folder))]),
);

describe("decodeConceptFile()", () => {
  it("reads back what encodeConceptFile() wrote, bit for bit", () => {
    const rows = makeRows();
    const { rows: found, ...rest } = right(
      decodeConceptFile(encodeConceptFile(rows, info), "bo.safetensors"),
    );
    assert.deepEqual(rest, info);
    for (const name of ["embed", "headWeight", "headBias"] as const) {
      assert.deepEqual(numbers(found[name]), numbers(rows[name]));
      assert.deepEqual(found[name].shape, rows[name].shape);
    }
    disposeTree([rows, found]);
  });
  it("refuses other files and keeps no tensors of them", () => {
    const rows = makeRows();
    const before = tf.memory().numTensors;
    const metadata = { format: "unictokens-concept/1", concept: "<bo>", tokens: '["<bo>","<token_0>"]' };
    const file = (tree: Parameters<typeof encodeTree>[0], header: Record<string, string>) =>
      decodeConceptFile(encodeTree(tree, { metadata: header }), "x.safetensors");
    assert.match(problem(file(rows, {})), /header/);
    assert.match(problem(file(rows, { ...metadata, tokens: "[1]" })), /header/);
    assert.match(problem(file(rows, { ...metadata, tokens: "[" })), /header/);
    assert.match(problem(file(rows, { ...metadata, tokens: '["<bo>"]' })), /2 rows but 1 tokens/);
    assert.match(
      problem(file({ embed: rows.embed, headBias: rows.headBias }, metadata)),
      /headWeight is missing/,
    );
    assert.match(problem(file({ ...rows, headWeight: rows.headBias }, metadata)), /headWeight is missing/);
    const short = tf.tensor1d([1]);
    assert.match(problem(file({ ...rows, headBias: short }, metadata)), /differ/);
    short.dispose();
    assert.equal(tf.memory().numTensors, before);
    disposeTree(rows);
  });
});

describe("loadConceptFile()", () => {
  const load = async (
    path: string,
    files: Record<string, Uint8Array>,
    concept?: string,
  ): Promise<Checked<ConceptFile>> =>
    await loadConceptFile(path, concept === undefined ? {} : { concept })(memoryDisk(files))();

  it("reads a concept file", async () => {
    const rows = makeRows();
    const found = right(await load("bo.safetensors", { "bo.safetensors": encodeConceptFile(rows, info) }));
    assert.deepEqual(found.tokens, info.tokens);
    disposeTree([rows, found.rows]);
  });
  it("reads the triple of the public code from any of its names", async () => {
    for (const path of [...Object.keys(triple), join("saves", "bo", "s2", "epoch_15")]) {
      const { rows, ...rest } = right(await load(path, triple));
      assert.deepEqual(rest, {
        concept: "<bo>",
        tokens: ["<bo>", "<token_0>", "<token_1>"],
        stage: "epoch_15",
      });
      assert.deepEqual(numbers(rows.embed), Array.from({ length: 12 }, (_, i) => i / 8));
      assert.deepEqual(
        numbers(rows.headWeight),
        Array.from({ length: 12 }, (_, i) => i === 0 ? -0 : -i / 16),
      );
      assert.deepEqual(numbers(rows.headBias), [0.5, -0.25, 2]);
      assert.deepEqual(rows.embed.shape, [3, 4]);
      disposeTree(rows);
    }
  });
  it("names the concept as told", async () => {
    const { rows, tokens } = right(await load(Object.keys(triple)[0] ?? "", triple, "<rex>"));
    assert.equal(tokens[0], "<rex>");
    disposeTree(rows);
  });
  it("names the part that is missing", async () => {
    const { [Object.keys(triple)[2] ?? ""]: _, ...incomplete } = triple;
    const found = await load(Object.keys(triple)[0] ?? "", incomplete);
    assert.ok(E.isLeft(found) && found.left._tag === "FileMissing" && /lm_head_bias/.test(found.left.path));
  });
});
