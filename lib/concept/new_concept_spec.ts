/**
 * What a user tells about a new concept.
 *
 * @module
 */
import type { Category, Split } from "./concept.ts";

/** A picture file of the user. */
export interface PhotoFile {
  /** Its name, for messages. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A fact with its prompts; `<sks>` may stand for the token everywhere. */
export interface NewFact {
  readonly text: string;
  /** Needs the fact, does not tell it. */
  readonly reasoningPrompt: string;
  /** Tells it; without it, generations for this fact can't be scored. */
  readonly explicitPrompt?: string;
  readonly detail?: string;
  readonly split?: Split;
}

/** A dense prompt that needs facts. */
export interface NewDenseReaPrompt {
  readonly text: string;
  readonly explicitText?: string;
  /** From 0. */
  readonly factIndices: readonly number[];
}

/** Everything that a user tells about a concept. */
export interface NewConcept {
  /** Letters, digits and underscores; becomes the token. */
  readonly id: string;
  readonly className: string;
  /** `object` if left out. */
  readonly category?: Category;
  /** What it looks like; "`<id>` is a `<class>`." if left out. */
  readonly info?: string;
  readonly facts: readonly NewFact[];
  readonly photos: readonly PhotoFile[];
  /** Held out from `photos` if left out: one in four. */
  readonly testPhotos?: readonly PhotoFile[];
  /** Look-alikes: hard negatives. */
  readonly lookAlikes?: readonly PhotoFile[];
  /** Photos of other things: easy negatives; six in ten are trained on, the others tested on. */
  readonly otherPhotos?: readonly PhotoFile[];
  readonly dense?: readonly string[];
  readonly denseRea?: readonly NewDenseReaPrompt[];
}

/** Root files of the dataset that the concept is added to. */
export interface ExistingRoot {
  readonly concepts: readonly string[];
  readonly trainImages: Readonly<Record<string, readonly string[]>>;
}
