import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { decodeConfig } from "../../lib/config/load.ts";
import {
  evaluatePredictions,
  evaluateSystem,
  type HasEvaluation,
  writeItems,
} from "../../lib/evaluation/session.ts";
import { EVALUATION, type EvaluationSettings } from "../../lib/evaluation/settings.ts";
import { liveBlobs } from "../../lib/run/blobs.ts";
import type { Profile } from "../../lib/method/profile.ts";
import { completion, fakeWorld } from "../metrics/judge/fakes.ts";
import { right } from "../run/outcome.ts";
import { failure, oracle, rightAnswers, succeed, world, worldConcept } from "./world_fixture.ts";

const concepts = await Promise.all(["mip", "toko"].map(worldConcept));
const settings = right(
  decodeConfig(EVALUATION, { tasks: ["qa", "rea"], judge: { kind: "none" } }),
) as EvaluationSettings;
const NONE = {
  ernie: null,
  blip2: null,
  dinov2: null,
  facenet: null,
  mtcnn: null,
  clip: null,
  judge: null,
  names: null,
};
const profile = { imageSize: 64, unified: "u", imageTokenizer: "t", ...NONE } as Profile;
const context = { settings, profile, variable: () => undefined };
const subject = { model: "m", fingerprint: "f", step: 0, folder: "out", imageSize: 64, maxWords: 20 };
const capabilities = (): HasEvaluation => ({
  ...world().capabilities,
  blobs: liveBlobs,
  network: fakeWorld(() => completion("")).capabilities.network,
});

describe("evaluateSystem()", () => {
  it("opens and closes the model once for each concept, and averages over concepts", async () => {
    const events: string[] = [];
    const found = await succeed(
      evaluateSystem(concepts, subject, (concept) => {
        events.push(`open ${concept.id}`);
        const { assistant } = oracle(concept.id === "mip" ? rightAnswers(concept) : () => "");
        return RTE.right({ assistant, dispose: () => void events.push(`close ${concept.id}`) });
      }, context),
      capabilities(),
    );
    assert.deepEqual(events, ["open mip", "close mip", "open toko", "close toko"]);
    assert.deepEqual(found.scores["rea_exact"]?.byConcept, { mip: 1, toko: 0 });
    assert.equal(found.scores["rea_exact"]?.value, 0.5);
    assert.equal(found.protocol.reasoning, "own");
  });

  it("asks hard cases where look-alikes are named, apart from all other scores", async () => {
    const changes = { tasks: ["qa"], judge: { kind: "none" }, hard_cases: true, look_alike_photos: 2 };
    const hard = { ...context, settings: right(decodeConfig(EVALUATION, changes)) as EvaluationSettings };
    const plain = { ...context, settings: { ...hard.settings, hardCases: false } };
    const { assistant } = oracle(() => "Yes.");
    const ask = (given: typeof context) =>
      succeed(
        evaluateSystem(
          concepts.slice(0, 1),
          subject,
          () => RTE.right({ assistant, dispose: () => {} }),
          given,
        ),
        capabilities(),
      );
    const [found, without] = [await ask(hard), await ask(plain)];
    const { lookAlikes, scores } = found.hardCases ?? assert.fail();
    assert.deepEqual([lookAlikes, scores["look_alike_rec"]?.value, scores["look_alike_rec"]?.cases], [
      ...["drawn", 0, 2],
    ]);
    assert.equal(without.hardCases, undefined);
    assert.deepEqual(found.scores, without.scores);
  });

  it("closes the model when it fails", async () => {
    let closed = 0;
    const assistant = {
      answer: () => RTE.left({ _tag: "TensorFailure" as const, operation: "answer", problem: "broken" }),
      draw: () => RTE.right([]),
    };
    const stage = evaluateSystem(
      concepts,
      subject,
      () => RTE.right({ assistant, dispose: () => void closed++ }),
      context,
    );
    assert.equal(await failure(stage, capabilities()), "answer: broken");
    assert.equal(closed, 1);
  });
});

describe("evaluatePredictions()", () => {
  it("counts what nobody predicted", async () => {
    const [mip] = concepts;
    const row = {
      v: 1,
      model: "m",
      bench: "b",
      concept: "mip",
      task: "qa",
      item: "qa_000",
      prediction: "a man .",
    } as const;
    const found = await succeed(
      evaluatePredictions(mip === undefined ? [] : [mip], subject, () => RTE.right([row]), context),
      capabilities(),
    );
    const { value, scored, items, coverage } = found.scores["qa_bleu"] ?? {};
    assert.deepEqual([value, scored, items], [1, 1, 9]);
    assert.ok(Math.abs((coverage ?? 0) - 1 / 9) < 1e-12);
    assert.equal(found.scores["rea_bleu"]?.value, null);
  });
});

describe("writeItems()", () => {
  it("writes the items of all concepts, with the prompts of their data set", async () => {
    const needs = capabilities();
    const drawing = { ...settings, tasks: ["pure_gen"] as const };
    assert.equal(await succeed(writeItems(concepts, "x/items.jsonl", drawing), needs), 50);
    const lines = (await succeed(() => needs.files.readText("x/items.jsonl"), {})).trim().split("\n");
    assert.equal(JSON.parse(lines[1] ?? "").prompt, "a photo of <mip> at the beach .");
  });
});
