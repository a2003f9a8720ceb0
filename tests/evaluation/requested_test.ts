import assert from "node:assert/strict";
import { after, before, describe, it } from "@std/testing/bdd";
import { join } from "node:path";
import { decodeConfig } from "../../lib/config/load.ts";
import { solidImage } from "../../lib/image/image.ts";
import { encodePng } from "../../lib/image/png.ts";
import { evaluationTable } from "../../lib/evaluation/evaluation_table.ts";
import { readPredictionFolder } from "../../lib/evaluation/manifest.ts";
import { evaluateRequest, type EvaluationRequest, type Target } from "../../lib/evaluation/requested.ts";
import type { HasEvaluation } from "../../lib/evaluation/session.ts";
import { EVALUATION, type EvaluationSettings } from "../../lib/evaluation/settings.ts";
import { BASELINES } from "../../lib/baselines/settings.ts";
import { openBackend } from "../../lib/tensor/backend.ts";
import { liveBlobs } from "../../lib/run/blobs.ts";
import { liveFiles } from "../../lib/run/live.ts";
import { completion, fakeWorld, refusal } from "../metrics/judge/fakes.ts";
import { right } from "../run/outcome.ts";
import { writeTinyConfig, writeTinyProfile, writeTinyRun } from "../support/tiny_profile.ts";
import { failure, succeed, world } from "./world_fixture.ts";

await succeed(openBackend({ device: "cpu" }), world().capabilities);

const folder = await Deno.makeTempDir({ prefix: "requested-" });
const profile = join(folder, "profile");
const run = join(folder, "runs", "tiny");

const settingsOf = (changes: object): EvaluationSettings =>
  right(
    decodeConfig(EVALUATION, { images_per_prompt: 1, judge: { kind: "none" }, ...changes }),
  ) as EvaluationSettings;
const request = (target: Target, changes: Partial<EvaluationRequest> = {}): EvaluationRequest => ({
  target,
  settings: settingsOf({ tasks: ["rea", "rea_gen"] }),
  model: "",
  concept: "assets/world/mip",
  profile,
  out: join(folder, "out"),
  variable: () => undefined,
  ...changes,
});
const { network } = fakeWorld(() => completion("in the park .")).capabilities;
const capabilities = (): HasEvaluation => ({
  ...world().capabilities,
  files: liveFiles(),
  blobs: liveBlobs,
  network,
});

before(async () => {
  await writeTinyProfile(profile);
  const config = join(folder, "tiny.yaml");
  await writeTinyConfig(config, { profile, runs: join(folder, "runs") });
  await writeTinyRun(run, config);
});
after(() => Deno.remove(folder, { recursive: true }));

