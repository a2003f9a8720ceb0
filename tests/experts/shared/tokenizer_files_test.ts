import { describe, it } from "@std/testing/bdd";
import { readClipTokenizer, readWordPiece } from "../../../lib/experts/shared/tokenizer_files.ts";
import assert from "node:assert/strict";
import { problem, right } from "../../run/outcome.ts";
import { memoryFiles } from "../../support/files.ts";

const model = { path: "m", repository: "a/b" };
const fixture = (name: string): string =>
  Deno.readTextFileSync(new URL(`../../fixtures/${name}`, import.meta.url));
const vocab = { "[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, red: 4, hat: 5 };
const vocabText = Object.keys(vocab).join("\n");
const json = JSON.stringify({ model: { vocab: { ...vocab, red: 5, hat: 4 } } });

describe("readWordPiece()", () => {
  const encode = async (files: Record<string, string>) =>
    right(await readWordPiece(model, { maxLength: 4 })({ files: memoryFiles(files) })()).encode(
      "red hat red",
    );
  it("prefers vocab.txt, takes tokenizer.json, and cuts to the length", async () => {
    assert.deepEqual(await encode({ "m/vocab.txt": vocabText, "m/tokenizer.json": json }), [2, 4, 5, 3]);
    assert.deepEqual(await encode({ "m/tokenizer.json": json }), [2, 5, 4, 3]);
  });
  it("asks for vocab.txt if there is neither", async () => {
    const line = problem(await readWordPiece(model, { maxLength: 4 })({ files: memoryFiles() })());
    assert.equal(line, "m/vocab.txt: file not found; download the files of a/b to m");
  });
});

describe("readClipTokenizer()", () => {
  const pair = {
    "m/vocab.json": fixture("text/clip.vocab.json"),
    "m/merges.txt": fixture("text/clip.merges.txt"),
  };
  const single = { "m/tokenizer.json": fixture("text/clip.tokenizer.json") };
  it("gives the same ids from either kind of file", async () => {
    const open = (files: Record<string, string>) =>
      readClipTokenizer(model, { maxLength: 20 })({ files: memoryFiles(files) })();
    const [first, second] = [right(await open(pair)), right(await open(single))];
    const text = "A photo of <bo> wearing her red dress.";
    assert.deepEqual(first.encode(text), second.encode(text));
    assert.ok(first.encode(text).length > 5);
    assert.match(problem(await open({ "m/vocab.json": "{}" })), /m\/merges\.txt: file not found; download/);
  });
});
