/**
 * MC-LLaVA folders, single-concept part: photos, visual questions, letter questions, recognition inside a scenario.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as t from "io-ts";
import { join } from "node:path";
import type { HasFiles, HasLog } from "../core/capability.ts";
import { type Key, shuffle } from "../core/key.ts";
import { DONE, type Stage } from "../core/stage.ts";
import { type Exchange, type PhotoDialogue, tokenOf } from "./concept.ts";
import { recognitionQuestion } from "./dialogue_templates.ts";
import { loadPhotoDialogues, loadTextExchanges } from "./dialogue_files.ts";
import { listImages } from "./image_paths.ts";
import { decodeWith, readOptionalJson } from "./json_file.ts";
import { refuse } from "../core/refuse.ts";
import type { RecognitionItem } from "./yollava.ts";

/** One concept of the data set. */
export interface McllavaConcept {
  readonly id: string;
  readonly token: string;
  /** `two_concept`, `three_concept` or `four_concept`: the part of the data set that it belongs to. */
  readonly type: string;
  /** Concepts that appear together with this one in multi-concept photos, itself left out. */
  readonly scenario: readonly string[];
  readonly trainImages: readonly string[];
  readonly testImages: readonly string[];
  readonly vqa: readonly PhotoDialogue[];
  /** Letter questions about a photo. */
  readonly choice: readonly PhotoDialogue[];
  /** Letter questions without a photo. */
  readonly qa: readonly Exchange[];
}

const TYPES = ["two_concept", "three_concept", "four_concept"] as const;
const TypesFile = t.record(t.string, t.string);

/**
 * Reads the concepts off the name of a multi-concept folder, whose parts are joined by underscores.
 *
 * @param name The folder, such as `anya_bond_dog`.
 * @param concepts All concept ids; they may hold underscores themselves.
 * @returns The concepts in order; null if the name is not made of concept ids.
 *
 * @example
 * ```ts
 * import { scenarioOf } from "./mcllava.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(scenarioOf("red_car_bo", ["bo", "red", "red_car"]), ["red_car", "bo"]);
 * ```
 */
export function scenarioOf(name: string, concepts: readonly string[]): readonly string[] | null {
  for (const id of concepts) {
    if (name === id) return [id];
    if (!name.startsWith(`${id}_`)) continue;
    const rest = scenarioOf(name.slice(id.length + 1), concepts);
    if (rest !== null) return [id, ...rest];
  }
  return null;
}

const listNames = (path: string): Stage<HasFiles, readonly string[]> => ({ files }) => files.list(path);
const folders = (names: readonly string[]): readonly string[] => names.filter((name) => !name.includes("."));

interface Part {
  readonly type: string;
  readonly ids: readonly string[];
  readonly scenarios: readonly (readonly string[])[];
}

function loadPart(root: string, type: string): Stage<HasFiles, Part> {
  return pipe(
    RTE.Do,
    RTE.bindW("concepts", () => listNames(join(root, type, "concept", "train"))),
    RTE.bindW("multi", () => listNames(join(root, type, "multi"))),
    RTE.bindW("nested", () => listNames(join(root, type, "multi", "train"))),
    RTE.map(({ concepts, multi, nested }) => {
      const ids = folders(concepts);
      const scenarios = folders([...multi, ...nested]).flatMap((name) => {
        const found = scenarioOf(name, ids);
        return found === null ? [] : [found];
      });
      return { type, ids, scenarios };
    }),
  );
}

