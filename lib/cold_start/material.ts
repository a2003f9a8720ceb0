/**
 * Everything that the stages of a cold start train on, tokenised and encoded before the first update.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { Concept } from "../concept/concept.ts";
import type { HasFiles, HasLog } from "../core/capability.ts";
import type { PipelineError } from "../core/error.ts";
import { fold, keyFromSeed } from "../core/key.ts";
import type { Checked, Stage } from "../core/stage.ts";
import type { Runtime } from "../method/runtime.ts";
import { fitPrompt } from "../showo/prompt.ts";
import { type CodedDialogue, type CodedDrawing, textLength } from "./batches.ts";
import { type CodedPictures, codePictures } from "./pictures.ts";
import type { StageName, StagePlan } from "./plan.ts";
import { dialoguesOf, type Drawing, drawingsOf } from "./samples.ts";
import type { ColdStartOptions } from "./settings.ts";
import { dialogueTokens, drawingTokens, type WordingOptions } from "./wording.ts";

/** The samples of a stage. */
export interface StageMaterial {
  readonly dialogues: readonly CodedDialogue[];
  readonly drawings: readonly CodedDrawing[];
}

/** The samples of all stages. */
export interface Material {
  readonly stages: ReadonlyMap<StageName, StageMaterial>;
  /** Text length of every dialogue batch. */
  readonly length: number;
  /** Codes of the train photos. */
  readonly trainPictures: readonly Int32Array[];
}

type Codec = Pick<
  Runtime,
  "codec" | "blackCodes" | "profile" | "config" | "naming" | "encodeText" | "decodeText"
>;

/** Says how a stage words its texts. */
export function wordingOf(options: ColdStartOptions, stage: StageName): WordingOptions {
  return { prompts: options.prompts, perceptionTokens: options.perceptionTokens, stage };
}

/** The photos to draw in a stage; stage 3 never draws crops. */
const drawn = (concept: Concept, options: ColdStartOptions, stage: StageName): readonly Drawing[] =>
  drawingsOf(concept, {
    captions: options.captions,
    negatives: options.negatives,
    pictures: stage === "stage3" && options.pictures === "cropped" ? "train" : options.pictures,
  });

interface Pools {
  /** As questions see photos. */
  readonly whole: CodedPictures;
  /** As photos are drawn in stage 2 and in a joint stage. */
  readonly cut: CodedPictures;
}

function codePools(
  options: ColdStartOptions,
  runtime: Codec,
  paths: { readonly asked: readonly string[]; readonly drawn: readonly string[] },
): Stage<HasFiles & HasLog, Pools> {
  const { flip, crop, views, seed } = options;
  const view = { size: runtime.profile.imageSize, flip, crop: 1, views };
  const key = fold(keyFromSeed(seed), "views");
  const code = (list: readonly string[], scale: number) =>
    codePictures([...new Set(list)], { codec: runtime.codec, key, view: { ...view, crop: scale } });
  return pipe(
    code([...paths.asked, ...paths.drawn], 1),
    RTE.bindTo("whole"),
    RTE.bindW("cut", ({ whole }) => crop > 1 ? code(paths.drawn, crop) : RTE.right(whole)),
  );
}

function stageMaterial(
  plan: StagePlan,
  context: {
    readonly options: ColdStartOptions;
    readonly runtime: Codec;
    readonly concept: Concept;
    readonly pools: Pools;
  },
): StageMaterial {
  const { options, runtime, concept, pools } = context;
  const wording = wordingOf(options, plan.name);
  const pool = plan.name === "stage3" ? pools.whole : pools.cut;
  const dialogues = dialoguesOf(concept, plan.name, options).flatMap((dialogue) => {
    const views = dialogue.image === null ? [runtime.blackCodes] : pools.whole.get(dialogue.image);
    return views === undefined ? [] : [{ text: dialogueTokens(dialogue, runtime, wording), views }];
  });
  const drawings = drawn(concept, options, plan.name).flatMap((drawing) => {
    const views = pool.get(drawing.image);
    return views === undefined ? [] : [{ textIds: drawingTokens(drawing, runtime, wording), views }];
  });
  return {
    dialogues: plan.understanding ? dialogues.filter(({ text }) => text.labels.some((id) => id >= 0)) : [],
    drawings: plan.drawing ? drawings : [],
  };
}

const nothing = (concept: Concept, what: string, remedy: string): PipelineError => ({
  _tag: "InputInvalid",
  where: `concept ${concept.id}`,
  problem: `has no ${what} to learn from`,
  remedy,
});

function checked(plans: readonly StagePlan[], concept: Concept, material: Material): Checked<Material> {
  for (const { name, understanding, drawing } of plans) {
    const { dialogues, drawings } = material.stages.get(name) as StageMaterial;
    if (understanding && dialogues.length === 0) {
      return E.left(nothing(concept, "dialogues", "add conversations.json or training data of stage 1"));
    }
    if (drawing && drawings.length === 0) {
      return E.left(nothing(concept, "photos", "add train photos, or choose cold_start.pictures=all"));
    }
  }
  return E.right(material);
}

/** Warns of prompts of drawings that are too long, each with what is cut. */
function warnOfLongPrompts(material: Material, { config, decodeText }: Codec): Stage<HasLog, void> {
  const prompts = [...material.stages.values()].flatMap(({ drawings }) => drawings);
  const cut = prompts.map(({ textIds }) => fitPrompt(config.vocabulary, textIds, config.textBlock).cut);
  const words = new Set(cut.flatMap((ids) => ids.length === 0 ? [] : [decodeText(ids).trim()]));
  return RTE.asks(({ log }: HasLog) =>
    words.forEach((left) => log.warn(`a caption is too long for the model, which does not read "${left}"`))
  );
}

/**
 * Gathers, reads, encodes and tokenises what the stages train on.
 *
 * @param runtime Model sizes, tokenizer and image tokenizer.
 * @returns The samples; Left `InputInvalid` if a stage has none.
 */
export function gatherMaterial(
  options: ColdStartOptions,
  runtime: Codec,
  subject: { readonly concept: Concept; readonly plans: readonly StagePlan[] },
): Stage<HasFiles & HasLog, Material> {
  const { concept, plans } = subject;
  const asked = plans.flatMap(({ name }) => dialoguesOf(concept, name, options).map(({ image }) => image));
  const drawings = plans.flatMap(({ name }) => drawn(concept, options, name).map(({ image }) => image));
  const paths = {
    asked: [
      ...asked.filter((image) => image !== null),
      ...(options.init === "images" ? concept.trainImages : []),
    ],
    drawn: drawings,
  };
  return pipe(
    codePools(options, runtime, paths),
    RTE.map((pools): Material => {
      const context = { options, runtime, concept, pools };
      const stages = new Map(plans.map((plan) => [plan.name, stageMaterial(plan, context)] as const));
      const texts = [...stages.values()].flatMap(({ dialogues }) => dialogues.map(({ text }) => text));
      const trainPictures = concept.trainImages.flatMap((path) => pools.whole.get(path) ?? []);
      return { stages, length: textLength(texts), trainPictures };
    }),
    RTE.flatMapEither((material) => checked(plans, concept, material)),
    RTE.tap((material) => warnOfLongPrompts(material, runtime)),
  );
}
