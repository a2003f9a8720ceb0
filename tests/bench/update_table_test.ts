import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import {
  comparedSeconds,
  type Measured,
  ratiosOf,
  screeningFactor,
  updateTable,
  withSection,
} from "../../bench/update_table.ts";
import { resolvedSizes, SIZE_FLAGS, torchSizes, type UpdateSizes } from "../../bench/update_sizes.ts";

const sizes = resolvedSizes(
  Object.fromEntries(
    Object.entries(SIZE_FLAGS).map(([name, flag]) => [name, flag.fallback?.()]),
  ) as unknown as UpdateSizes,
);
const ours = { reason: 1, preview: 1, complete: 3, pictures: 9, reward: 9, update: 5 };
const measured: Measured = {
  ours,
  dsog: { ...ours, preview: 4, complete: 2.4 },
  batched: { reason: 2, decode: 8, update: 10 },
  released: { reason: 10, decode: 20, update: 20 },
  first: 30,
  compiled: [{ name: "text step", signature: "", seconds: 12 }],
  torch: "torch",
  clock: "wall",
};

describe("ratiosOf()", () => {
  it("compares what both sides do: neither pictures nor rewards", () => {
    assert.equal(comparedSeconds(ours), 10);
    assert.deepEqual(ratiosOf(measured), { batched: 2, released: 5 });
    assert.equal(ratiosOf({ ...measured, batched: null }), null);
  });
});

describe("updateTable()", () => {
  it("has a row per part, the ratios, and the compile time apart", () => {
    const table = updateTable(sizes, measured, "cpu");
    assert.match(table, /\| \*\*sum\*\* \| 10\.000 \| 20\.000 \| 50\.000 \| 2\.00 \| 5\.00 \|/);
    assert.match(
      table,
      /First update 30\.0 s; 1 signatures compiled in 12\.0 s \(text step 12\.0 s\), none after it/,
    );
  });
});

describe("screeningFactor()", () => {
  it("sets the measured cost beside the paper's 14.4 T / 9 T", () => {
    assert.match(screeningFactor(sizes, measured) ?? "", /: 1\.60 times .*; on paper 1\.60\./);
  });
});

describe("withSection()", () => {
  it("refuses a section that is not there", () => {
    assert.throws(() => withSection("text", "x", ""), /no section <!-- bench:x -->/);
  });
});

describe("torchSizes()", () => {
  it("counts special tokens, concept rows and the picture that is asked about, as the model does", () => {
    const peer = JSON.parse(torchSizes(sizes, "cpu"));
    assert.deepEqual([peer.text, peer.rows, peer.question, peer.update_steps], [704, 7, 98, 4]);
    assert.equal(peer.clock, "cpu");
  });
});
