/**
 * The experts as parts of pretraining: train, lay out as a published folder, measure, seal.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { HasClock, HasFiles, HasInterrupt, HasLog } from "../../../lib/core/capability.ts";
import { scoped, type Stage } from "../../../lib/core/stage.ts";
import { disposeTree, type Tree } from "../../../lib/tensor/tree.ts";
import type { HasBlobs } from "../../../lib/tensor/weight_source.ts";
import type { Pretraining } from "../config.ts";
import { type FolderFiles, publish, type Quality } from "../export_experts.ts";
import type { PartContext } from "../parts.ts";
import { train, type Training } from "../trainer.ts";
import { blip2Files, blip2Quality, blip2Training } from "./blip2.ts";
import { clipFiles, clipQuality, clipTraining } from "./clip.ts";
import { dinov2Files, dinov2Quality, dinov2Training } from "./dinov2.ts";
import { ernieFiles, ernieQuality, ernieTraining } from "./ernie.ts";
import { facenetFiles, facenetQuality, facenetTraining } from "./facenet.ts";
import { mtcnnFiles, mtcnnQuality, mtcnnTraining } from "./mtcnn.ts";

type Needs = HasFiles & HasLog & HasClock & HasInterrupt & HasBlobs;

/** The parts, in their order. */
export const EXPERT_PARTS = ["blip2", "dinov2", "ernie", "clip", "mtcnn", "facenet"] as const;
/** One of {@link EXPERT_PARTS}. */
export type ExpertPart = typeof EXPERT_PARTS[number];

interface Definition {
  readonly training: (context: PartContext) => Training;
  readonly files: (parameters: Tree, config: Pretraining) => FolderFiles;
  readonly quality: (assets: string, config: Pretraining) => Stage<HasFiles & HasBlobs, Quality>;
}

const DEFINITIONS: Readonly<Record<ExpertPart, Definition>> = {
  blip2: {
    training: blip2Training,
    files: blip2Files,
    quality: (assets, { imageSize }) => blip2Quality(`${assets}/blip2`, imageSize),
  },
  dinov2: {
    training: dinov2Training,
    files: dinov2Files,
    quality: (assets, { imageSize }) => dinov2Quality(`${assets}/dinov2`, imageSize),
  },
  ernie: {
    training: ernieTraining,
    files: ernieFiles,
    quality: (assets) => ernieQuality(`${assets}/ernie`),
  },
  clip: {
    training: clipTraining,
    files: clipFiles,
    quality: (assets, { imageSize }) => clipQuality(`${assets}/clip`, imageSize),
  },
  mtcnn: {
    training: mtcnnTraining,
    files: mtcnnFiles,
    quality: (assets, { imageSize }) => mtcnnQuality(`${assets}/mtcnn`, imageSize),
  },
  facenet: {
    training: facenetTraining,
    files: facenetFiles,
    quality: (assets, { imageSize }) => facenetQuality(`${assets}/facenet`, `${assets}/mtcnn`, imageSize),
  },
};

/**
 * Trains an expert, writes its folder under `assets`, and tells how well it does.
 *
 * @param part Which expert; `facenet` is measured behind the detector of `mtcnn`.
 * @param assets The folder of the profile.
 * @returns A stage that ends when the folder is sealed with its manifest.
 */
export function expertPart(part: ExpertPart, context: PartContext, assets: string): Stage<Needs, void> {
  const { training, files, quality } = DEFINITIONS[part];
  const { config } = context;
  const notes = {
    model: part,
    trained_on: "procedural world",
    image_size: config.imageSize,
    settings: config[part],
  };
  return pipe(
    scoped(
      train(training(context)),
      (state) =>
        publish<HasFiles & HasBlobs>(`${assets}/${part}`, files(state.parameters, config), {
          measure: quality(assets, config),
          notes,
        }),
      disposeTree,
    ),
    RTE.flatMapReader((measured) => ({ log }: Needs) =>
      log.info(`${part}: ${Object.entries(measured).map(([name, value]) => `${name} ${value}`).join("  ")}`)
    ),
  );
}
