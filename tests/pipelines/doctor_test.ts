import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { findingLine, remarkOn } from "../../pipelines/doctor.ts";

describe("findingLine()", () => {
  it("shows times and speeds, a dash for what was not measured, the reason for what doesn't load", () => {
    const finding = { name: "tensorflow", remark: "on CPU", matmul: 10, forward: 100, train: 1000 } as const;
    const line = findingLine(finding, 10);
    assert.match(
      line,
      /^tensorflow +10\.0 ms, 215 GFLOP\/s +100 ms, 100 GFLOP\/s +1000 ms, 30 GFLOP\/s +on CPU$/,
    );
    assert.match(
      findingLine({ name: "cpu", remark: "slow", matmul: 4000 }, 10),
      /^cpu +4000 ms.* - +- +slow$/,
    );
    assert.equal(findingLine({ name: "wasm", remark: "no" }, 10), "wasm        not available: no");
  });
});

describe("remarkOn()", () => {
  it("says that auto leaves a software adapter out", () => {
    const adapter = { name: "webgpu", description: "webgpu on X", rejected: [] } as const;
    assert.equal(remarkOn({ ...adapter, isGpu: true }), "webgpu on X");
    assert.equal(
      remarkOn({ ...adapter, isGpu: false }),
      "webgpu on X: only by device: webgpu, never by auto",
    );
  });
});
