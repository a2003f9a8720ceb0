import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { loadImageFile } from "../../lib/concept/photo.ts";
import type { RgbImage } from "../../lib/image/image.ts";
import { evaluate, type EvaluateOptions } from "../../lib/evaluation/evaluate.ts";
import type { Evaluation } from "../../lib/evaluation/evaluation.ts";
import { imageSummary } from "../../lib/evaluation/image_summary.ts";
import { itemFixture } from "./outcome_fixture.ts";
import {
  type Oracle,
  oracle,
  plainExperts,
  rightAnswers,
  succeed,
  type World,
  world,
  worldConcept,
} from "./world_fixture.ts";

const mip = await worldConcept("mip");
const OPTIONS: EvaluateOptions = {
  ...{ step: 0, model: "ours", fingerprint: "a", folder: "runs/t/eval", imageSize: 64, imagesPerPrompt: 2 },
  items: {
    tasks: ["pure_gen"],
    purePrompts: ["a photo of <sks> at night .", "a photo of <sks> in the park ."],
  },
};

/** Draws something else than the oracle: what `change` makes of its image. */
const drawing = (model: Oracle, change: (image: RgbImage, index: number) => RgbImage): Oracle => ({
  ...model,
  assistant: {
    ...model.assistant,
    draw: (draws) =>
      RTE.map((images: readonly RgbImage[]) => images.map(change))(model.assistant.draw(draws)),
  },
});

const run = (
  change: (image: RgbImage, index: number) => RgbImage,
  { into = world(), step = 0 }: { readonly into?: World; readonly step?: number } = {},
): Promise<Evaluation> => {
  const model = drawing(oracle(rightAnswers(mip)), change);
  return succeed(
    evaluate(mip, model.assistant, plainExperts(model), { ...OPTIONS, step, fingerprint: `${step}` }),
    into.capabilities,
  );
};

const flattened = (source: RgbImage): RgbImage => ({
  ...source,
  data: source.data.map((value) => Math.round(128 + (value - 128) * 0.1)),
});

describe("an evaluation's images", () => {
  it("have statistics with intervals, beside those of the training photos", async () => {
    const { images, scores } = await run((image) => image);
    const { edge_density, colour_entropy, copies, diversity } = images?.scores ?? {};
    assert.ok((edge_density?.value ?? 0) > 0.05 && (colour_entropy?.value ?? 0) > 2);
    assert.equal(edge_density?.items, 4);
    assert.equal(copies?.value, 0);
    assert.ok(Math.abs(diversity?.value ?? 1) < 1e-6, "the oracle draws one image a prompt");
    assert.deepEqual(Object.keys(images?.photos ?? {}), [
      ...["edge_density", "colour_entropy", "saturation", "dark_share"],
    ]);
    assert.ok(Object.keys(scores).every((name) => name.startsWith("pure_gen_")), "no column of the paper");
    assert.deepEqual(images?.warnings, []);
  });

  it("show a model that draws a training photo, with the photo beside it", async () => {
    const photo = (await succeed(loadImageFile(mip.trainImages[3] as string), world().capabilities)).image;
    const { images } = await run((image, index) => index === 0 ? photo : image);
    assert.equal(images?.scores["copies"]?.value, 0.25);
    const [first, second] = images?.nearest ?? [];
    assert.deepEqual([first?.photo, first?.bits, first?.copy], [mip.trainImages[3], 0, true]);
    assert.equal(second?.copy, false);
  });

  it("warn, with a remedy, when they lose edges and colours after the cold start", async () => {
    const into = world();
    await run((image) => image, { into });
    const same = await run((image) => image, { into, step: 4 });
    assert.deepEqual(same.images?.warnings, []);
    const { images } = await run(flattened, { into, step: 8 });
    assert.ok((images?.warnings ?? []).some((line) => /lose their edges: .*; raise rl\.beta/.test(line)));
    assert.ok((images?.warnings ?? []).some((line) => /lose their colours/.test(line)));
    assert.deepEqual(into.warnings, images?.warnings.map((line) => `ours, step 8: ${line}`));
  });

  it("have nothing to say where nothing was drawn", () => {
    const none = imageSummary([itemFixture({})], { photos: [], start: { copies: 0 }, seed: 1 });
    assert.deepEqual(none, { scores: {}, photos: {}, nearest: [], warnings: [] });
  });
});
