/**
 * One reader for all the shapes in which the datasets write questions and answers.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import type { Checked } from "../core/stage.ts";
import type { Exchange } from "./concept.ts";
import { refuse } from "../core/refuse.ts";

/** Exchanges under the key they stand under: an image name, `text_only`, or null in a plain list. */
export interface KeyedExchanges {
  readonly key: string | null;
  /** Where in the file, for messages: `["0.jpg"]`. */
  readonly field: string;
  readonly exchanges: readonly Exchange[];
}

type Fields = Readonly<Record<string, unknown>>;

const PAIRS = [["query", "answer"], ["question", "answer"], ["Human", "AI"], ["Question", "Answer"]] as const;
const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Removes the image placeholder from a turn.
 *
 * @param text The turn as stored, such as `<image>\nWhat is this?`.
 * @returns The text without `<image>` and the white space that surrounded it.
 */
export function withoutImageMark(text: string): string {
  return text.replace(/\s*<image>\s*/g, " ").trim();
}

function fromTurns(turns: unknown, place: { where: string; field: string }): Checked<readonly Exchange[]> {
  const expected = (problem: string): Checked<never> =>
    refuse(`${place.where}: ${place.field}`, problem, 'write {"from": "human" | "gpt", "value": …} in turn');
  if (!Array.isArray(turns) || turns.length === 0 || turns.length % 2 !== 0) {
    return expected("expected a list of question and answer turns");
  }
  const exchanges: Exchange[] = [];
  for (let index = 0; index < turns.length; index += 2) {
    const [human, gpt] = [turns[index], turns[index + 1]] as Fields[];
    if (human?.["from"] !== "human" || gpt?.["from"] !== "gpt") {
      return expected(`turns ${index} and ${index + 1} are not from human and gpt`);
    }
    const [question, answer] = [human["value"], gpt["value"]];
    if (typeof question !== "string" || typeof answer !== "string") return expected("a turn has no text");
    exchanges.push({ question: withoutImageMark(question), answer: answer.trim() });
  }
  return E.right(exchanges);
}

/**
 * Reads one item: `query`/`answer`, `question`/`answer`, `Human`/`AI`, or `conversations`.
 *
 * @param value Parsed JSON.
 * @param place File and field for messages.
 * @returns Its exchanges, one unless it is a conversation of several turns; left `InputInvalid` otherwise.
 */
export function readExchange(
  value: unknown,
  place: { readonly where: string; readonly field: string },
): Checked<readonly Exchange[]> {
  if (isFields(value)) {
    if ("conversations" in value) {
      return fromTurns(value["conversations"], { ...place, field: `${place.field}.conversations` });
    }
    for (const [asked, answered] of PAIRS) {
      const [question, answer] = [value[asked], value[answered]];
      if (typeof question === "string" && typeof answer === "string") {
        return E.right([{ question: withoutImageMark(question), answer: answer.trim() }]);
      }
    }
  }
  return refuse(
    `${place.where}: ${place.field}`,
    "is no question with an answer",
    'write {"query": …, "answer": …}',
  );
}

function readList(
  values: readonly unknown[],
  place: { readonly where: string; readonly field: string },
): Checked<readonly Exchange[]> {
  return pipe(
    values,
    E.traverseReadonlyArrayWithIndex((index, value) =>
      readExchange(value, { ...place, field: `${place.field}[${index}]` })
    ),
    E.map((lists) => lists.flat()),
  );
}

/**
 * Reads a file of questions and answers: a list, or a record from image names to one item or a list of them.
 *
 * @param value Parsed JSON.
 * @param where File name for messages.
 * @returns Groups in file order; left `InputInvalid` naming the field that is none of the known shapes.
 *
 * @example
 * ```ts
 * import { readExchanges } from "./exchanges.ts";
 * import assert from "node:assert/strict";
 * const outcome = readExchanges({ "0.jpg": { Human: "Who?", AI: "<m>." } }, "vqa.json");
 * assert.deepEqual(outcome._tag === "Right" && outcome.right[0]?.exchanges, [{ question: "Who?", answer: "<m>." }]);
 * ```
 */
export function readExchanges(value: unknown, where: string): Checked<readonly KeyedExchanges[]> {
  if (Array.isArray(value)) {
    const group = (
      exchanges: readonly Exchange[],
    ): readonly KeyedExchanges[] => [{ key: null, field: "", exchanges }];
    return E.map(group)(readList(value, { where, field: "" }));
  }
  if (!isFields(value)) {
    return refuse(
      where,
      "expected a list or a record of questions",
      'write {"0.jpg": [{"query": …, "answer": …}]}',
    );
  }
  return pipe(
    Object.entries(value),
    E.traverseArray(([key, item]) => {
      const field = `[${JSON.stringify(key)}]`;
      const list = Array.isArray(item)
        ? readList(item, { where, field })
        : readExchange(item, { where, field });
      return pipe(list, E.map((exchanges): KeyedExchanges => ({ key, field, exchanges })));
    }),
  );
}
