/**
 * What evaluation asks of a model, ours or any other: answers about pictures, and pictures.
 *
 * @module
 */
import type { RgbImage } from "../image/image.ts";
import type { Key } from "../core/key.ts";
import type { Stage } from "../core/stage.ts";

/** A question; the concept is written as its token. */
export interface Ask {
  readonly question: string;
  /** `null`: no picture. */
  readonly image: RgbImage | null;
  readonly key: Key;
}

/** A prompt to draw. */
export interface Draw {
  readonly prompt: string;
  readonly key: Key;
}

/** A model that knows one concept. */
export interface Assistant<R = unknown> {
  /** One answer per question, trimmed; greedy. */
  readonly answer: (questions: readonly Ask[]) => Stage<R, readonly string[]>;
  /** One picture per prompt. */
  readonly draw: (prompts: readonly Draw[]) => Stage<R, readonly RgbImage[]>;
  /** The words of a prompt that the model does not read, because it is too long; left out where nobody knows. */
  readonly unread?: (prompt: string) => string;
}
