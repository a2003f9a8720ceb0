import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { decodeConfig } from "../../lib/config/load.ts";
import { type RunAssistant, runSubject, runSystem } from "../../lib/evaluation/run_system.ts";
import { TRAINING, type TrainingSettings } from "../../lib/method/settings.ts";
import { right } from "../run/outcome.ts";
import { oracle, succeed, world, worldConcept } from "./world_fixture.ts";

const settings = right(decodeConfig(TRAINING, { name: "mine" })) as TrainingSettings;
const run = {
  folder: "runs/a",
  concept: await worldConcept("mip"),
  assistant: oracle(() => "").assistant,
  settings,
  profile: { imageSize: 64 },
  step: 7,
  dispose: () => {},
} as unknown as RunAssistant;

describe("runSubject()", () => {
  it("keeps predictions in the run's folder, by settings and step", () => {
    const subject = runSubject(run);
    assert.deepEqual([subject.model, subject.folder, subject.step], ["mine, step 7", "runs/a/eval", 7]);
    assert.equal(subject.textTemplate, settings.reasoning.textTemplate);
    assert.notEqual(runSubject({ ...run, step: 8 }).fingerprint, subject.fingerprint);
    assert.equal(runSubject(run, "R1").model, "R1");
    assert.equal(runSubject(run, "R1").fingerprint, subject.fingerprint);
  });
});

describe("runSystem()", () => {
  it("hands out the run's own model and leaves it open", async () => {
    const open = await succeed(runSystem(run)(run.concept), world().capabilities as never);
    assert.equal(open.assistant, run.assistant);
    open.dispose();
  });
});
