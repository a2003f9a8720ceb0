import { describe as suite, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { describe, EXIT_CODES, messageOf, type PipelineError } from "../../lib/core/error.ts";

const examples: readonly PipelineError[] = [
  { _tag: "ConfigInvalid", where: "a.yaml", problems: ["p", "q"] },
  { _tag: "InputInvalid", where: "a.jpg", problem: "p", remedy: "r" },
  { _tag: "FileMissing", path: "a", remedy: "r" },
  { _tag: "FileFailure", path: "a", problem: "p" },
  { _tag: "ShapeMismatch", what: "w", expected: [1, 2], found: [2] },
  { _tag: "TensorFailure", operation: "o", problem: "p" },
  { _tag: "BackendUnavailable", backend: "b", problem: "p", remedy: "r" },
  { _tag: "RewardFailed", expert: "tier", problem: "p" },
  { _tag: "CheckpointCorrupt", path: "c", problem: "p" },
  { _tag: "Diverged", step: 3, tensor: "t", problem: "is NaN" },
  { _tag: "SetupFailed", step: "s", problem: "p", remedy: "r" },
  { _tag: "JudgeFailed", judge: "j", problem: "p" },
  { _tag: "Interrupted", step: 3 },
];

suite("describe()", () => {
  it("gives one non-empty line for every tag", () => {
    assert.deepEqual(examples.map((e) => e._tag).sort(), Object.keys(EXIT_CODES).sort());
    for (const example of examples) assert.match(describe(example), /^[^\n]{4,}$/);
  });
  it("names both shapes", () =>
    assert.equal(
      describe(examples[4]!),
      "w: expected shape [1, 2], found shape [2]".replace("found shape", "found"),
    ));
});

suite("EXIT_CODES", () => {
  it("are distinct and non-zero", () => {
    const codes = Object.values(EXIT_CODES);
    assert.equal(new Set(codes).size, codes.length);
    assert.ok(codes.every((code) => code > 1));
  });
});

suite("messageOf()", () => {
  it("reads errors and anything else", () => {
    assert.equal(messageOf(new Error("a\nb")), "a");
    assert.equal(messageOf("text"), "text");
  });
});
