import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { HasJudge, Judge } from "../../../lib/metrics/judge/judge.ts";
import { succeed } from "./fakes.ts";

describe("Judge", () => {
  it("can be code that knows the truth, and a capability of a stage", async () => {
    const exact: Judge = {
      id: "exact match",
      text: ({ reference, prediction }) => RTE.right(reference === prediction ? 1 : 0),
      segments: (_, segments) => RTE.right(segments.map(() => null)),
    };
    const stage = RTE.asksReaderTaskEither(({ judge }: HasJudge) =>
      judge.text({ question: "", reference: "a", prediction: "a" })
    );
    assert.equal(await succeed(stage, { judge: exact }), 1);
  });
});
