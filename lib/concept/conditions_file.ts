/**
 * `t2i_conditions.json`: the prompts of a concept, in the base array form and in the object form.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as t from "io-ts";
import type { Checked } from "../core/stage.ts";
import type { DensePrompt, DenseReaPrompt, Fact, Split } from "./concept.ts";
import { decodeWith } from "./json_file.ts";
import { refuse } from "../core/refuse.ts";
import { splitSegments } from "./segments.ts";

const texts = t.array(t.string, "a list of texts");
const optionalTexts = t.array(t.union([t.string, t.null]), "a list of texts");
const segmentLists = t.array(t.array(t.string), "a list of lists of texts");
const newCombination = t.type({
  fact: t.string,
  prompts: t.array(t.string),
  explicit: t.string,
  detail: t.string,
});
const indexLists = t.array(t.array(t.Int), "a list of lists of fact numbers");

/** The object form; every key is optional on disk. */
const ConditionsObject = t.partial({
  schema: t.string,
  base: texts,
  personalized_driven_generation: texts,
  explicit_personalized_driven_generation: optionalTexts,
  personalized_driven_wordings: segmentLists,
  details: optionalTexts,
  new_combinations: t.array(newCombination),
  dense_prompt_generation: texts,
  dense_segments: segmentLists,
  personalized_dense_prompt_generation: texts,
  explicit_personalized_dense_prompt_generation: optionalTexts,
  personalized_dense_facts: indexLists,
  explicit_personalized_dense_segments: segmentLists,
}, "ConditionsObject");

/** The object form. */
type ConditionsObject = t.TypeOf<typeof ConditionsObject>;

const KNOWN = new Set(Object.keys(ConditionsObject.props));

/** What the prompts belong to. */
export interface ConditionsContext {
  readonly id: string;
  readonly token: string;
  readonly className: string;
  readonly facts: readonly string[];
  readonly splits: readonly Split[];
  /** File name for messages. */
  readonly where: string;
}

/** The prompts of a concept. */
export interface Conditions {
  readonly facts: readonly Fact[];
  readonly newCombinations?: readonly Fact[];
  readonly base: readonly string[];
  readonly knowledgePrompts: readonly string[];
  readonly dense: readonly DensePrompt[];
  readonly denseRea: readonly DenseReaPrompt[];
  readonly unknownKeys: Readonly<Record<string, unknown>>;
  readonly warnings: readonly string[];
}

type Key = keyof ConditionsObject;

/** Each key with the key it must be as long as; `extra_info` is the list of facts. */
const ALIGNED: readonly (readonly [Key, Key | "extra_info"])[] = [
  ["personalized_driven_generation", "extra_info"],
  ["explicit_personalized_driven_generation", "extra_info"],
  ["personalized_driven_wordings", "extra_info"],
  ["details", "extra_info"],
  ["dense_segments", "dense_prompt_generation"],
  ["explicit_personalized_dense_prompt_generation", "personalized_dense_prompt_generation"],
  ["personalized_dense_facts", "personalized_dense_prompt_generation"],
  ["explicit_personalized_dense_segments", "personalized_dense_prompt_generation"],
];

/** The keys whose texts must name the concept. */
const NAMING: readonly Key[] = [
  "base",
  "personalized_driven_generation",
  "explicit_personalized_driven_generation",
  "dense_prompt_generation",
  "personalized_dense_prompt_generation",
  "explicit_personalized_dense_prompt_generation",
];

function checkLengths(file: ConditionsObject, context: ConditionsContext): Checked<ConditionsObject> {
  if (file.personalized_driven_generation === undefined && context.facts.length > 0) {
    return refuse(
      context.where,
      "missing field `personalized_driven_generation`",
      "write one reasoning prompt per fact of `extra_info`",
    );
  }
  for (const [key, source] of ALIGNED) {
    const found = file[key];
    if (found === undefined) continue;
    const expected = source === "extra_info" ? context.facts.length : file[source]?.length ?? 0;
    if (found.length !== expected) {
      return refuse(
        context.where,
        `concept ${context.id}: \`${key}\` has ${found.length} items, \`${source}\` has ${expected}`,
        "give both the same length, item by item",
      );
    }
  }
  return E.right(file);
}

function checkTokens(file: ConditionsObject, context: ConditionsContext): Checked<ConditionsObject> {
  for (const key of NAMING) {
    const prompts = (file[key] ?? []) as readonly (string | null)[];
    const wrong = prompts.findIndex((prompt) =>
      prompt !== null && prompt.trim() !== "" && !prompt.includes(context.token)
    );
    if (wrong !== -1) {
      return refuse(
        context.where,
        `\`${key}[${wrong}]\` does not contain ${context.token}`,
        "name the concept by its token in every prompt",
      );
    }
  }
  return E.right(file);
}

/** The texts of all further wordings, each with its place in the file. */
const furtherTexts = (file: ConditionsObject): readonly (readonly [string, string])[] => [
  ...(file.personalized_driven_wordings ?? []).flatMap((list, index) =>
    list.map((text) => [`personalized_driven_wordings[${index}]`, text] as const)
  ),
  ...(file.new_combinations ?? []).flatMap(({ fact, prompts, explicit }, index) =>
    [fact, ...prompts, explicit].map((text) => [`new_combinations[${index}]`, text] as const)
  ),
];

