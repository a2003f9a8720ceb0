/**
 * Pictures of a run's concept for a person: reasoned about first, written as they come, shown together in a grid.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { join } from "node:path";
import type { HasFiles, HasInterrupt, HasLog } from "../core/capability.ts";
import type { RgbImage } from "../image/image.ts";
import { fold, keyFromSeed } from "../core/key.ts";
import { encodePng } from "../image/png.ts";
import { iterate, type Stage } from "../core/stage.ts";
import { imageGrid } from "../image/png_grid.ts";
import type { RunAssistant } from "./checkpointed.ts";
import { cleanReasoning, compoundPrompt } from "../method/compound_prompt.ts";
import { readMentions } from "./mention.ts";
import { nearestFacts } from "../method/listed_facts.ts";
import { warnUnread } from "../method/prompt_reader.ts";
import { reasoningQuestion } from "../method/task.ts";

/** What is wanted. */
export interface Wish {
  readonly prompt: string;
  readonly count: number;
  readonly seed: number;
  /** Where to. */
  readonly folder: string;
  /** Whether the model first says which of its facts the prompt needs. */
  readonly reason: boolean;
}

/** What was drawn. */
export interface Pictures {
  /** The prompt that was drawn, the answer included. */
  readonly prompt: string;
  /** One file per picture. */
  readonly files: readonly string[];
  /** All of them in one picture. */
  readonly grid: string;
}

/** What drawing needs. */
export type HasDrawing = HasFiles & HasLog & HasInterrupt;

type Model = Pick<RunAssistant, "assistant" | "concept" | "settings">;

interface Progress {
  readonly images: readonly RgbImage[];
  readonly files: readonly string[];
  readonly stopped: boolean;
}

/**
 * Makes a file name of a prompt.
 *
 * @returns Its words with `-` between, 48 characters at most.
 *
 * @example
 * ```ts
 * import { promptSlug } from "./draw_pictures.ts";
 * import assert from "node:assert/strict";
 * assert.equal(promptSlug("A photo of <mip>, at the beach."), "a-photo-of-mip-at-the-beach");
 * ```
 */
export function promptSlug(prompt: string): string {
  const words = prompt.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-/, "");
  const slug = words.slice(0, 48).replace(/-$/, "");
  return slug === "" ? "picture" : slug;
}

/** The prompt with the fact that the model says it needs (method §2.3). */
function reasonedPrompt({ assistant, concept, settings }: Model, wish: Wish): Stage<HasLog, string> {
  const { reasoning } = settings;
  if (!wish.reason || reasoning.skip || concept.facts.length === 0) return RTE.right(wish.prompt);
  const facts = nearestFacts(concept, wish.prompt, reasoning.shownFacts).map(({ text }) => text);
  const question = reasoningQuestion(reasoning.textTemplate, facts, wish.prompt);
  return pipe(
    assistant.answer([{ question, image: null, key: keyFromSeed(wish.seed) }]),
    RTE.map(([answer = ""]) => cleanReasoning(answer, concept, { maxWords: reasoning.maxWords })),
    RTE.map((answer) => compoundPrompt({ basePrompt: wish.prompt }, answer)),
  );
}

const writePicture = (path: string, image: RgbImage): Stage<HasFiles, string> => ({ files }) =>
  pipe(files.writeAtomic(path, encodePng(image)), TE.map(() => path));

const pictureFile = ({ folder, prompt, seed }: Wish, index: number | "grid"): string =>
  join(folder, `${promptSlug(prompt)}-seed-${seed}-${index}.png`);

const nextBatch =
  (model: Model, wish: Wish, prompt: string) => (progress: Progress): Stage<HasDrawing, Progress> => {
    const { images, files } = progress;
    const size = Math.min(model.settings.rl.numGenerations, wish.count - images.length);
    const draws = Array.from({ length: size }, (_, index) => ({
      prompt,
      key: fold(keyFromSeed(wish.seed), images.length + index),
    }));
    return pipe(
      model.assistant.draw(draws),
      RTE.flatMap((drawn) =>
        RTE.traverseSeqArray(([index, image]: readonly [number, RgbImage]) =>
          pipe(
            writePicture(pictureFile(wish, images.length + index), image),
            RTE.map((file) => ({ file, image })),
          )
        )([...drawn.entries()])
      ),
      RTE.flatMapReader((written) => ({ log, interrupt }: HasLog & HasInterrupt): Progress => {
        const next = {
          images: [...images, ...written.map(({ image }) => image)],
          files: [...files, ...written.map(({ file }) => file)],
          stopped: interrupt.requested(),
        };
        log.progress(`pictures ${next.files.length}/${wish.count}`);
        return next;
      }),
    );
  };

const writeGrid = (wish: Wish, prompt: string, { images }: Progress): Stage<HasFiles, string> => {
  const cells = images.map((image, index) => ({
    image,
    caption: { note: `seed ${wish.seed}, ${index}`, prompt },
  }));
  return writePicture(pictureFile(wish, "grid"), imageGrid(cells));
};

/**
 * Draws pictures with the model of a run.
 *
 * Picture `i` depends on the prompt, the seed and `i` alone. After Ctrl-C the pictures so far and their grid are there.
 *
 * @param wish What is wanted; `count` is at least 1. Files of the same prompt and seed are replaced.
 * @returns The files; Left `InputInvalid` if the prompt names another concept.
 */
export function drawPictures(model: Model, wish: Wish): Stage<HasDrawing, Pictures> {
  const begin: Progress = { images: [], files: [], stopped: false };
  const makeFolder: Stage<HasFiles, void> = ({ files }) => files.makeFolder(wish.folder);
  return pipe(
    readMentions(wish.prompt, model.concept.token),
    RTE.map((prompt) => ({ ...wish, prompt })),
    RTE.tap(() => makeFolder),
    RTE.flatMap((named) =>
      pipe(
        reasonedPrompt(model, named),
        RTE.tap((prompt) => warnUnread(model.assistant.unread ?? (() => ""), [prompt])),
        RTE.flatMap((prompt) =>
          pipe(
            begin,
            iterate<HasDrawing, Progress>(
              ({ files, stopped }) => stopped || files.length >= wish.count,
              nextBatch(model, named, prompt),
            ),
            RTE.flatMap((done) =>
              pipe(
                writeGrid(named, prompt, done),
                RTE.map((grid): Pictures => ({ prompt, files: done.files, grid })),
              )
            ),
          )
        ),
      )
    ),
  );
}
