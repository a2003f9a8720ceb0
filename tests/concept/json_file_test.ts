import { describe, it } from "@std/testing/bdd";
import * as t from "io-ts";
import assert from "node:assert/strict";
import { decodeWith, parseJson, readJson, readOptionalJson } from "../../lib/concept/json_file.ts";
import { memoryFiles } from "../support/files.ts";
import { failureOf, valueOf } from "./expect_failure.ts";

const codec = t.intersection([
  t.type({ class: t.string, list: t.array(t.string) }),
  t.partial({ kind: t.union([t.literal("a"), t.literal("b")]) }),
]);
const problem = (value: unknown): string => failureOf(decodeWith(codec, "f.json")(value));

describe("decodeWith()", () => {
  it("names missing fields and wrong ones by their path", () => {
    assert.equal(problem({ list: [] }), "f.json: missing field `class`; correct the file");
    assert.match(
      problem({ class: "x", list: ["a", 2] }),
      /^f\.json: `list\[1\]`: expected string, got the number 2; /,
    );
    assert.match(problem({ class: "x", list: [], kind: "c" }), /`kind`: expected .+, got the string "c"/);
    assert.match(problem(3), /^f\.json: expected .+, got the number 3/);
    assert.match(problem({}), /missing field `class`; missing field `list`; correct the file$/);
  });

  it("keeps unknown keys", () => {
    const value = { class: "x", list: [], more: [1] };
    assert.deepEqual(valueOf(decodeWith(codec, "f.json")(value)), value);
  });
});

describe("parseJson()", () => {
  it("accepts a byte-order mark, refuses nothing, rubbish and LFS pointers", () => {
    assert.deepEqual(valueOf(parseJson("\ufeff[1]", "f")), [1]);
    assert.match(failureOf(parseJson(" \n", "f")), /^f: file is empty/);
    assert.match(failureOf(parseJson("[1,", "f")), /^f: is no valid JSON \(.+\); correct the file$/);
    assert.match(
      failureOf(parseJson("version https://git-lfs.github.com/spec/v1\n", "f")),
      /Git LFS pointer/,
    );
  });
});

describe("readJson()", () => {
  it("fails on a missing file, where readOptionalJson() gives undefined", async () => {
    const world = { files: memoryFiles({ "a.json": "[1]" }) };
    assert.deepEqual(valueOf(await readJson("a.json")(world)()), [1]);
    assert.match(failureOf(await readJson("b.json")(world)()), /^b\.json: file not found/);
    assert.deepEqual(valueOf(await readOptionalJson("a.json")(world)()), [1]);
    assert.equal(valueOf(await readOptionalJson("b.json")(world)()), undefined);
  });
});
