import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { decodeConfig } from "../../lib/config/load.ts";
import { BENCHMARK_TASKS } from "../../lib/evaluation/item.ts";
import {
  EVALUATION,
  evaluationRules,
  type EvaluationSettings,
  itemOptions,
  scoreOptions,
} from "../../lib/evaluation/settings.ts";
import { right } from "../run/outcome.ts";

const settingsOf = (data: Record<string, unknown>): EvaluationSettings =>
  right(decodeConfig(EVALUATION, data)) as EvaluationSettings;

describe("EVALUATION", () => {
  it("defaults to the paper's protocol", () => {
    const settings = settingsOf({});
    assert.deepEqual(settings.tasks, BENCHMARK_TASKS);
    assert.deepEqual([settings.seed, settings.imagesPerPrompt, settings.facts], [3407, 4, "test"]);
    assert.deepEqual(evaluationRules(settings), []);
  });

  it("has rules between settings", () => {
    const broken = settingsOf({ tasks: [], judge: { kind: "recorded" } });
    assert.deepEqual(evaluationRules(broken).map(({ path }) => path), ["judge.file", "tasks"]);
  });
});

describe("scoreOptions() and itemOptions()", () => {
  it("write settings by their names in code", () => {
    const rules = scoreOptions(settingsOf({ hit_rule: "word_boundary", token_text: "literal" }), 7);
    assert.deepEqual([rules.hitRule, rules.tokenText, rules.maxWords], ["wordBoundary", "literal", 7]);
    assert.equal(scoreOptions(settingsOf({ hit_rule: "strict" }), 7).hitRule, "strict");
  });

  it("let a set template win over the one a model was trained with", () => {
    const given = { textTemplate: "trained", purePrompts: ["a <sks>"] };
    assert.equal(itemOptions(settingsOf({}), given).textTemplate, "trained");
    assert.equal(itemOptions(settingsOf({ text_template: "set" }), given).textTemplate, "set");
    assert.deepEqual(itemOptions(settingsOf({}), given).purePrompts, ["a <sks>"]);
    assert.ok(!("textTemplate" in itemOptions(settingsOf({}))));
    assert.equal(itemOptions(settingsOf({}), { shownFacts: 5 }).shownFacts, 5);
    assert.equal(itemOptions(settingsOf({ shown_facts: 0 }), { shownFacts: 5 }).shownFacts, 0);
  });
});
