import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { assert as assertType, type IsExact } from "@std/testing/types";
import fc from "fast-check";
import { field, type FieldValue, mapDefaults, section } from "../../lib/config/field.ts";
import type { Positive, UnitInterval } from "../../lib/config/numbers.ts";

const schema = section("A run.", {
  groupSize: field.int({ default: 9, min: 1, max: 64, doc: "G." }),
  learningRate: field.positive({ default: 1e-6, doc: "Rate." }),
  name: field.text({ default: "run", doc: "Name." }),
  shuffle: field.bool({ default: true, doc: "Shuffle." }),
  device: field.choice(["auto", "cpu"], { default: "auto", doc: "Device." }),
  seeds: field.list(field.int({ doc: "" }), { default: [1, 2], doc: "Seeds." }),
  rewardWeights: field.map(field.nonNegative({ doc: "" }), { default: { clip: 1 }, doc: "Weights." }),
  maxKl: field.optional(field.positive({ doc: "Stop rule." })),
  dsog: section("Screening.", { eta: field.unitInterval({ default: 0.8, doc: "Decay." }) }),
});

const problems = (input: unknown): (string | undefined)[] => {
  const outcome = schema.codec.decode(input);
  return outcome._tag === "Left" ? outcome.left.map((error) => error.message) : [];
};

describe("field", () => {
  it("section() infers the TypeScript type of every field", () => {
    type Config = FieldValue<typeof schema>;
    assertType<IsExact<Config["groupSize"], number>>(true);
    assertType<IsExact<Config["learningRate"], Positive>>(true);
    assertType<IsExact<Config["device"], "auto" | "cpu">>(true);
    assertType<IsExact<Config["seeds"], readonly number[]>>(true);
    assertType<IsExact<Config["maxKl"], Positive | null>>(true);
    assertType<IsExact<Config["dsog"]["eta"], UnitInterval>>(true);
    // @ts-expect-error a word that is no choice
    assert.throws(() => field.choice(["a"], { default: "b", doc: "" }), RangeError);
  });

  it("fills in every default", () => {
    assert.deepEqual(schema.codec.decode({}), {
      _tag: "Right",
      right: {
        groupSize: 9,
        learningRate: 1e-6,
        name: "run",
        shuffle: true,
        device: "auto",
        seeds: [1, 2],
        rewardWeights: { clip: 1 },
        maxKl: null,
        dsog: { eta: 0.8 },
      },
    });
  });

  it("says for each kind what was expected and what was found", () => {
    assert.deepEqual(problems({ group_size: "twenty" }), [
      '`group_size`: expected an integer, got the string "twenty"',
    ]);
    assert.deepEqual(problems({ group_size: 2.5 }), [
      "`group_size`: expected an integer, got the number 2.5",
    ]);
    assert.deepEqual(problems({ group_size: 65 }), [
      "`group_size`: expected an integer from 1 to 64, got the number 65",
    ]);
    assert.deepEqual(problems({ learning_rate: 0 }), [
      "`learning_rate`: expected a number above 0, got the number 0",
    ]);
    assert.deepEqual(problems({ device: "gpu" }), [
      '`device`: expected one of auto, cpu, got the string "gpu"',
    ]);
    assert.deepEqual(problems({ shuffle: "no" }), [
      '`shuffle`: expected true or false, got the string "no"; write false without quotes',
    ]);
    assert.match(problems({ group_size: "3" })[0] ?? "", /got the string "3"; write it without quotes/);
    assert.deepEqual(problems({ seeds: [1, "b"] }), ['`seeds.1`: expected an integer, got the string "b"']);
    assert.deepEqual(problems({ seeds: 3 }), ["`seeds`: expected a list, each an integer, got the number 3"]);
    assert.deepEqual(problems({ reward_weights: { clip: -1 } }), [
      "`reward_weights.clip`: expected a number of at least 0, got the number -1",
    ]);
    assert.deepEqual(problems({ reward_weights: 2 }), [
      "`reward_weights`: expected names, each with a number of at least 0, got the number 2",
    ]);
    assert.deepEqual(problems({ max_kl: -1 }), ["`max_kl`: expected a number above 0, got the number -1"]);
    assert.deepEqual(problems({ dsog: { etta: 1 } }), ["unknown key `dsog.etta`, did you mean `dsog.eta`?"]);
  });

  it("reports all problems at once", () => {
    assert.equal(problems({ group_size: 0, learning_rate: -1, nome: "x", dsog: { eta: 2 } }).length, 4);
  });

  it("says how to write a text that YAML reads as something else", () => {
    const hint = (name: unknown): string => problems({ name })[0] ?? "";
    assert.match(
      hint(2024),
      /expected text, got the number 2024; quotes .* name: "2024", or --set 'name="2024"'/,
    );
    assert.match(hint(true), /got the truth value true; quotes make a text of it: name: "true"/);
    assert.match(hint(null), /got nothing; quotes make a text of it: name: "null", and name: "" is an empty/);
    assert.match(hint([1]), /got a list; a text that begins with \[ or \{ needs quotes/);
  });

  it("names the missing keys inside a missing section", () => {
    const strict = section("", { data: section("", { path: field.text({ doc: "Folder of photos." }) }) });
    const outcome = strict.codec.decode({});
    assert.equal(
      outcome._tag === "Left" && outcome.left[0]?.message,
      "missing key `data.path`: Folder of photos.",
    );
  });

  it("a default outside its own range is a programmer's error", () => {
    assert.throws(() => field.int({ default: 0, min: 1, doc: "G." }), /default of "G\."/);
    assert.throws(() => field.map(field.positive({ doc: "" }), { default: { a: 0 }, doc: "W." }), RangeError);
  });

  it("encode after decode gives the same data back", () => {
    const value = fc.record({ group_size: fc.integer({ min: 1, max: 64 }), seeds: fc.array(fc.integer()) });
    fc.assert(fc.property(value, (data) => {
      const outcome = schema.codec.decode(data);
      assert(outcome._tag === "Right");
      const encoded = schema.codec.encode(outcome.right) as Record<string, unknown>;
      assert.equal(encoded["group_size"], data.group_size);
      assert.deepEqual(encoded["seeds"], data.seeds);
    }));
  });

  it("mapDefaults() lists maps by their YAML path", () => {
    assert.deepEqual([...mapDefaults(schema.fields)], [["reward_weights", { clip: 1 }]]);
  });
});
