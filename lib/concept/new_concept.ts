/**
 * A new concept from a user's photos and sentences, as a UnifyBench++ folder that is ready for training.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import type { Checked } from "../core/stage.ts";
import { tokenOf } from "./concept.ts";
import { withArticle } from "./dialogue_templates.ts";
import { splitFacts } from "./fact_split.ts";
import { rootFiles, textFiles } from "./new_concept_files.ts";
import { sortPhotos } from "./new_concept_photos.ts";
import type { ExistingRoot, NewConcept } from "./new_concept_spec.ts";
import { refuse } from "../core/refuse.ts";
import { freeName } from "../text/reserved_tokens.ts";

/** Path → content, relative to the dataset root. */
export type ConceptFiles = ReadonlyMap<string, Uint8Array | string>;

/** The folder of a new concept, and what was left out of it. */
export interface ConceptFolder {
  readonly files: ConceptFiles;
  readonly warnings: readonly string[];
}

/** All texts with the token in place of `<sks>`. */
function named(spec: NewConcept): NewConcept {
  const token = tokenOf(spec.id);
  const inText = (text: string): string => text.replaceAll("<sks>", token);
  const inRecord = <A extends object>(record: A): A =>
    Object.fromEntries(
      Object.entries(record).map(([key, value]) => [key, typeof value === "string" ? inText(value) : value]),
    ) as A;
  return {
    ...spec,
    info: inText(spec.info ?? `<sks> is ${withArticle(spec.className)}.`),
    facts: spec.facts.map(inRecord),
    dense: (spec.dense ?? []).map(inText),
    denseRea: (spec.denseRea ?? []).map(inRecord),
  };
}

function checkTexts(spec: NewConcept): Checked<void> {
  const token = tokenOf(spec.id);
  if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(spec.id)) {
    return refuse(JSON.stringify(spec.id), "is no valid concept id", "use letters, digits and underscores");
  }
  const free = freeName(spec.id);
  if (E.isLeft(free)) return free;
  if (spec.className.trim() === "") return refuse(spec.id, "has no class", "give a noun, such as dog");
  if (!(spec.info ?? "").startsWith(`${token} is`)) {
    return refuse(
      `${spec.id}: info`,
      `does not begin with "${token} is"`,
      "write one sentence about its looks",
    );
  }
  const prompts: readonly (readonly [string, string | undefined])[] = [
    ...spec.facts.flatMap(({ text, reasoningPrompt, explicitPrompt }, index) =>
      [[`facts[${index}].text`, text], [`facts[${index}].reasoning_prompt`, reasoningPrompt], [
        `facts[${index}].explicit_prompt`,
        explicitPrompt,
      ]] as const
    ),
    ...(spec.dense ?? []).map((text, index) => [`dense[${index}]`, text] as const),
    ...(spec.denseRea ?? []).map(({ text }, index) => [`dense_rea[${index}]`, text] as const),
  ];
  const wrong = prompts.find(([, text]) => text !== undefined && !text.includes(token));
  return wrong === undefined
    ? E.right(undefined)
    : refuse(`${spec.id}: ${wrong[0]}`, `does not contain ${token}`, `write ${token} or <sks>`);
}

/**
 * Makes the folder of a new concept: photos sorted into train and test, info, prompts, and default dialogues, training
 * samples and test items from templates. Facts of the test split are told in no dialogue.
 *
 * @param spec Photos and sentences.
 * @param existing Root files of the dataset that it is added to; an empty one if left out.
 * @returns Files relative to the root, and warnings about photos left out; left `InputInvalid` naming the text or photo
 * that is wrong, or if no photo is valid. `loadConcept` reads what this writes.
 */
export function newConcept(
  spec: NewConcept,
  existing: ExistingRoot = { concepts: [], trainImages: {} },
): Checked<ConceptFolder> {
  const full = named(spec);
  const texts = checkTexts(full);
  if (E.isLeft(texts)) return texts;
  const byRule = splitFacts(full.facts.length, { where: full.id });
  if (E.isLeft(byRule)) return byRule;
  const splits = full.facts.map(({ split }, index) => split ?? byRule.right[index] ?? "train");
  const warnings: string[] = [];
  const photos = sortPhotos(full, warnings);
  if (E.isLeft(photos)) return photos;
  const { train, test, hard, easy } = photos.right;
  const cropped = train.map(({ path, bytes }) => ({ path: path.replace(/([^/]+)$/, "cropped/$1"), bytes }));
  const files = new Map<string, Uint8Array | string>([
    ...[...train, ...cropped, ...test, ...hard, ...easy].map(({ path, bytes }) => [path, bytes] as const),
    ...textFiles(full, splits, photos.right),
    ...rootFiles(full.id, photos.right, existing),
  ]);
  return E.right({ files, warnings });
}
