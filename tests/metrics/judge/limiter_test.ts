import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { makeLimiter } from "../../../lib/metrics/judge/limiter.ts";

const still = { now: () => 0, wait: () => () => Promise.resolve() };

describe("makeLimiter()", () => {
  it("never runs more at once than allowed, and runs in order", async () => {
    const limit = makeLimiter({ concurrency: 3, requestsPerMinute: null });
    let running = 0, most = 0;
    const started: number[] = [];
    const task = (index: number) => async () => {
      started.push(index);
      most = Math.max(most, ++running);
      await new Promise((done) => setTimeout(done, 1));
      running--;
      return index;
    };
    const all = await Promise.all(Array.from({ length: 10 }, (_, index) => limit(task(index), still)()));
    assert.deepEqual(all, Array.from({ length: 10 }, (_, index) => index));
    assert.deepEqual(started, all);
    assert.equal(most, 3);
  });

  it("spaces starts evenly", async () => {
    const limit = makeLimiter({ concurrency: 10, requestsPerMinute: 60 });
    const waits: number[] = [];
    const time = { now: () => 0, wait: (ms: number) => () => (waits.push(ms), Promise.resolve()) };
    await Promise.all([1, 2, 3].map((value) => limit(() => Promise.resolve(value), time)()));
    assert.deepEqual(waits, [1000, 2000]);
  });

  it("frees the place of a task that fails", async () => {
    const limit = makeLimiter({ concurrency: 1, requestsPerMinute: null });
    await assert.rejects(limit(() => Promise.reject(new Error("broken")), still)());
    assert.equal(await limit(() => Promise.resolve(1), still)(), 1);
  });
});