function checkFurtherTexts(file: ConditionsObject, context: ConditionsContext): Checked<ConditionsObject> {
  const wrong = furtherTexts(file).find(([, text]) => !text.includes(context.token));
  return wrong === undefined ? E.right(file) : refuse(
    context.where,
    `\`${wrong[0]}\` does not contain ${context.token}`,
    "name the concept by its token in every text",
  );
}

function checkFactNumbers(file: ConditionsObject, context: ConditionsContext): Checked<ConditionsObject> {
  const lists = file.personalized_dense_facts ?? [];
  const last = context.facts.length - 1;
  const wrong = lists.findIndex((list) => list.some((index) => index < 0 || index > last));
  return wrong === -1 ? E.right(file) : refuse(
    context.where,
    `\`personalized_dense_facts[${wrong}]\` names a fact outside 0…${last}`,
    "number the facts of `extra_info` from 0",
  );
}

/** A field only if its text is there: absent, null and empty are the same. */
const present = <K extends string>(key: K, text: string | null | undefined): { [P in K]?: string } =>
  text === undefined || text === null || text.trim() === "" ? {} : { [key]: text } as { [P in K]?: string };

const given = (segments: readonly string[] | undefined): readonly string[] | null =>
  segments === undefined || segments.length === 0 ? null : segments;

function denseReaPrompt(file: ConditionsObject, context: ConditionsContext, index: number): DenseReaPrompt {
  const text = file.personalized_dense_prompt_generation?.[index] ?? "";
  const explicit = present("explicitText", file.explicit_personalized_dense_prompt_generation?.[index]);
  return {
    id: `dense_rea_${index}`,
    text,
    ...explicit,
    segments: given(file.explicit_personalized_dense_segments?.[index]) ??
      splitSegments(explicit.explicitText ?? text, context),
    factIndices: file.personalized_dense_facts?.[index] ?? [],
  };
}

const otherWordings = (texts: readonly string[] = []): Pick<Fact, "otherWordings"> =>
  texts.length === 0 ? {} : { otherWordings: texts };

function newCombinations({ new_combinations: told }: ConditionsObject): Pick<Conditions, "newCombinations"> {
  return told === undefined ? {} : {
    newCombinations: told.map(({ fact, prompts: [first, ...others], explicit, detail }, index) => ({
      ...{ index, text: fact, split: "test", detail, explicitPrompt: explicit },
      ...present("reasoningPrompt", first),
      ...otherWordings(others),
    })),
  };
}

function fromObject(file: ConditionsObject, context: ConditionsContext): Conditions {
  return {
    facts: context.facts.map((text, index) => ({
      index,
      text,
      split: context.splits[index] ?? "test",
      ...present("reasoningPrompt", file.personalized_driven_generation?.[index]),
      ...otherWordings(file.personalized_driven_wordings?.[index]),
      ...present("explicitPrompt", file.explicit_personalized_driven_generation?.[index]),
      ...present("detail", file.details?.[index]),
    })),
    ...newCombinations(file),
    base: file.base ?? [`A photo of ${context.token}.`],
    knowledgePrompts: [],
    dense: (file.dense_prompt_generation ?? []).map((text, index) => ({
      id: `dense_${index}`,
      text,
      segments: given(file.dense_segments?.[index]) ?? splitSegments(text, context),
    })),
    denseRea: (file.personalized_dense_prompt_generation ?? []).map((_, index) =>
      denseReaPrompt(file, context, index)
    ),
    unknownKeys: Object.fromEntries(Object.entries(file).filter(([key]) => !KNOWN.has(key))),
    warnings: [],
  };
}

/** The base form: element 0 is the plain prompt, the others are knowledge-driven, one per fact if the counts agree. */
function fromArray(prompts: readonly string[], context: ConditionsContext): Conditions {
  const [plain = `A photo of ${context.token}.`, ...knowledge] = prompts;
  const linked = knowledge.length === context.facts.length;
  const warning =
    `${context.where}: ${knowledge.length} knowledge-driven prompts for ${context.facts.length} ` +
    "facts; they are not linked";
  return {
    facts: context.facts.map((text, index) => ({
      index,
      text,
      split: context.splits[index] ?? "test",
      ...present("reasoningPrompt", linked ? knowledge[index] : undefined),
    })),
    base: [plain],
    knowledgePrompts: knowledge,
    dense: [],
    denseRea: [],
    unknownKeys: {},
    warnings: linked ? [] : [warning],
  };
}

/**
 * Reads `t2i_conditions.json`.
 *
 * @param value Parsed JSON: a list (base form) or a record (object form).
 * @returns The prompts; left `InputInvalid` if a field has the wrong type, lists that belong together differ in length,
 * a prompt lacks the token, or a fact number is out of range.
 */
export function readConditions(value: unknown, context: ConditionsContext): Checked<Conditions> {
  if (Array.isArray(value)) {
    return pipe(decodeWith(texts, context.where)(value), E.map((prompts) => fromArray(prompts, context)));
  }
  return pipe(
    decodeWith(ConditionsObject, context.where)(value),
    E.flatMap((file) => checkLengths(file, context)),
    E.flatMap((file) => checkTokens(file, context)),
    E.flatMap((file) => checkFurtherTexts(file, context)),
    E.flatMap((file) => checkFactNumbers(file, context)),
    E.map((file) => fromObject(file, context)),
  );
}
