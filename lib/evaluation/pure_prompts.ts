/**
 * Plain prompts of a data set: `prompts_to_eval.json`, two lists with `<sks>` for the concept.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as E from "fp-ts/lib/Either.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as t from "io-ts";
import { join } from "node:path";
import type { Concept } from "../concept/concept.ts";
import { decodeWith, readJson, readOptionalJson } from "../concept/json_file.ts";
import { refuse } from "../core/refuse.ts";
import type { HasFiles } from "../core/capability.ts";
import type { Stage } from "../core/stage.ts";
import { ANY_CONCEPT } from "./item.ts";

const fileCodec = t.type({ object: t.array(t.string), live_subject: t.array(t.string) });

/**
 * Reads the plain prompts of a concept.
 *
 * @param concept Its data set and generation type decide.
 * @param path The file; empty looks for `prompts_to_eval.json` in the data set.
 * @returns The prompts, or `undefined` if the data set has no such file; Left `InputInvalid` naming the prompt that has no
 * `<sks>`.
 */
export function readPurePrompts(
  concept: Pick<Concept, "root" | "generationType">,
  path: string,
): Stage<HasFiles, readonly string[] | undefined> {
  const where = path === "" ? join(concept.root, "prompts_to_eval.json") : path;
  return pipe(
    path === "" ? readOptionalJson(where) : readJson(where),
    RTE.flatMap((value) => {
      if (value === undefined) return RTE.right(undefined);
      return RTE.fromEither(pipe(
        decodeWith(fileCodec, where)(value),
        E.map((lists) => lists[concept.generationType]),
        E.flatMap((prompts) => {
          const wrong = prompts.findIndex((prompt) => !prompt.includes(ANY_CONCEPT));
          const field = `${where}: \`${concept.generationType}[${wrong}]\``;
          return wrong === -1
            ? E.right(prompts)
            : refuse(field, `does not contain ${ANY_CONCEPT}`, "write it where the concept is named");
        }),
      ));
    }),
  );
}
