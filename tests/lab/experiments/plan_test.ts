import { describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import assert from "node:assert/strict";
import type { PositiveInt } from "../../../lib/config/numbers.ts";
import { listOf, planOf } from "../../../lab/experiments/plan.ts";

const orders = 24 as PositiveInt;
const texts = { concepts: "mip, toko", seeds: "1,12", tasks: "rea", runs: "there", out: "here", orders };

describe("listOf()", () => {
  it("leaves out what is empty", () => assert.deepEqual([listOf(""), listOf(" a ,, b")], [[], ["a", "b"]]));
});

describe("planOf()", () => {
  it("reads lists and numbers", () =>
    assert.deepEqual(
      planOf(texts),
      E.right({
        concepts: ["mip", "toko"],
        seeds: [1, 12],
        tasks: ["rea"],
        runs: "there",
        out: "here",
        orders,
      }),
    ));
  it("names the first seed that is no whole number", () => {
    for (const seed of ["1.5", "-1", "two"]) {
      assert.deepEqual(
        planOf({ ...texts, seeds: `1,${seed},x` }),
        E.left({
          _tag: "InputInvalid",
          where: "experiment",
          problem: `--seeds: "${seed}" is no whole number`,
          remedy: "write --seeds 1,2",
        }),
      );
    }
  });
});
