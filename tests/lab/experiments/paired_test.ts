import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { keyFromSeed } from "../../../lib/core/key.ts";
import { clusterMean, type Method, pairedTable, type Sample } from "../../../lab/experiments/paired.ts";

const key = keyFromSeed(4);
const samples = (of: (concept: string, seed: number) => number): readonly Sample[] =>
  ["a", "b", "c", "d"].flatMap((concept) =>
    [1, 2].map((seed) => ({ concept, seed, scores: { rec_weight: of(concept, seed), face_sim: null } }))
  );

describe("clusterMean()", () => {
  const value = fc.double({ min: 0, max: 1, noNaN: true });
  const values = fc.array(fc.record({ concept: fc.constantFrom("a", "b", "c"), value }), {
    minLength: 1,
    maxLength: 9,
  });

  it("lies within its interval, and the interval within the values", () => {
    fc.assert(fc.property(values, (all) => {
      const found = clusterMean(all, key);
      assert.ok(found !== null);
      const numbers = all.map((each) => each.value);
      const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
      assert.ok(found.mean >= low - 1e-9 && found.mean <= high + 1e-9);
      if (found.interval === null) return;
      assert.ok(found.interval.low >= low - 1e-9 && found.interval.high <= high + 1e-9);
    }));
  });

  it("resamples concepts, not seeds, as soon as there are two", () => {
    const same = ["a", "b"].flatMap((concept) => [{ concept, value: 0 }, { concept, value: 1 }]);
    assert.deepEqual(clusterMean(same, key), { mean: 0.5, interval: { low: 0.5, high: 0.5 } });
    const one = clusterMean(same.slice(0, 2), key)?.interval;
    assert.ok(one !== null && one !== undefined && one.low < 0.5 && one.high > 0.5);
    assert.equal(clusterMean([], key), null);
  });
});

describe("pairedTable()", () => {
  const spread = (concept: string, seed: number): number => concept.charCodeAt(0) / 200 + seed / 50;
  const methods: readonly Method[] = [
    { name: "before", samples: samples(spread) },
    { name: "after", samples: samples((concept, seed) => spread(concept, seed) + 0.1) },
  ];
  const table = pairedTable(methods, { title: "t", key });
  const cell = (row: number) => table.rows[row]?.cells["rec_weight"];

  it("removes by pairing what concepts and seeds have in common", () => {
    assert.deepEqual(table.rows.map(({ method }) => method), ["before", "after", "after − before"]);
    const difference = cell(2);
    assert.ok(Math.abs((difference?.value ?? 0) - 0.1) < 1e-9);
    assert.ok((difference?.interval?.high ?? 1) - (difference?.interval?.low ?? 0) < 1e-9);
    assert.ok((cell(0)?.interval?.high ?? 0) - (cell(0)?.interval?.low ?? 0) > 1e-3);
  });

  it("leaves out of the difference what only one of the two has", () => {
    const fewer = pairedTable([methods[0] as Method, {
      name: "after",
      samples: (methods[1]?.samples ?? []).slice(0, 2),
    }], { title: "", key });
    assert.ok(Math.abs((fewer.rows[2]?.cells["rec_weight"]?.value ?? 0) - 0.1) < 1e-9);
  });

  it("shows a metric without any score as missing, and counts runs in its notes", () => {
    assert.equal(table.rows[2]?.cells["face_sim"]?.value, null);
    assert.match(table.notes.join("\n"), /concepts a, b, c, d; seeds 1, 2; runs: before 8, after 8/);
  });
});