function loadOne(root: string, part: Part, id: string): Stage<HasFiles & HasLog, McllavaConcept> {
  const folder = join(root, part.type, "concept");
  const test = join(folder, "test", id);
  const context = { root, folders: [test] };
  const companions = part.scenarios.filter((members) => members.includes(id)).flat();
  return pipe(
    RTE.Do,
    RTE.bindW("trainImages", () => listImages(join(folder, "train", id))),
    RTE.bindW("testImages", () => listImages(test)),
    RTE.tap(({ trainImages }) =>
      trainImages.length > 0
        ? DONE
        : RTE.fromEither(refuse(join(folder, "train", id), "has no photo", "download the data set again"))
    ),
    RTE.bindW("vqa", () => loadPhotoDialogues(join(test, "vqa.json"), { ...context, byName: true })),
    RTE.bindW("choice", () => loadPhotoDialogues(join(test, "choice.json"), { ...context, byName: true })),
    RTE.bindW("qa", () => loadTextExchanges(join(test, "qa.json"))),
    RTE.map((content) => ({
      id,
      token: tokenOf(id),
      type: part.type,
      scenario: [...new Set(companions)].filter((other) => other !== id),
      ...content,
    })),
  );
}

/** The part of a concept must be the one that `concept_type.json` names. */
function checkTypes(root: string, parts: readonly Part[]): Stage<HasFiles, void> {
  const where = join(root, "concept_type.json");
  return pipe(
    readOptionalJson(where),
    RTE.flatMap((value) => RTE.fromEither(decodeWith(TypesFile, where)(value ?? {}))),
    RTE.flatMap((types) => {
      const lost = Object.entries(types).find(([id, type]) =>
        !parts.some((part) => part.type === type && part.ids.includes(id))
      );
      return lost === undefined ? DONE : RTE.fromEither(refuse(
        `${where}: ${lost[0]}`,
        `there is no folder ${join(root, lost[1], "concept", "train", lost[0])}`,
        "download the data set again or correct the entry",
      ));
    }),
  );
}

/**
 * Loads the single-concept part of an MC-LLaVA folder.
 *
 * @param root The data set.
 * @returns Concepts by part and name; left `InputInvalid` naming file and field.
 */
export function loadMcllava(root: string): Stage<HasFiles & HasLog, readonly McllavaConcept[]> {
  return pipe(
    TYPES,
    RTE.traverseSeqArray((type) => loadPart(root, type)),
    RTE.tap((parts) => checkTypes(root, parts)),
    RTE.map((parts) => parts.flatMap((part) => part.ids.map((id) => ({ part, id })))),
    RTE.flatMap((all) =>
      all.length === 0
        ? RTE.fromEither(
          refuse(root, "has no MC-LLaVA concept", "give a folder with two_concept/concept/train/<id>"),
        )
        : pipe(all, RTE.traverseSeqArray(({ part, id }) => loadOne(root, part, id)))
    ),
  );
}

/** Which negatives the recognition test draws. */
export interface RecognitionOptions {
  /** How many test images of concepts outside the scenario are added; 0 if left out. */
  readonly randomNegatives?: number;
  /** The draw; the same key draws the same images. */
  readonly key: Key;
}

/**
 * Asks about one concept in its own test images, in those of its scenario, and in drawn ones of other concepts.
 *
 * @param concept The one asked about.
 * @returns Items, its own images first.
 */
export function mcllavaRecognition(
  concept: McllavaConcept,
  all: readonly McllavaConcept[],
  options: RecognitionOptions,
): readonly RecognitionItem[] {
  const question = recognitionQuestion(concept.token);
  const others = all.filter(({ id }) => id !== concept.id);
  const inScenario = others.filter(({ id, type }) => type === concept.type && concept.scenario.includes(id));
  const outside = others.filter((other) => !inScenario.includes(other)).flatMap(({ testImages }) =>
    testImages
  );
  const drawn = shuffle(options.key, outside).slice(0, options.randomNegatives ?? 0);
  const item = (truth: boolean) => (image: string): RecognitionItem => ({
    concept: concept.id,
    image,
    question,
    truth,
  });
  return [
    ...concept.testImages.map(item(true)),
    ...inScenario.flatMap(({ testImages }) => testImages).map(item(false)),
    ...drawn.map(item(false)),
  ];
}
