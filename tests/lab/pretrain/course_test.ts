import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { courseOf } from "../../../lab/pretrain/course.ts";

describe("courseOf()", () => {
  it("takes length and speed from the part, the rest from what all share", () => {
    const part = { steps: 9, learningRate: 0.1, warmup: 2, decay: 0.5, floor: 0.01 };
    assert.deepEqual(courseOf(part, { folder: "out", config: { logEvery: 3, saveEvery: 4 } }), {
      ...{ folder: "out", steps: 9, logEvery: 3, saveEvery: 4 },
      schedule: { peak: 0.1, warmup: 2, decay: 0.5, floor: 0.01 },
    });
  });
});
