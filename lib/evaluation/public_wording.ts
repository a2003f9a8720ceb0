/**
 * How questions and prompts are worded for a system that is shown photos of the concept: in our way, or as the public evaluation
 * code words them for BAGEL and Janus-Pro.
 *
 * @module
 */
import type { Concept } from "../concept/concept.ts";

/** The words for one kind of system. */
export interface ImagePromptWording {
  /** Photos that it is shown at most. */
  readonly photos: number;
  /** What stands in front of the photos; empty = nothing. */
  readonly lead: string;
  /** Words a question or a prompt. */
  readonly text: (text: string) => string;
  /** What asks for a description of the photos. */
  readonly description: string;
  /** Words a prompt with the description. */
  readonly described: (prompt: string, description: string) => string;
}

/** Systems with words of their own; `plain` is ours. */
export const IMAGE_PROMPT_STYLES = ["plain", "bagel", "janus"] as const;

/** A style of {@link IMAGE_PROMPT_STYLES}. */
export type ImagePromptStyle = typeof IMAGE_PROMPT_STYLES[number];

type Known = Pick<Concept, "id" | "token" | "className">;

const lines = (...parts: readonly string[]): string =>
  parts.map((part) => part.trim()).filter((part) => part !== "").join("\n");

const WORDINGS: Readonly<Record<ImagePromptStyle, (concept: Known) => ImagePromptWording>> = {
  plain: ({ token, className, id }) => ({
    photos: Infinity,
    lead: "",
    text: (text) => text.replaceAll(token, () => `the reference ${className}`),
    description:
      `Describe the ${className} in the photos for somebody who shall draw it: its looks alone, in one sentence.`,
    described: (prompt, description) => `name: ${id}\ninfo: ${description}\n${prompt}`,
  }),
  bagel: ({ id }) => ({
    photos: 1,
    lead: `a photo of ${id}`,
    text: (text) => text,
    description: "",
    described: (prompt) => prompt,
  }),
  janus: ({ id }) => ({
    photos: Infinity,
    lead: "",
    text: (text) => lines(`a photo of ${id}`, text),
    description: "Describe the shared subject in these reference images in one concise sentence. " +
      "Focus on appearance, clothing, accessories, colors, and distinctive attributes. " +
      "Output only the description.",
    described: (prompt, description) =>
      lines(`a photo of ${id}`, prompt, `Reference appearance details: ${description}`),
  }),
};

/**
 * Gives the words for a system that is shown photos.
 *
 * @param style `bagel`: "a photo of bo", the first photo, the question as it is; `janus`: all photos, "a photo of bo" and the
 * question, and pictures from its own description of the photos; `plain`: the concept is "the reference dog".
 *
 * @example
 * ```ts
 * import { imagePromptWording } from "./public_wording.ts";
 * import assert from "node:assert/strict";
 * const { described } = imagePromptWording("janus", { id: "bo", token: "<bo>", className: "dog" });
 * assert.equal(
 *   described("<bo> at night.", "A brown dog."),
 *   "a photo of bo\n<bo> at night.\nReference appearance details: A brown dog.",
 * );
 * ```
 *
 * Source: github.com/chawuciren11/Sync-R1 at 2bc22ba, `evaluation/adapters/{bagel,janus}_base.py`, `evaluation/common.py`.
 */
export function imagePromptWording(style: ImagePromptStyle, concept: Known): ImagePromptWording {
  return WORDINGS[style](concept);
}
