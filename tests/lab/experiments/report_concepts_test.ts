import assert from "node:assert/strict";
import { basename } from "node:path";
import { describe, it } from "@std/testing/bdd";
import type { ExperimentOptions } from "../../../lab/experiments/main_experiment.ts";
import { planOf } from "../../../lab/experiments/plan.ts";
import { quickPlan, withConcepts } from "../../../lab/experiments/report_concepts.ts";
import { memoryFiles } from "../../run/memory_files.ts";
import { right } from "../../run/outcome.ts";
import type { PositiveInt } from "../../../lib/config/numbers.ts";

const planned = (concepts: string): ExperimentOptions =>
  right(planOf({
    ...{ concepts, seeds: "3,4", tasks: "qa", runs: "runs/x", out: "out" },
    orders: 24 as PositiveInt,
  }));
const named = async (plan: ExperimentOptions, quick: boolean): Promise<readonly string[]> =>
  right(await withConcepts(plan, { quick })({ files: memoryFiles() })()).concepts.map((path) =>
    basename(path)
  );

describe("withConcepts()", () => {
  it("keeps the concepts of the user", async () => {
    assert.deepEqual(await named(planned("mip,toko"), true), ["mip", "toko"]);
  });
  it("takes twelve for reports, or a man, a dog and a robot of them", async () => {
    const all = await named(planned(""), false);
    const few = await named(planned(""), true);
    assert.deepEqual([all.length, few.length], [12, 3]);
    assert.ok(few.every((name) => all.includes(name)));
  });
});

describe("quickPlan()", () => {
  it("has one seed and the tasks that show the result", () => {
    const { seeds, tasks } = quickPlan(planned(""));
    assert.deepEqual([seeds, tasks], [[3], ["rec", "vqa", "rea", "pure_gen", "rea_gen"]]);
  });
});
