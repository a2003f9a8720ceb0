import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { assert as assertType, type IsExact } from "@std/testing/types";
import { stringify } from "@std/yaml";
import fc from "fast-check";
import { parseConfigText } from "../../lib/config/document.ts";
import { field, section } from "../../lib/config/field.ts";
import {
  decodeConfig,
  decodeSource,
  type Frozen,
  loadConfig,
  type RuleProblem,
} from "../../lib/config/load.ts";
import { describe as describeError } from "../../lib/core/error.ts";
import { liveFiles } from "../../lib/run/live.ts";

const fixtures = `${import.meta.dirname}/../fixtures/config`;
const schema = section("A run.", {
  seed: field.int({ default: 0, min: 0, doc: "Seed." }),
  steps: field.positiveInt({ default: 100, doc: "Updates." }),
  learningRate: field.positive({ default: 1e-6, doc: "Rate." }),
  weights: field.map(field.number({ doc: "" }), { default: { clip: 1, dino: 2 }, doc: "Weights." }),
  tags: field.list(field.text({ doc: "" }), { default: ["a"], doc: "Tags." }),
});
const rules = (config: { readonly seed: number; readonly steps: number }): RuleProblem[] =>
  config.seed > config.steps
    ? [{ path: "seed", value: config.seed, remedy: `must be at most steps (${config.steps})` }]
    : [];
const load = (path: string, overrides: readonly string[] = []) =>
  loadConfig(schema, { path, overrides, crossRules: rules })({ files: liveFiles() })();
const problem = async (path: string, overrides: readonly string[] = []): Promise<string> => {
  const outcome = await load(path, overrides);
  return outcome._tag === "Left" ? describeError(outcome.left) : "";
};

describe("load", () => {
  it("names a misspelt key, the one that was meant, file and line", async () => {
    const path = `${fixtures}/config_unknown_key.yaml`;
    assert.equal(
      await problem(path),
      `${path}: line 4: unknown key \`learnig_rate\`, did you mean \`learning_rate\`?`,
    );
  });

  it("names a number that is a word", async () => {
    const path = `${fixtures}/config_wrong_type.yaml`;
    assert.equal(
      await problem(path),
      `${path}: line 3: \`steps\`: expected an integer, got the string "twenty"`,
    );
  });

  it("an override mends a faulty value", async () => {
    const outcome = await load(`${fixtures}/config_wrong_type.yaml`, ["steps=20", "weights.clip=0"]);
    assert(outcome._tag === "Right");
    assert.deepEqual(outcome.right, {
      seed: 7,
      steps: 20,
      learningRate: 1e-4,
      weights: { clip: 0, dino: 2 },
      tags: ["a"],
    });
  });

  it("reports a broken rule between keys, with the place of the key", async () => {
    const path = `${fixtures}/config_wrong_type.yaml`;
    assert.equal(
      await problem(path, ["steps=3"]),
      `${path}: line 2: \`seed\`: got the number 7, must be at most steps (3)`,
    );
  });

  it("says that a file is missing and what to name instead", async () => {
    assert.equal(
      await problem("none.yaml"),
      "none.yaml: file not found; name a YAML file such as those in configs/",
    );
  });

  it("answers any text and any data with a config or an error, never with a throw", () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.jsonValue().map((value) => stringify(value))), (text) => {
      const source = parseConfigText(text, "x.yaml");
      if (source._tag === "Left") return assert.equal(source.left._tag, "ConfigInvalid");
      const outcome = decodeSource(schema, source.right, { where: "x.yaml" });
      if (outcome._tag === "Left") assert.equal(outcome.left._tag, "ConfigInvalid");
    }));
    const bomb = "a: &a [x, x]\n" +
      [..."bcdefghijk"].map((name, index) =>
        `${name}: &${name} [${Array(9).fill(`*${"abcdefghij"[index]}`).join(", ")}]\n`
      ).join("");
    assert.equal(parseConfigText(bomb, "x.yaml")._tag, "Left");
  });

  it("freezes the config to its leaves", () => {
    const outcome = decodeConfig(schema, {});
    assert(outcome._tag === "Right");
    assert.throws(() => Object.assign(outcome.right.weights, { clip: 3 }), TypeError);
    assert.throws(() => (outcome.right.tags as string[]).push("b"), TypeError);
    assertType<IsExact<Frozen<{ a: string[] }>, { readonly a: readonly string[] }>>(true);
  });
});
