import { describe, it } from "@std/testing/bdd";
import type { IsExact } from "@std/testing/types";
import assert from "node:assert/strict";
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { HasClock, HasLog } from "../../lib/core/capability.ts";
import type { PipelineError } from "../../lib/core/error.ts";
import { attempt, attemptAsync, DONE, iterate, scoped, type Stage } from "../../lib/core/stage.ts";

const failure: PipelineError = { _tag: "TensorFailure", operation: "test", problem: "no" };
const resource = (events: string[]): Stage<unknown, string> => () => () => {
  events.push("acquire");
  return Promise.resolve(E.right("r"));
};

describe("Stage", () => {
  it("keeps its types through Do and bind (any here means that packages lack their types: run with node_modules)", () => {
    const first: Stage<HasLog, number> = RTE.right(1);
    const second: Stage<HasClock, string> = RTE.right("a");
    const both = pipe(
      RTE.Do,
      RTE.bindW("n", () => first),
      RTE.bindW("s", () => second),
      RTE.map(({ n, s }) => [n, s] as const),
    );
    const exact: IsExact<
      typeof both,
      RTE.ReaderTaskEither<HasLog & HasClock, PipelineError, readonly [number, string]>
    > = true;
    assert.ok(exact);
    // @ts-expect-error a string is no number
    const wrong: Stage<HasLog, number> = RTE.right("a");
    assert.ok(wrong);
  });
});

describe("scoped()", () => {
  for (
    const [name, use] of [
      ["success", () => RTE.right(1)],
      ["failure", () => RTE.left(failure)],
      ["rejection", () => () => () => Promise.reject(new Error("thrown"))],
      ["a synchronous throw", () => () => {
        throw new Error("thrown");
      }],
    ] as readonly [string, () => Stage<unknown, number>][]
  ) {
    it(`releases after ${name}`, async () => {
      const events: string[] = [];
      const result = await scoped(resource(events), use, () => {
        events.push("release");
      })({})();
      assert.deepEqual(events, ["acquire", "release"]);
      assert.equal(E.isRight(result), name === "success");
    });
  }
  it("does not release what was never acquired", async () => {
    let released = false;
    await scoped(RTE.left(failure), () => RTE.right(1), () => {
      released = true;
    })({})();
    assert.equal(released, false);
  });
});

describe("iterate()", () => {
  it("runs 100,000 steps in constant memory", async () => {
    const count = iterate<unknown, number>((n) => n >= 100_000, (n) => RTE.right(n + 1));
    assert.deepEqual(await count(0)({})(), E.right(100_000));
  });
  it("stops at the first failure", async () => {
    const visited: number[] = [];
    const stage = iterate<unknown, number>(() => false, (n) => {
      visited.push(n);
      return n < 2 ? RTE.right(n + 1) : RTE.left(failure);
    });
    assert.deepEqual(await stage(0)({})(), E.left(failure));
    assert.deepEqual(visited, [0, 1, 2]);
  });
});

describe("attempt(), attemptAsync() and DONE", () => {
  const onThrow = (problem: string): PipelineError => ({ _tag: "TensorFailure", operation: "x", problem });
  it("turn what is thrown into an error", async () => {
    const boom = () => {
      throw new Error("boom\nstack");
    };
    assert.deepEqual(attempt(onThrow, boom), E.left(onThrow("boom")));
    assert.deepEqual(await attemptAsync(onThrow, boom)(), E.left(onThrow("boom")));
    assert.deepEqual(await DONE({})(), E.right(undefined));
  });
});
