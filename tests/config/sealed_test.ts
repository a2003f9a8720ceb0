import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import * as t from "io-ts";
import { describeValue, mismatch, sealed } from "../../lib/config/sealed.ts";

const codec = sealed<{ readonly maxSteps: number; readonly name: string }>(
  "run",
  new Map([
    ["max_steps", { name: "maxSteps", codec: t.number, fallback: null, expects: "Updates." }],
    ["name", { name: "name", codec: t.string, fallback: () => "mochi", expects: "Name." }],
  ]),
);

const messages = (input: unknown): (string | undefined)[] => {
  const outcome = codec.decode(input);
  return outcome._tag === "Left" ? outcome.left.map((error) => error.message) : [];
};

describe("sealed", () => {
  it("decodes to TypeScript names and encodes back to YAML keys", () => {
    assert.deepEqual(codec.decode({ max_steps: 3 }), {
      _tag: "Right",
      right: { maxSteps: 3, name: "mochi" },
    });
    assert.deepEqual(codec.encode({ maxSteps: 3, name: "x" }), { max_steps: 3, name: "x" });
  });

  it("names the key that was meant, or all keys where none is near", () => {
    assert.deepEqual(messages({ max_step: 3 }), ["unknown key `max_step`, did you mean `max_steps`?"]);
    assert.deepEqual(messages({ max_steps: 3, temperature: 1 }), [
      "unknown key `temperature`, known keys: max_steps, name",
    ]);
  });

  it("reports a missing key with what it is for", () => {
    assert.deepEqual(messages({}), ["missing key `max_steps`: Updates."]);
  });

  it("refuses a list and a word where a section is expected", () => {
    assert.deepEqual(messages([1]), ["expected a section, got a list"]);
    assert.deepEqual(messages("x"), ['expected a section, got the string "x"']);
  });

  it("mismatch() names the path", () => {
    const outcome = mismatch("an integer", true, [{ key: "", type: t.unknown }, {
      key: "a",
      type: t.unknown,
    }]);
    const text = outcome._tag === "Left" ? outcome.left[0]?.message : undefined;
    assert.equal(text, "`a`: expected an integer, got the truth value true");
  });

  it("describeValue() has words for every kind of YAML value", () => {
    assert.deepEqual(
      [null, 3, "twenty", false, [1], { a: 1 }].map(describeValue),
      [
        "nothing",
        "the number 3",
        'the string "twenty"',
        "the truth value false",
        "a list",
        "a section with keys of its own",
      ],
    );
  });
});
