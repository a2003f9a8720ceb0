/** A concept of the bundled world, a model that knows everything about it, and experts without networks. */
import * as E from "fp-ts/lib/Either.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import assert from "node:assert/strict";
import type { Concept } from "../../lib/concept/concept.ts";
import { loadConcept } from "../../lib/concept/unifybench.ts";
import { describe } from "../../lib/core/error.ts";
import type { RgbImage } from "../../lib/image/image.ts";
import type { Stage } from "../../lib/core/stage.ts";
import type { HasGeneration } from "../../lib/evaluation/generate.ts";
import type { EvaluationExperts } from "../../lib/evaluation/scored.ts";
import { worldJudge } from "../../lib/evaluation/world_judge.ts";
import type { Sights } from "../../lib/experts/attribute_reader/attribute_reader_load.ts";
import type { Ask, Assistant, Draw } from "../../lib/trained/assistant.ts";
import { renderScene } from "../../lib/world/draw.ts";
import { DEFAULT_SCENE, type Scene } from "../../lib/world/scene.ts";
import { attributesOf, constraintsOf } from "../../lib/world/scene_truth.ts";
import { changedFiles } from "../support/files.ts";

const root = fileURLToPath(new URL("../../assets/world", import.meta.url));

/** Capabilities over the disk, with all changes in memory, and a record of what happened. */
export interface World {
  readonly capabilities: HasGeneration;
  readonly status: string[];
  readonly warnings: string[];
  stop: boolean;
}

/** Makes capabilities; time passes one second a look at the clock. */
export function world(): World {
  const status: string[] = [];
  const warnings: string[] = [];
  let time = 0;
  const made: World = {
    status,
    warnings,
    stop: false,
    capabilities: {
      files: changedFiles(),
      log: {
        info: () => {},
        warn: (line) => void warnings.push(line),
        progress: (line) => void status.push(line),
      },
      clock: { now: () => (time += 1000), date: () => "2026-01-01T00:00:00Z" },
      interrupt: { requested: () => made.stop },
    },
  };
  return made;
}

/** Runs a stage that must succeed. */
export async function succeed<R, A>(stage: Stage<R, A>, capabilities: R): Promise<A> {
  const outcome = await stage(capabilities)();
  if (E.isLeft(outcome)) throw new Error(describe(outcome.left));
  return outcome.right;
}

/** Runs a stage that must fail; the line a person would read. */
export async function failure<R>(stage: Stage<R, unknown>, capabilities: R): Promise<string> {
  const outcome = await stage(capabilities)();
  assert.ok(E.isLeft(outcome), "expected a failure");
  return describe(outcome.left);
}

/** A concept of the bundled world. */
export function worldConcept(id = "mip"): Promise<Concept> {
  return succeed(loadConcept(root, id), world().capabilities);
}

/** The person that `mip` is. */
const CHARACTER = { kind: "man", colour: "red", hair: "blond", skin: "dark" } as const;

const sceneOf = (prompt: string): Scene => {
  const said = constraintsOf(prompt);
  const accessory = said.accessory === undefined
    ? null
    : { item: said.accessory, colour: said.accessory_colour ?? "red" } as Scene["accessory"];
  const { kind: _, colour: __, accessory: ___, accessory_colour: ____, ...rest } = said;
  return { ...DEFAULT_SCENE, ...rest, character: CHARACTER, accessory } as Scene;
};

const digest = (image: RgbImage): string => createHash("sha256").update(image.data).digest("hex");

/** A model that answers from a table and draws what the grammar says; it counts what it is asked. */
export interface Oracle {
  readonly assistant: Assistant;
  readonly asked: Ask[];
  readonly drawn: Draw[];
  /** Reads the pictures that it drew. */
  readonly reader: { readonly read: (images: readonly RgbImage[]) => Stage<unknown, readonly Sights[]> };
}

/** Makes the model; `answer` gives its answers. */
export function oracle(answer: (ask: Ask) => string): Oracle {
  const asked: Ask[] = [];
  const drawn: Draw[] = [];
  const scenes = new Map<string, Scene>();
  const render = (draw: Draw): RgbImage => {
    drawn.push(draw);
    const scene = sceneOf(draw.prompt);
    const image = renderScene(scene, { size: 64 });
    scenes.set(digest(image), scene);
    return image;
  };
  const sight = (image: RgbImage): Sights => {
    const scene = scenes.get(digest(image));
    if (scene === undefined) return {};
    return Object.fromEntries(
      Object.entries(attributesOf(scene)).map(([topic, value]) => [topic, { value, confidence: 1 }]),
    );
  };
  return {
    asked,
    drawn,
    assistant: {
      answer: (asks) => RTE.fromIO(() => (asked.push(...asks), asks.map(answer))),
      draw: (draws) => RTE.fromIO(() => draws.map(render)),
    },
    reader: { read: (images) => RTE.right(images.map(sight)) },
  };
}

const meanColour = (image: RgbImage): Float32Array => {
  const sums = new Float32Array(3);
  image.data.forEach((value, index) => sums[index % 3] = (sums[index % 3] as number) + value / 255);
  return sums;
};

/** Experts that look at mean colours; the judge is the world's, with the oracle's eyes. */
export function plainExperts({ reader }: Oracle): EvaluationExperts {
  return {
    clip: {
      embedTexts: (texts) => RTE.right(texts.map((text) => Float32Array.from([text.length, 10, 10]))),
      embedImages: (images) => RTE.right(images.map(meanColour)),
    },
    dino: { embed: (images) => RTE.right(images.map((image) => ({ cls: meanColour(image) }))) },
    faces: { embed: (images) => RTE.right(images.map(meanColour)) },
    judge: worldJudge(reader),
  };
}

/** The right answers of a concept, if its questions are asked in order. */
export function rightAnswers(concept: Concept): (ask: Ask) => string {
  const answers = Map.groupBy(concept.evalItems, ({ question }) => question);
  const times = new Map<string, number>();
  return ({ question }) => {
    if (question.includes("can you see")) return "yes .";
    const fact = concept.facts.find(({ reasoningPrompt }) =>
      question.endsWith(`prompt : ${reasoningPrompt}`)
    );
    if (fact !== undefined) return fact.text;
    const dense = concept.denseRea.find(({ text }) => question.endsWith(`prompt : ${text}`));
    if (dense !== undefined) return dense.factIndices.map((index) => concept.facts[index]?.text).join(" ");
    const time = times.get(question) ?? 0;
    times.set(question, time + 1);
    const items = answers.get(question) ?? [];
    return items[time % items.length]?.answer ?? "";
  };
}
