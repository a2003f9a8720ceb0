import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  choose,
  fold,
  integer,
  type Key,
  keyFromSeed,
  normals,
  shuffle,
  split,
  threefry,
  uniforms,
} from "../../lib/core/key.ts";

const hex = (words: Key): string => words.map((word) => word.toString(16).padStart(8, "0")).join(" ");
const word = fc.integer({ min: 0, max: 0xffffffff });

describe("threefry()", () => {
  // Known-answer vectors of the Random123 distribution (kat_vectors, threefry2x32 20).
  it("equals the Random123 vector for zeros", () =>
    assert.equal(hex(threefry([0, 0], [0, 0])), "6b200159 99ba4efe"));
  it("equals the Random123 vector for ones", () =>
    assert.equal(hex(threefry([0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff])), "1cb996fc bb002be7"));
  it("equals the Random123 vector for digits of pi", () =>
    assert.equal(hex(threefry([0x13198a2e, 0x03707344], [0x243f6a88, 0x85a308d3])), "c4923a9c 483df7a0"));
});

describe("uniforms()", () => {
  it("draws in [0, 1), exact in 32-bit floats, prefix-stable", () =>
    fc.assert(fc.property(word, word, fc.integer({ min: 0, max: 40 }), (a, b, count) => {
      const draws = uniforms([a, b], count);
      assert.ok(draws.every((u) => u >= 0 && u < 1 && u * 2 ** 24 === Math.floor(u * 2 ** 24)));
      assert.deepEqual(draws, uniforms([a, b], count + 5).slice(0, count));
    })));
  it("has the mean and variance of a uniform", () => {
    const draws = [...uniforms(keyFromSeed(0), 20000)];
    const mean = draws.reduce((sum, u) => sum + u, 0) / draws.length;
    const variance = draws.reduce((sum, u) => sum + (u - mean) ** 2, 0) / draws.length;
    assert.ok(Math.abs(mean - 0.5) < 0.01 && Math.abs(variance - 1 / 12) < 0.003);
  });
});

describe("split() and fold()", () => {
  it("give children that differ from each other and from the parent", () => {
    const keys = [
      keyFromSeed(0),
      ...split(keyFromSeed(0), 50),
      fold(keyFromSeed(0), "a"),
      fold(keyFromSeed(0), "b"),
    ];
    assert.equal(new Set(keys.map(hex)).size, keys.length);
  });
  it("do not confuse large seeds", () => assert.notEqual(hex(keyFromSeed(1)), hex(keyFromSeed(2 ** 32 + 1))));
});

describe("normals()", () => {
  it("has mean 0 and standard deviation 1", () => {
    const draws = [...normals(keyFromSeed(3), 20001)];
    const mean = draws.reduce((sum, x) => sum + x, 0) / draws.length;
    const spread = Math.sqrt(draws.reduce((sum, x) => sum + x * x, 0) / draws.length);
    assert.equal(draws.length, 20001);
    assert.ok(Math.abs(mean) < 0.03 && Math.abs(spread - 1) < 0.02);
  });
});

describe("choose(), integer() and shuffle()", () => {
  it("stay in range and keep the elements", () =>
    fc.assert(fc.property(word, fc.array(fc.integer(), { minLength: 1 }), (seed, items) => {
      const key = keyFromSeed(seed);
      assert.ok(items.includes(choose(key, items)));
      assert.ok(integer(key, items.length) < items.length);
      const compare = (a: number, b: number) => a - b;
      assert.deepEqual(shuffle(key, items).sort(compare), [...items].sort(compare));
    })));
});
