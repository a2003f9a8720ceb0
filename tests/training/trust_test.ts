import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import assert from "node:assert/strict";
import {
  NO_HISTORY,
  raisedWarnings,
  TRUST_WINDOW,
  trustMetrics,
  type TrustState,
  WARNING_NAMES,
  warningLine,
  type WarningName,
  type WatchedMetrics,
  watchUpdate,
} from "../../lib/training/trust.ts";

const HEALTHY = {
  ...{ frac_reward_zero_std: 0, entropy: 0.5, kl: 0.003, "dsog/fallbacks": 0, grad_norm: 1.5 },
  ...{
    "images/edge_density": 0.2,
    "images/colour_entropy": 4.5,
    "images/diversity": 0.1,
    "images/copies": 0,
  },
};
const states = (rows: readonly WatchedMetrics[]): readonly TrustState[] =>
  rows.reduce<readonly TrustState[]>(
    (so, row) => [...so, watchUpdate(so[so.length - 1] as TrustState, row)],
    [NO_HISTORY],
  );
const after = (rows: readonly WatchedMetrics[]): TrustState => rows.reduce(watchUpdate, NO_HISTORY);
const raised = (rows: readonly WatchedMetrics[]): readonly WarningName[] => {
  const all = states(rows);
  return all.slice(1).flatMap((state, index) => raisedWarnings(all[index] as TrustState, state));
};
const times = <A>(count: number, row: A): readonly A[] => Array.from({ length: count }, () => row);

const number = fc.oneof(
  fc.double({ min: 0, max: 2, noNaN: true }),
  fc.constantFrom(0, 1, null, NaN, Infinity, undefined),
);
const row = fc.record({
  frac_reward_zero_std: fc.constantFrom(0, 1, null),
  entropy: number,
  kl: number,
  "dsog/fallbacks": fc.constantFrom(0, 1, 9, null),
  grad_norm: number,
  reward: number,
});

/** Each kind of warning, and an update that is its sign. */
const SIGNS: readonly (readonly [WarningName, Partial<typeof HEALTHY>])[] = [
  ["zero_variance", { frac_reward_zero_std: 1 }],
  ["entropy_collapse", { entropy: 0.001 }],
  ["kl_explosion", { kl: 0.9 }],
  ["starving_dsog", { "dsog/fallbacks": 9 }],
  ["no_gradient", { grad_norm: 0 }],
  ["flat_images", { "images/edge_density": 0.1 }],
  ["flat_images", { "images/colour_entropy": 2 }],
  ["same_images", { "images/diversity": 0.02 }],
  ["copied_photos", { "images/copies": 0.5 }],
];

describe("watchUpdate()", () => {
  it("has nothing against a healthy run", () => {
    assert.deepEqual(raised(times(50, HEALTHY)), []);
    const healthy = fc.record({
      frac_reward_zero_std: fc.constant(0),
      entropy: fc.double({ min: 0.2, max: 1, noNaN: true }),
      kl: fc.double({ min: 0, max: 0.019, noNaN: true }),
      "dsog/fallbacks": fc.constant(0),
      grad_norm: fc.double({ min: 1e-6, max: 100, noNaN: true }),
    });
    fc.assert(fc.property(fc.array(healthy), (rows) => assert.deepEqual(raised(rows), [])));
  });
  it("raises each kind for its own sign, once, and clears it when the sign is gone", () => {
    for (const [name, sign] of SIGNS) {
      const bad = { ...HEALTHY, ...sign };
      const rows = [...times(10, HEALTHY), ...times(30, bad)];
      assert.deepEqual(raised(rows), [name]);
      assert.deepEqual(after(rows).active, [name]);
      const over = [...rows, ...times(TRUST_WINDOW + 1, HEALTHY)];
      assert.deepEqual(after(over).active, [], name);
      assert.deepEqual(raised([...over, ...times(30, bad)]), [name, name]);
    }
  });
  it("says nothing before four updates, nor of what is not measured", () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 3 }), (rows) => assert.deepEqual(after(rows).active, [])),
    );
    assert.deepEqual(raised(times(30, {})), []);
    const blank = { frac_reward_zero_std: null, entropy: NaN, kl: undefined, grad_norm: Infinity };
    assert.deepEqual(raised(times(30, blank)), []);
  });
  it("tells a value that wavers around its limit once", () => {
    const wavering = Array.from({ length: 60 }, (_, index) => ({
      ...HEALTHY,
      "dsog/fallbacks": index % 2 === 0 ? 3 : 0,
      kl: index % 2 === 0 ? 0.19 : 0.21,
    }));
    const found = raised([...times(4, HEALTHY), ...wavering]);
    for (const name of ["starving_dsog", "kl_explosion"] as const) {
      assert.ok(found.filter((each) => each === name).length <= 1, name);
    }
  });
  it("sees a jump of KL that is still small on average", () => {
    const rows = [...times(10, { ...HEALTHY, kl: 0.002 }), { ...HEALTHY, kl: 0.1 }];
    assert.deepEqual(after(rows).active, ["kl_explosion"]);
  });
  it("measures the collapse of entropy against the run's own beginning", () => {
    const low = { ...HEALTHY, entropy: 0.03 };
    assert.deepEqual(raised(times(30, low)), []);
    assert.deepEqual(raised([...times(8, { ...HEALTHY, entropy: 2 }), ...times(10, low)]), [
      "entropy_collapse",
    ]);
  });
  it("alternates: no warning is raised while it stands", () => {
    fc.assert(fc.property(fc.array(row, { maxLength: 60 }), (rows) => {
      const all = states(rows);
      all.slice(1).forEach((state, index) => {
        const before = all[index] as TrustState;
        for (const name of raisedWarnings(before, state)) {
          assert.ok(!before.active.includes(name) && state.active.includes(name));
        }
        assert.ok(state.recent.length <= TRUST_WINDOW);
        assert.equal(new Set(state.active).size, state.active.length);
      });
    }));
  });
  it("goes on from a saved history as if it had not stopped", () => {
    fc.assert(fc.property(fc.array(row), fc.nat(), (rows, cut) => {
      const at = rows.length === 0 ? 0 : cut % rows.length;
      const stored = JSON.parse(JSON.stringify(rows.slice(0, at))) as WatchedMetrics[];
      const halfway = stored.reduce(watchUpdate, NO_HISTORY);
      assert.deepEqual(rows.slice(at).reduce(watchUpdate, halfway).active, after(rows).active);
    }));
  });
});

describe("warningLine() and trustMetrics()", () => {
  it("say what was seen, what to do, and where it is explained", () => {
    for (const name of WARNING_NAMES) {
      assert.match(
        warningLine(name, 12),
        new RegExp(`^step 12: .+; .+ \\(docs/metrics\\.md, trust/${name}\\)$`),
      );
    }
  });
  it("have a metric for every kind", () => {
    const metrics = trustMetrics({ ...NO_HISTORY, active: ["kl_explosion"] });
    assert.deepEqual(Object.keys(metrics), WARNING_NAMES.map((name) => `trust/${name}`));
    assert.deepEqual(Object.entries(metrics).filter(([, value]) => value === 1), [["trust/kl_explosion", 1]]);
  });
});
