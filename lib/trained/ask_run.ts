/**
 * A person's question to the model of a run.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { squareTo } from "../image/crop.ts";
import { loadImageFile } from "../concept/photo.ts";
import type { HasFiles, HasLog } from "../core/capability.ts";
import type { RgbImage } from "../image/image.ts";
import { keyFromSeed } from "../core/key.ts";
import type { Stage } from "../core/stage.ts";
import type { RunAssistant } from "./checkpointed.ts";
import { readMentions } from "./mention.ts";

/**
 * Loads the photo that is asked about, before any model: a bad photo is told at once.
 *
 * @param path The file, or `none`.
 * @returns The picture in its own size, warnings logged; `null` for `none`. Left as `loadImageFile`.
 */
export function questionPhoto(path: string): Stage<HasFiles & HasLog, RgbImage | null> {
  return path === "none" ? RTE.right(null) : pipe(
    loadImageFile(path),
    RTE.flatMapReader(({ image, warnings }) => ({ log }: HasLog): RgbImage => {
      warnings.forEach((warning) => log.warn(warning));
      return image;
    }),
  );
}

/**
 * Asks the model of a run.
 *
 * @param asked The question, and a picture of any size or `null`.
 * @returns The answer; Left `InputInvalid` if the question is empty or names another concept.
 */
export function askRun(
  { assistant, concept, profile }: Pick<RunAssistant, "assistant" | "concept" | "profile">,
  asked: { readonly question: string; readonly image: RgbImage | null },
): Stage<HasLog, string> {
  const image = asked.image === null ? null : squareTo(asked.image, profile.imageSize);
  return pipe(
    readMentions(asked.question, concept.token),
    RTE.flatMap((question) => assistant.answer([{ question, image, key: keyFromSeed(0) }])),
    RTE.map(([answer = ""]) => answer),
  );
}