describe("evaluateRequest()", () => {
  it("evaluates a run into its own folder, the same again", async () => {
    const first = await succeed(evaluateRequest(request({ kind: "run", path: run })), capabilities());
    assert.deepEqual([first.model, first.step, first.concepts], ["tiny, step 0", 0, ["mip"]]);
    assert.deepEqual(Object.keys(first.scores), ["rea_bleu", "rea_exact"]);
    const file = join(run, "eval", "step-000000.json");
    const text = await Deno.readTextFile(file);
    const picture = join(run, "eval", "step-000000", "images", "mip", "rea_gen", "prompt_000_0.png");
    const pixels = await Deno.readFile(picture);
    await Deno.remove(join(run, "eval", "step-000000"), { recursive: true });
    const again = await succeed(evaluateRequest(request({ kind: "run", path: run })), capabilities());
    assert.deepEqual(again, first);
    assert.equal(await Deno.readTextFile(file), text);
    assert.deepEqual(
      await Deno.readFile(picture),
      pixels,
      "the same weights, seed and backend draw the same",
    );
  });

  it("asks a run again whose backbone was trained anew", async () => {
    const ask = async (): Promise<number> => {
      const told = world();
      const needs = { ...capabilities(), log: told.capabilities.log };
      await succeed(evaluateRequest(request({ kind: "run", path: run })), needs);
      return told.status.length;
    };
    await ask();
    assert.equal(await ask(), 0, "nothing is asked twice");
    await Deno.writeTextFile(join(profile, "unified", "manifest.json"), "{}");
    assert.ok(await ask() > 0);
  });

  it("scores what a run predicted as predictions, with the same numbers", async () => {
    const own = await succeed(evaluateRequest(request({ kind: "run", path: run })), capabilities());
    const given = join(run, "eval", "step-000000");
    const scored = await succeed(
      evaluateRequest(request({ kind: "predictions", folder: given })),
      capabilities(),
    );
    assert.deepEqual(scored.scores, own.scores);
    assert.deepEqual([scored.model, scored.protocol.reasoning], ["tiny, step 0", "given"]);
  });

  it("tells the untrained backbone in words", async () => {
    const out = join(folder, "words");
    const found = await succeed(
      evaluateRequest(request({ kind: "backbone" }, { out, settings: settingsOf({ tasks: ["qa"] }) })),
      capabilities(),
    );
    assert.deepEqual([found.model, found.scores["qa_bleu"]?.items], ["backbone + text prompt", 9]);
  });

  it("asks a server about every concept of a data set", async () => {
    const out = join(folder, "server");
    const settings = settingsOf({ tasks: ["qa"], text_template: "{prompt}" });
    const target = { kind: "endpoint", baseUrl: "http://server/v1" } as const;
    const found = await succeed(
      evaluateRequest(request(target, { out, settings, model: "gpt", concept: "assets/world" })),
      capabilities(),
    );
    assert.deepEqual([found.model, found.concepts.length], ["gpt", 6]);
    assert.equal(found.scores["qa_bleu"]?.intervalOver, "concepts");
    const rows = await succeed(readPredictionFolder(join(out, "eval", "step-000000")), capabilities());
    assert.ok(
      rows.length > 20 && rows.every((row) => "prediction" in row && row.prediction === "in the park ."),
    );
  });

  it("trains a baseline once, lets it draw from bare prompts, and keeps its weights", async () => {
    const out = join(folder, "baseline");
    const baseline = { steps: 1, batch: 1, prior_pictures: 1, lora_rank: 1 };
    const settings = settingsOf({ tasks: ["rea", "plain_gen"], baseline });
    for (const name of BASELINES) {
      const ask = () =>
        evaluateRequest(request({ kind: "baseline", name }, { out: join(out, name), settings }));
      const first = world();
      const found = await succeed(ask(), { ...capabilities(), log: first.capabilities.log });
      assert.match(found.model, /our backbone$/);
      assert.deepEqual([found.protocol.reasoning, Object.keys(found.scores)], ["none", []]);
      assert.ok(first.status.some((line) => /(?:textual inversion|dreambooth) 1\/1 /.test(line)));
      const kept = join(out, name, "eval", "step-000000");
      const rows = await succeed(readPredictionFolder(kept), capabilities());
      assert.deepEqual(rows.map(({ task }) => task), ["plain_gen"]);
      const second = world();
      await succeed(ask(), { ...capabilities(), log: second.capabilities.log });
      assert.deepEqual(second.status, [], "neither trained nor drawn again");
      if (name === "dreambooth") continue;
      const other = settingsOf({ tasks: ["plain_gen"], baseline: { ...baseline, seed: 2 } });
      const third = world();
      await succeed(
        evaluateRequest(request({ kind: "baseline", name }, { out: join(out, name), settings: other })),
        { ...capabilities(), log: third.capabilities.log },
      );
      assert.ok(third.status.length >= 2, "other settings: trained and drawn again");
    }
    const answers = request({ kind: "baseline", name: "dreambooth" }, {
      settings: settingsOf({ tasks: ["rea"] }),
    });
    assert.match(await failure(evaluateRequest(answers), capabilities()), /only draws, but no task is drawn/);
  });

  it("asks a server again that is introduced to the concept in another way", async () => {
    const out = join(folder, "introduced");
    const target = { kind: "endpoint", baseUrl: "http://server/v1" } as const;
    const posts: number[] = [];
    for (const prompt of ["text", "text", "images"]) {
      const server = fakeWorld(() => completion("in the park ."));
      const settings = settingsOf({ tasks: ["qa"], endpoint: { prompt } });
      await succeed(
        evaluateRequest(request(target, { out, settings, model: "gpt" })),
        { ...capabilities(), network: server.capabilities.network },
      );
      posts.push(server.requests.length);
    }
    assert.deepEqual(posts, [9, 0, 9]);
  });

  it("loses no answer of a server that goes away", async () => {
    const out = join(folder, "away");
    const target = { kind: "endpoint", baseUrl: "http://server/v1" } as const;
    const settings = settingsOf({ tasks: ["qa"], endpoint: { concurrency: 2, retries: 0 } });
    const ask = request(target, { out, settings, model: "gpt" });
    const leaving = fakeWorld((_, number) => number < 4 ? completion("in the park .") : refusal(401, "gone"));
    const needs = { ...capabilities(), network: leaving.capabilities.network };
    assert.match(await failure(evaluateRequest(ask), needs), /status 401: gone/);
    const back = fakeWorld(() => completion("in the park ."));
    const found = await succeed(evaluateRequest(ask), {
      ...capabilities(),
      network: back.capabilities.network,
    });
    assert.deepEqual([back.requests.length, found.scores["qa_bleu"]?.scored], [5, 9]);
  });

  it("measures the columns of Table 5 on a folder of Yo'LLaVA's layout", async () => {
    const root = join(folder, "yollava");
    const png = encodePng(solidImage(4, 4));
    for (const place of ["train/bo", "test/bo", "train/mam", "test/mam"]) {
      await Deno.mkdir(join(root, "yollava-data", place), { recursive: true });
      await Deno.writeFile(join(root, "yollava-data", place, "0.png"), png);
    }
    const asked = (answer: string) => ({
      "./yollava-data/test/bo/0.png": {
        question: "Is <sks> brown?",
        options: { A: "yes", B: "no" },
        correct_answer: answer,
      },
    });
    const questions = { bo: asked("A"), mam: asked("B") };
    await Deno.writeTextFile(join(root, "yollava-data", "yollava-visual-qa.json"), JSON.stringify(questions));
    const server = fakeWorld(({ body }) => completion(body.includes("Answer with A or B") ? "A" : "Yes"));
    const found = await succeed(
      evaluateRequest(
        request({ kind: "endpoint", baseUrl: "http://server/v1" }, {
          ...{ out: join(folder, "table5"), model: "gpt", concept: root },
          settings: settingsOf({ tasks: ["rec", "choice"] }),
        }),
      ),
      { ...capabilities(), network: server.capabilities.network },
    );
    assert.deepEqual([found.bench, found.concepts], ["yollava", ["bo", "mam"]]);
    assert.deepEqual([found.scores["rec_weight"]?.value, found.scores["choice_accuracy"]?.value], [0.5, 0.5]);
    const table = evaluationTable([found]);
    const paper = table.rows.find(({ method }) => method === "UniCTokens-R1")?.cells;
    assert.deepEqual([paper?.["rec_weight"]?.value, paper?.["choice_accuracy"]?.value], [0.926, 0.663]);
  });

  it("says what is missing", async () => {
    const because = (target: Target, changes: Partial<EvaluationRequest> = {}) =>
      failure(evaluateRequest(request(target, changes)), capabilities());
    assert.match(await because({ kind: "run", path: join(folder, "none") }), /none: file not found/);
    assert.match(await because({ kind: "official", place: "x" }), /write <folder>:<checkpoint>:<epoch>/);
    assert.match(
      await because({ kind: "official", place: `${folder}:a:1` }),
      /has no results of mip, checkpoint a/,
    );
    assert.match(await because({ kind: "backbone" }, { concept: "nobody" }), /nobody: no such concept/);
    assert.match(await because({ kind: "endpoint", baseUrl: "http://x" }), /no model is named/);
  });
});
