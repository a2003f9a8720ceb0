import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { parseConfigText } from "../../lib/config/document.ts";
import { field, type FieldValue, section } from "../../lib/config/field.ts";
import { decodeConfig, decodeSource } from "../../lib/config/load.ts";
import {
  canonicalJson,
  configHash,
  diffConfigs,
  diffTrees,
  stringifyConfig,
} from "../../lib/config/stringify.ts";

const schema = section("A run.", {
  maxSteps: field.int({ default: 100, doc: "Updates." }),
  name: field.text({ default: "mochi", doc: "Name." }),
  maxKl: field.optional(field.number({ doc: "Stop rule." })),
  dsog: section("Screening.", {
    eta: field.number({ default: 0.8, doc: "Decay." }),
    seeds: field.list(field.int({ doc: "" }), { default: [], doc: "Seeds." }),
  }),
});
type Config = FieldValue<typeof schema>;

const configs: fc.Arbitrary<Config> = fc.record({
  maxSteps: fc.integer(),
  name: fc.string({ unit: "grapheme" }),
  maxKl: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
  dsog: fc.record({
    eta: fc.double({ noNaN: true, noDefaultInfinity: true }),
    seeds: fc.array(fc.integer()),
  }),
});

describe("stringify", () => {
  it("stringifyConfig() writes a comment above each key", () => {
    const config = decodeConfig(schema, { dsog: { seeds: [3, 4] } });
    assert(config._tag === "Right");
    assert.equal(
      stringifyConfig(schema, config.right),
      "# A run.\n# Updates.\nmax_steps: 100\n# Name.\nname: mochi\n# Stop rule.\nmax_kl: null\n" +
        "# Screening.\ndsog:\n  # Decay.\n  eta: 0.8\n  # Seeds.\n  seeds:\n    - 3\n    - 4\n",
    );
  });

  it("reading the text gives the same config and the same hash", () => {
    fc.assert(fc.property(configs, (config) => {
      const source = parseConfigText(stringifyConfig(schema, config), "x.yaml");
      assert(source._tag === "Right");
      const read = decodeSource(schema, source.right, { where: "x.yaml" });
      assert(read._tag === "Right");
      assert.equal(configHash(schema, read.right), configHash(schema, config));
    }));
  });

  it("configHash() is the SHA-256 of the canonical JSON", () => {
    const config: Config = { maxSteps: 1, name: "a", maxKl: null, dsog: { eta: 1, seeds: [] } };
    assert.equal(
      canonicalJson(schema.codec.encode(config)),
      '{"dsog":{"eta":1,"seeds":[]},"max_kl":null,"max_steps":1,"name":"a"}',
    );
    assert.equal(configHash(schema, config), "4ec3e93d");
    assert.notEqual(configHash(schema, { ...config, maxSteps: 2 }), "4ec3e93d");
  });

  it("diffConfigs() lists the keys that differ by their YAML path", () => {
    const config: Config = { maxSteps: 1, name: "a", maxKl: null, dsog: { eta: 1, seeds: [1] } };
    const other: Config = { ...config, maxSteps: 2, dsog: { eta: 1, seeds: [1, 2] } };
    assert.deepEqual(diffConfigs(schema, config, config), []);
    assert.deepEqual(diffConfigs(schema, config, other), [
      { path: "dsog.seeds", before: [1], after: [1, 2] },
      { path: "max_steps", before: 1, after: 2 },
    ]);
  });

  it("diffTrees() shows a key that only one side has", () => {
    assert.deepEqual(diffTrees({ a: 1 }, { a: 1, b: 2 }), [{ path: "b", before: undefined, after: 2 }]);
  });
});
