import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { readInfo } from "../../lib/concept/info_file.ts";
import { failureOf, valueOf } from "./expect_failure.ts";

const options = { id: "bo", where: "info.json" };
const base = { class: "dog", info: "<bo> is brown.", extra_info: ["<bo> barks.", "<bo> naps."] };
const read = (extra: Record<string, unknown>) => valueOf(readInfo({ ...base, ...extra }, options));

describe("readInfo()", () => {
  it("decides the category: as given, else conversation type, else the class, else generation type", () => {
    assert.equal(read({ category: "object", conversation_type: "human" }).category, "object");
    assert.equal(read({ conversation_type: "human" }).category, "human");
    assert.equal(read({ class: "Woman" }).category, "human");
    assert.equal(read({ class: "Woman", conversation_type: "object" }).category, "object");
    assert.equal(read({ generation_type: "live_subject" }).category, "animal");
    assert.equal(read({}).category, "object");
  });

  it("derives the generation type from the category", () => {
    assert.equal(read({}).generationType, "object");
    assert.equal(read({ category: "animal" }).generationType, "live_subject");
    assert.equal(read({ category: "animal", generation_type: "object" }).generationType, "object");
  });

  it("keeps unknown keys and warns of a foreign name or beginning", () => {
    const info = read({ name: "rex", info: "A dog.", vet: 1 });
    assert.deepEqual(info.unknownKeys, { vet: 1 });
    assert.deepEqual(info.warnings.map((line) => line.replace(/^info\.json: /, "")), [
      "`name` is rex, the folder is bo; the folder counts",
      '`info` does not begin with "<bo> is"',
    ]);
  });

  it("refuses empty texts and unknown kinds, naming the field", () => {
    const problem = (extra: Record<string, unknown>): string =>
      failureOf(readInfo({ ...base, ...extra }, options));
    assert.match(problem({ class: " " }), /^info\.json: `class` is empty; /);
    assert.match(problem({ extra_info: ["a", ""] }), /`extra_info\[1\]` is empty/);
    assert.match(
      problem({ category: "robot" }),
      /`category`: expected "human" \| "animal" \| "object", got the string/,
    );
    assert.match(problem({ num_testing_info: 1.5 }), /`num_testing_info`: expected Int, got the number 1\.5/);
    assert.match(problem({ num_testing_info: 3 }), /`num_testing_info` is 3/);
  });
});
