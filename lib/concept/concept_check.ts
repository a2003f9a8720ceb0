/**
 * Whether a concept is ready for training, and what it consists of.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { HasFiles, HasLog } from "../core/capability.ts";
import type { Stage } from "../core/stage.ts";
import type { Concept } from "./concept.ts";
import { conceptReference } from "./concept_reference.ts";
import { warnNearDuplicates } from "./overlap.ts";
import { loadConceptImages, type PhotoBatch } from "./photo.ts";
import { loadConcept } from "./unifybench.ts";

/** Side to which photos are cropped to see that they can be read. */
const CHECK_SIZE = 64;

/** A checked concept. */
export interface CheckedConcept {
  readonly concept: Concept;
  /** Photos that can't be read. */
  readonly unreadable: readonly string[];
  /** Pairs of train and test photo that look alike. */
  readonly nearDuplicates: number;
}

/** Decodes every photo; of the train photos at least one must be readable. */
function unreadable(concept: Concept): Stage<HasFiles & HasLog, readonly string[]> {
  const others = [...concept.testImages, ...concept.negativeImages, ...concept.randomImages];
  const none: PhotoBatch = { photos: [], skipped: [] };
  return pipe(
    loadConceptImages(concept.trainImages, CHECK_SIZE),
    RTE.bindTo("train"),
    RTE.bindW("other", () => others.length === 0 ? RTE.right(none) : loadConceptImages(others, CHECK_SIZE)),
    RTE.map(({ train, other }) => [...train.skipped, ...other.skipped]),
  );
}

/**
 * Loads a concept as training does and looks at every photo.
 *
 * @param reference An id, or a path into a data set.
 * @param roots Data sets for bare ids.
 * @returns The concept, every oddity logged as a warning; left `InputInvalid` for what training would refuse: a wrong
 * field, a photo in both sets, no readable train photo.
 */
export function checkConcept(
  reference: string,
  roots: readonly string[],
): Stage<HasFiles & HasLog, CheckedConcept> {
  return pipe(
    conceptReference(reference, roots),
    RTE.flatMap(({ root, id }) => loadConcept(root, id)),
    RTE.bindTo("concept"),
    RTE.bindW("unreadable", ({ concept }) => unreadable(concept)),
    RTE.bindW("pairs", ({ concept, unreadable }) => {
      const readable = (paths: readonly string[]) => paths.filter((path) => !unreadable.includes(path));
      return warnNearDuplicates({
        trainImages: readable(concept.trainImages),
        testImages: readable(concept.testImages),
      });
    }),
    RTE.map(({ concept, unreadable, pairs }) => ({ concept, unreadable, nearDuplicates: pairs.length })),
  );
}

/**
 * Lists everything that a model is to draw from: prompts, captions, and prompts with the fact that they need.
 *
 * @returns Prompts with the concept as its token; each once.
 */
export function drawnTexts(concept: Concept): readonly string[] {
  const { base, captions, facts, dense, denseRea } = concept;
  const needing = facts.flatMap(({ text, reasoningPrompt, otherWordings = [], explicitPrompt }) =>
    reasoningPrompt === undefined ? [] : [
      ...[reasoningPrompt, ...otherWordings].map((prompt) => `${prompt} ${text}`),
      ...(explicitPrompt === undefined ? [] : [explicitPrompt]),
    ]
  );
  const long = [...dense, ...denseRea].map(({ text }) => text);
  return [...new Set([...base, ...Object.values(captions), ...needing, ...long])];
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

/**
 * Says what a concept consists of.
 *
 * @returns A few lines.
 */
export function conceptSummary(concept: Concept): readonly string[] {
  const { token, className, category, info, facts, trainImages, testImages } = concept;
  const told = facts.filter(({ split }) => split === "train").length;
  const exchanges = concept.photoDialogues.reduce((sum, dialogue) => sum + dialogue.exchanges.length, 0);
  return [
    `${token}: ${className} (${category}), ${info}`,
    `photos: ${trainImages.length} to train, ${testImages.length} to test, ` +
    `${counted(concept.negativeImages.length, "look-alike")}, ${concept.randomImages.length} of other things`,
    `facts: ${told} to train, ${facts.length - told} to test`,
    `questions about photos: ${exchanges}`,
  ];
}
