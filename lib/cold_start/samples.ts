/**
 * What a concept is learnt from: its training dialogues and the photos to draw.
 *
 * @module
 */
import type { Concept, Exchange, TrainingSample } from "../concept/concept.ts";
import type { StageName } from "./plan.ts";

/** A dialogue and its photo; without photo it stands behind the black picture. */
export type Dialogue = TrainingSample;

/** A photo and the prompt that it should be drawn from; the concept is its token. */
export interface Drawing {
  readonly image: string;
  readonly prompt: string;
}

const samples = (
  dialogues: readonly { readonly image: string | null; readonly exchanges: readonly Exchange[] }[],
): readonly Dialogue[] =>
  dialogues.flatMap(({ image, exchanges }) =>
    exchanges.map((exchange) => ({ image, exchanges: [exchange] }))
  );

/** Without repetitions of the same turns about the same photo. */
function distinct(all: readonly Dialogue[]): readonly Dialogue[] {
  const seen = new Map(all.map((sample) => [JSON.stringify(sample), sample]));
  return [...seen.values()];
}

/**
 * Gathers the training dialogues of a stage: its training data, recognitions, and knowledge without photos.
 *
 * Where the data has no file for the stage, the dialogues about train photos stand in. Stage 2 reads the file of stage 1,
 * as released. Test questions are never among them.
 *
 * @param options.knowledge Whether dialogues without a photo join.
 * @returns Dialogues in file order, each once.
 */
export function dialoguesOf(
  concept: Concept,
  stage: StageName,
  options: { readonly knowledge: boolean },
): readonly Dialogue[] {
  const { stage1, stage3 } = concept.trainingData;
  const file = stage === "stage3" && stage3.length > 0 ? stage3 : stage1;
  const pictured = file.length > 0 ? file : samples(concept.photoDialogues);
  const knowledge = samples([{ image: null, exchanges: concept.textDialogues }]);
  const { blackImage, positiveRecognitions, negativeRecognitions } = concept;
  return distinct([
    ...pictured.map((sample) => sample.image === blackImage ? { ...sample, image: null } : sample),
    ...samples(positiveRecognitions),
    ...samples(negativeRecognitions),
    ...knowledge,
  ]).filter(({ image, exchanges }) => exchanges.length > 0 && (options.knowledge || image !== null));
}

/** Which photos are drawn, from what. */
export interface DrawingOptions {
  readonly pictures: "all" | "train" | "cropped";
  /** Whether captions are prompts; a photo without one has the plain prompt. */
  readonly captions: boolean;
  /** Whether look-alikes are drawn, too, from a prompt with the class noun. */
  readonly negatives: boolean;
}

/**
 * Gathers the photos to draw and their prompts.
 *
 * Masks that lie among the photos (`mask` in the name) are left out. `cropped` takes the train photos where there are no
 * crops.
 *
 * @param options Which photos, and whether from their captions.
 * @returns Photos in the order train, cropped, look-alikes.
 */
export function drawingsOf(concept: Concept, options: DrawingOptions): readonly Drawing[] {
  const { trainImages, croppedImages, negativeImages, captions, className, token } = concept;
  const plain = concept.base[0] ?? `a photo of ${token} .`;
  const cropped = croppedImages.length > 0 ? croppedImages : trainImages;
  const chosen = {
    all: [...new Set([...trainImages, ...croppedImages])],
    train: trainImages,
    cropped,
  }[options.pictures];
  const own = chosen.map((image) => ({
    image,
    prompt: options.captions ? captions[image] ?? plain : plain,
  }));
  const others = options.negatives
    ? negativeImages.map((image) => ({ image, prompt: plain.replaceAll(token, () => `a ${className}`) }))
    : [];
  return [...own, ...others].filter(({ image }) => !/mask[^/\\]*$/i.test(image));
}
