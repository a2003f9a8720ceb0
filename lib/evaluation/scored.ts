/**
 * One item or picture with its scores, and what scoring can be told.
 *
 * @module
 */
import type { Category, Concept } from "../concept/concept.ts";
import type { RgbImage } from "../image/image.ts";
import type { Stage } from "../core/stage.ts";
import type { PatchFeatures } from "../experts/dinov2/dinov2_expert.ts";
import type { TokenText } from "../metrics/clip_score.ts";
import type { Judge } from "../metrics/judge/judge.ts";
import type { HitRule } from "../metrics/recognition.ts";
import type { ImageStatistics } from "../metrics/image_statistics.ts";
import type { NearestPhoto } from "../metrics/copies.ts";
import type { EvalTask } from "./item.ts";

/** A clause and how well the picture shows it. */
export interface ScoredSegment {
  readonly text: string;
  readonly score: number | null;
}

/** What an image looks like; never a reward, and no column of the paper. */
export interface ImageLook extends ImageStatistics {
  /** How much the images of its prompt differ; `null` for a single image or without features. */
  readonly diversity: number | null;
  /** `null` if the concept has no training photos. */
  readonly nearest: NearestPhoto | null;
}

/** One answer or picture. */
export interface ScoredItem {
  readonly concept: string;
  readonly category: Category;
  readonly task: EvalTask;
  readonly item: string;
  /** Number of the picture of its prompt; `null` for answers. */
  readonly sample: number | null;
  /** The question or prompt. */
  readonly prompt: string;
  /** The right answer, or what the picture should show. */
  readonly reference: string | null;
  /** The answer; `null` for pictures, and where it is missing. */
  readonly prediction: string | null;
  /** The picture file; `null` for answers, and where it is missing. */
  readonly image: string | null;
  readonly promptUsed: string | null;
  readonly reasoning: string | null;
  /** Metric → score; `null` = should have one and has none. A metric that was not measured is absent. */
  readonly scores: Readonly<Record<string, number | null>>;
  readonly segments: readonly ScoredSegment[];
  /** `null` for answers, and where the image is missing. */
  readonly look: ImageLook | null;
}

/** Vectors of pictures and texts that can be compared. */
export interface PictureTextEncoder {
  readonly embedTexts: (texts: readonly string[]) => Stage<unknown, readonly Float32Array[]>;
  readonly embedImages: (images: readonly RgbImage[]) => Stage<unknown, readonly Float32Array[]>;
}

/** The models that score; what is `null` is not measured. None of them gives a reward. */
export interface EvaluationExperts<R = unknown> {
  /** CLIP-T and CLIP-I. */
  readonly clip: PictureTextEncoder | null;
  /** DINO-I, on the class token. */
  readonly dino: {
    readonly embed: (images: readonly RgbImage[]) => Stage<unknown, readonly Pick<PatchFeatures, "cls">[]>;
  } | null;
  /** Face similarity of people. */
  readonly faces: {
    readonly embed: (images: readonly RgbImage[]) => Stage<unknown, readonly (Float32Array | null)[]>;
  } | null;
  readonly judge: Judge<R> | null;
}

/** How pictures are prepared for CLIP: as it was trained, or with the halved contrast of the public UniCTokens script. */
export type ClipFlavour = "standard" | "unictokens-legacy";

/** How predictions are scored. */
export interface ScoreOptions {
  /** What counts as yes and no. */
  readonly hitRule: HitRule;
  /** What CLIP reads in place of the token. */
  readonly tokenText: TokenText;
  readonly clipFlavour: ClipFlavour;
  /** CLIP-I against each photo, or against the mean of their embeddings (Yo'LLaVA's benchmark). */
  readonly imageScore: "pairs" | "prototype";
  /** Photos that pictures are compared with: all train photos, or the first test photo. */
  readonly references: "train" | "test-first";
  /** Score missing predictions 0 instead of leaving them out. */
  readonly missingAsZero: boolean;
  /** Words of an answer that count when a rewritten prompt is judged. */
  readonly maxWords: number;
  /** Pictures held in memory at a time. */
  readonly pictureBatch: number;
}

/** The settings of the paper's protocol. */
export const SCORE_DEFAULTS: ScoreOptions = {
  hitRule: "wordBoundary",
  tokenText: "className",
  clipFlavour: "standard",
  imageScore: "pairs",
  references: "train",
  missingAsZero: false,
  maxWords: 20,
  pictureBatch: 32,
};

/**
 * Lists the photos that pictures of a concept are compared with.
 *
 * @param choice Which.
 * @returns Paths; empty if `test-first` is asked for and there is no test photo.
 */
export function referencePhotos(
  concept: Pick<Concept, "trainImages" | "testImages">,
  choice: ScoreOptions["references"],
): readonly string[] {
  return choice === "train" ? concept.trainImages : concept.testImages.slice(0, 1);
}
