import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { keyFromSeed } from "../../../lib/core/key.ts";
import { correlations, costsOfReward, groupMeans } from "../../../lab/dsog/dsog_numbers.ts";
import { groupRow, groups, previews } from "./dsog_rows.ts";

const key = keyFromSeed(1);

describe("correlations()", () => {
  const found = correlations(previews, key);
  const at = (step: number, target: string) =>
    found.find((each) => each.step === step && each.target === target);

  it("are those inside groups, whatever separates the groups", () => {
    assert.equal(at(5, "final")?.mean, 1);
    assert.equal(at(5, "reward")?.mean, -1);
    assert.ok((at(5, "reward")?.pooled ?? -1) > -1, "pooled, the better group has the higher rewards");
    assert.deepEqual(at(1, "final")?.mean, at(1, "final")?.interval?.low);
    assert.equal(at(1, "final")?.groups, 2);
  });

  it("leave out groups without spread", () => {
    const flat = correlations(previews.map((each) => ({ ...each, previews: { 1: 0.5 } })), key);
    assert.deepEqual(flat.map(({ mean, groups: count }) => [mean, count]), [[null, 0], [null, 0]]);
  });
});

describe("costsOfReward()", () => {
  it("divides all seconds by the trajectories that reach the reward", () => {
    const costs = costsOfReward(groups);
    const lowest = costs.filter(({ reward }) => reward === 0.1);
    assert.deepEqual(lowest.map(({ screened, reached, seconds }) => [screened, reached, seconds]), [[
      false,
      4,
      2,
    ], [true, 4, 3]]);
    const high = costs.filter(({ reward }) => reward === 0.5);
    assert.deepEqual(high.map(({ screened, reached, seconds }) => [screened, reached, seconds]), [[
      false,
      2,
      4,
    ], [true, 3, 4]]);
    const ratio = costs.flatMap(({ seconds, decodeSteps }) =>
      seconds === null ? [] : (decodeSteps ?? 0) / seconds
    );
    assert.ok(ratio.every((each) => Math.abs(each - 10) < 1e-9));
  });

  it("never falls with the reward", () => {
    const rewards = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 6 });
    fc.assert(fc.property(rewards, rewards, (plain, screened) => {
      const costs = costsOfReward([groupRow(false, plain, 1), groupRow(true, screened, 2)]);
      for (const way of [false, true]) {
        const seconds = costs.filter((cost) => cost.screened === way).map((cost) => cost.seconds ?? Infinity);
        assert.deepEqual(seconds, [...seconds].sort((a, b) => a - b));
      }
    }));
  });
});

describe("groupMeans()", () => {
  it("averages each way by itself", () => {
    const [plain, screened] = groupMeans(groups);
    assert.deepEqual([plain?.seconds, screened?.seconds, plain?.groups], [4, 6, 2]);
    assert.ok(Math.abs((plain?.best ?? 0) - 0.7) < 1e-9 && Math.abs((screened?.reward ?? 0) - 0.7) < 1e-9);
  });
});
