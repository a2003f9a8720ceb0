import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import * as E from "fp-ts/lib/Either.js";
import type { Stage } from "../../../lib/core/stage.ts";
import { shareUnderWay } from "../../../lib/metrics/judge/share.ts";

describe("shareUnderWay()", () => {
  it("runs stages of one name once while they overlap, and again afterwards", async () => {
    const share = shareUnderWay();
    let runs = 0;
    const stage: Stage<unknown, number> = () => async () => {
      await Promise.resolve();
      return E.right(++runs);
    };
    const both = await Promise.all([
      share("a", stage)({})(),
      share("a", stage)({})(),
      share("b", stage)({})(),
    ]);
    assert.deepEqual(both.map((outcome) => E.isRight(outcome) && outcome.right), [1, 1, 2]);
    assert.deepEqual(await share("a", stage)({})(), E.right(3));
  });
});
