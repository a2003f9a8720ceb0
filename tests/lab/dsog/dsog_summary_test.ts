import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { keyFromSeed } from "../../../lib/core/key.ts";
import { correlations, costsOfReward } from "../../../lab/dsog/dsog_numbers.ts";
import { dsogSummary, simulationCsv } from "../../../lab/dsog/dsog_summary.ts";
import { DSOG_VARIANTS, SCORE_DISTRIBUTIONS, simulateDsog } from "../../../lab/dsog/dsog_simulation.ts";
import { groups, previews } from "./dsog_rows.ts";
import { settings } from "../experiments/stub_runs.ts";

const key = keyFromSeed(1);
const simulations = simulateDsog({ key, updates: 40 });

describe("simulationCsv()", () => {
  it("has a line per distribution, variant and update, with the numbers of the simulation", () => {
    const [head, ...lines] = simulationCsv(simulations).trim().split("\n");
    assert.equal(head, "distribution,variant,update,threshold,pass_rate,passed,candidates,fallbacks");
    assert.equal(lines.length, SCORE_DISTRIBUTIONS.length * DSOG_VARIANTS.length * 40);
    const { distribution, variant, updates } = simulations[3] as typeof simulations[number];
    const of = lines.filter((line) => line.startsWith(`"${distribution}","${variant.name}",`));
    const update = updates[7] as typeof updates[number];
    const { threshold, passRate, passed, candidates, fallbacks } = update;
    assert.equal(
      of[7]?.slice(`"${distribution}","${variant.name}",`.length),
      [7, threshold, passRate, passed, candidates, fallbacks].join(","),
    );
  });
});

describe("dsogSummary()", () => {
  const found = {
    ...{ previews, groups, rules: null, learning: [] },
    ...{ correlations: correlations(previews, key), costs: costsOfReward(groups) },
  };

  it("tells of every variant how often it settled", () => {
    const text = dsogSummary(simulations, null, settings());
    for (const { name } of DSOG_VARIANTS) {
      const runs = simulations.filter(({ variant }) => variant.name === name);
      const settled = runs.filter(({ summary }) => summary.settled !== null).length;
      assert.ok(text.includes(`\n| ${name} | `), name);
      assert.match(
        text,
        new RegExp(`\\| ${name} \\| [^|]+ \\| ${settled} of ${SCORE_DISTRIBUTIONS.length} \\|`),
      );
    }
    assert.doesNotMatch(text, /On the model/);
  });

  it("says what was measured: correlations inside groups, means of groups, costs", () => {
    const text = dsogSummary(simulations, found, settings({ generation: { timesteps: 7 } }));
    assert.match(text, /What a preview predicts \(8 pictures\)/);
    assert.match(text, /T = 7, t\* = /);
    assert.match(text, /\n\| 5 \| 1\.00 \[1\.00, 1\.00\] \| -1\.00 \[-1\.00, -1\.00\] \|/);
    assert.match(text, /\| without DSOG \| 2 \| 2\.0 \| 40 \| 4\.00 \| 0\.450 \| 0\.700 \|/);
    assert.match(text, /\| with DSOG \| 2 \| 2\.0 \| 60 \| 6\.00 \| 0\.700 \| 0\.900 \|/);
    assert.match(text, /\n\| 0\.100 \| 2\.00 \| 3\.00 \| 20 \| 30 \|/);
  });

  it("writes a dash for what has no number", () => {
    const flat = {
      ...found,
      correlations: found.correlations.map((each) => ({ ...each, mean: null, interval: null })),
    };
    assert.match(dsogSummary(simulations, flat, settings()), /\n\| 5 \| – \| – \|/);
  });
});
