import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { decodeConfig } from "../../lib/config/load.ts";
import { evaluateSystem, type HasEvaluation } from "../../lib/evaluation/session.ts";
import { EVALUATION, evaluationRules, type EvaluationSettings } from "../../lib/evaluation/settings.ts";
import { liveBlobs } from "../../lib/run/blobs.ts";
import type { Profile } from "../../lib/method/profile.ts";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { completion, fakeWorld } from "../metrics/judge/fakes.ts";
import { right } from "../run/outcome.ts";
import { failure, oracle, rightAnswers, succeed, world, worldConcept } from "./world_fixture.ts";

const mip = await worldConcept("mip");
const NONE = {
  ...{ ernie: null, blip2: null, dinov2: null, facenet: null },
  ...{ mtcnn: null, clip: null, judge: null, names: null },
};
const profile = { imageSize: 64, unified: "u", imageTokenizer: "t", ...NONE } as Profile;
const subject = { model: "m", fingerprint: "f", step: 0, folder: "out", imageSize: 64, maxWords: 20 };

const settingsOf = (changes: object): EvaluationSettings =>
  right(decodeConfig(EVALUATION, { tasks: ["qa", "rea"], ...changes })) as EvaluationSettings;

/** The first judge likes what is right; the second is another model, which may say something else. */
function judging(second: (prediction: string, reference: string) => number) {
  const { capabilities, requests } = fakeWorld(({ body }) => {
    const { model, messages: [, { content }] } = JSON.parse(body);
    const { prediction, reference, A, B } = JSON.parse(content);
    if (A !== undefined) return completion(JSON.stringify({ better: A === B ? "tie" : "A" }));
    const score = model === "strict" ? Number(prediction === reference) : second(prediction, reference);
    return completion(JSON.stringify({ score }));
  });
  const needs: HasEvaluation = { ...world().capabilities, blobs: liveBlobs, network: capabilities.network };
  return { needs, requests };
}

const CHAT = { kind: "chat", base_url: "http://judge.test/v1", cache: ":memory:" };
const evaluate = (changes: object) => {
  const context = { settings: settingsOf(changes), profile, variable: () => undefined };
  const { assistant } = oracle((ask) => ask.question.length % 2 === 0 ? "no idea" : rightAnswers(mip)(ask));
  return evaluateSystem([mip], subject, () => RTE.right({ assistant, dispose: () => {} }), context);
};

describe("an evaluation with two judges", () => {
  it("measures agreement, and the second changes no score", async () => {
    const alone = await succeed(
      evaluate({ judge: { ...CHAT, model: "strict" } }),
      judging(() => 0).needs,
    );
    assert.equal(alone.judges, undefined);
    const two = { judge: { ...CHAT, model: "strict" }, second_judge: { ...CHAT, model: "other" } };
    const same = await succeed(evaluate(two), judging((a, b) => Number(a === b)).needs);
    const [found] = same.judges?.agreement ?? [];
    assert.deepEqual([found?.first, found?.second, found?.what, found?.same, found?.kappa], [
      ...["strict", "other", "answers", 1, 1],
    ]);
    assert.deepEqual(same.scores, alone.scores);
    const kind = await succeed(evaluate(two), judging(() => 1).needs);
    const always = kind.judges?.agreement[0];
    assert.ok((always?.same ?? 0) > 0.3 && Math.abs(always?.kappa ?? 1) < 1e-9, "always yes is no agreement");
    assert.deepEqual(kind.scores, alone.scores);
  });

  it("asks a chat judge again in other ways if told so", async () => {
    const { needs, requests } = judging(() => 1);
    const changes = { judge: { ...CHAT, model: "strict", bias_cases: 4 } };
    const { judges } = await succeed(evaluate(changes), needs);
    const probes = Object.fromEntries((judges?.bias ?? []).map((each) => [each.probe, each]));
    assert.deepEqual(Object.keys(probes), ["answer order", "rules in other words", "A and B"]);
    assert.equal(probes["answer order"]?.changed, 0);
    assert.equal(probes["A and B"]?.shift, 1, "it always says A");
    assert.ok(requests.length > 12);
  });

  it("refuses a second judge without a first, and a record without a file", async () => {
    const { needs } = judging(() => 1);
    const recorded = settingsOf({ second_judge: { kind: "recorded" } });
    assert.deepEqual(evaluationRules(recorded).map(({ path }) => path), ["second_judge.file"]);
    assert.match(
      await failure(
        evaluate({ judge: { kind: "none" }, second_judge: { ...CHAT, model: "other" } }),
        needs,
      ),
      /^second_judge\.kind: there is no first judge to compare with/,
    );
  });
});
