/**
 * `info.json`: what a concept is and what there is to know about it.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as t from "io-ts";
import type { Checked } from "../core/stage.ts";
import { type Category, type GenerationType, type Split, tokenOf } from "./concept.ts";
import { splitFacts } from "./fact_split.ts";
import { decodeWith } from "./json_file.ts";
import { refuse } from "../core/refuse.ts";

const literals = <A extends string>(...values: readonly [A, A, ...A[]]): t.Type<A> =>
  new t.Type<A>(
    values.map((value) => JSON.stringify(value)).join(" | "),
    (value): value is A => values.includes(value as A),
    (value, context) => values.includes(value as A) ? t.success(value as A) : t.failure(value, context),
    (value) => value,
  );

/** The file as it is on disk; the second half holds optional fields. */
const InfoFile = t.intersection([
  t.type({ class: t.string, info: t.string, extra_info: t.array(t.string) }),
  t.partial({
    schema: t.string,
    name: t.string,
    category: literals<Category>("human", "animal", "object"),
    conversation_type: t.string,
    generation_type: literals<GenerationType>("live_subject", "object"),
    num_testing_info: t.Int,
    extra_info_split: t.array(literals<Split>("train", "test")),
  }),
]);

/** The file as it is on disk. */
type InfoFile = t.TypeOf<typeof InfoFile>;

const KNOWN = new Set([
  "schema",
  "name",
  "class",
  "category",
  "info",
  "extra_info",
  "extra_info_split",
  "num_testing_info",
  "conversation_type",
  "generation_type",
]);

/** What the file says, with its gaps filled by rule. */
export interface Info {
  readonly className: string;
  readonly category: Category;
  readonly generationType: GenerationType;
  readonly info: string;
  readonly facts: readonly string[];
  readonly splits: readonly Split[];
  readonly unknownKeys: Readonly<Record<string, unknown>>;
  readonly warnings: readonly string[];
}

/** The rule of the original code counts every class that contains "man" as human. */
function categoryOf(file: InfoFile): Category {
  if (file.category !== undefined) return file.category;
  if (file.conversation_type === "human") return "human";
  if (file.conversation_type === undefined && file.class.toLowerCase().includes("man")) return "human";
  return file.generation_type === "live_subject" ? "animal" : "object";
}

function warningsOf(
  file: InfoFile,
  options: { readonly id: string; readonly where: string },
): readonly string[] {
  const named = file.name === undefined || file.name === options.id
    ? []
    : [`${options.where}: \`name\` is ${file.name}, the folder is ${options.id}; the folder counts`];
  const begins = file.info.startsWith(`${tokenOf(options.id)} is`)
    ? []
    : [`${options.where}: \`info\` does not begin with "${tokenOf(options.id)} is"`];
  return [...named, ...begins];
}

/**
 * Reads `info.json`.
 *
 * @param value Parsed JSON.
 * @param options Concept id, and the file name for messages.
 * @returns The normalised content; left `InputInvalid` naming the field.
 */
export function readInfo(
  value: unknown,
  options: { readonly id: string; readonly where: string },
): Checked<Info> {
  const { where } = options;
  return pipe(
    decodeWith(InfoFile, where)(value),
    E.bindTo("file"),
    E.bind("splits", ({ file }) =>
      splitFacts(file.extra_info.length, {
        numTesting: file.num_testing_info,
        explicit: file.extra_info_split,
        where,
      })),
    E.flatMap(({ file, splits }) => {
      if (file.class.trim() === "") {
        return refuse(where, "`class` is empty", "write the class noun, such as dog");
      }
      const empty = file.extra_info.findIndex((fact) => fact.trim() === "");
      if (empty !== -1) {
        return refuse(where, `\`extra_info[${empty}]\` is empty`, "write the fact or remove it");
      }
      const category = categoryOf(file);
      return E.right({
        className: file.class.trim(),
        category,
        generationType: file.generation_type ?? (category === "object" ? "object" : "live_subject"),
        info: file.info,
        facts: file.extra_info,
        splits,
        unknownKeys: Object.fromEntries(Object.entries(file).filter(([key]) => !KNOWN.has(key))),
        warnings: warningsOf(file, options),
      });
    }),
  );
}
