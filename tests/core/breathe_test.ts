import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { breathe } from "../../lib/core/breathe.ts";

describe("breathe()", () => {
  it("lets timers through that waited before it", async () => {
    const order: string[] = [];
    setTimeout(() => order.push("timer"), 0);
    await Promise.resolve();
    order.push("promise");
    await breathe();
    order.push("on");
    assert.deepEqual(order, ["promise", "timer", "on"]);
  });
});
