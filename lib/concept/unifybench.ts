/**
 * UnifyBench and UnifyBench++ folders: one concept, or all of them, normalised and validated.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as t from "io-ts";
import { join } from "node:path";
import type { HasFiles, HasLog } from "../core/capability.ts";
import { DONE, type Stage } from "../core/stage.ts";
import { type Concept, tokenOf } from "./concept.ts";
import { type Conditions, readConditions } from "./conditions_file.ts";
import { loadPhotoDialogues, loadTextExchanges, readConversations, resolveImages } from "./dialogue_files.ts";
import { listImages, matchImage } from "./image_paths.ts";
import { type Info, readInfo } from "./info_file.ts";
import { decodeWith, readJson, readOptionalJson } from "./json_file.ts";
import { refuseOverlap } from "./overlap.ts";
import { refuse } from "../core/refuse.ts";
import { loadEvalItems, loadTrainingSamples } from "./sample_files.ts";

interface Place {
  readonly root: string;
  readonly id: string;
}

const trainFolder = ({ root, id }: Place): string => join(root, "concept", "train", id);
const testFolder = ({ root, id }: Place): string => join(root, "concept", "test", id);

const exists = (path: string): Stage<HasFiles, boolean> => ({ files }) => files.exists(path);

const warnAll = (warnings: readonly string[]): Stage<HasLog, void> =>
  RTE.asks(({ log }) => warnings.forEach((warning) => log.warn(warning)));

/** Concept ids of a root: `concepts_list.json`, else the folders that have an `info.json`. */
export function listConcepts(root: string): Stage<HasFiles, readonly string[]> {
  const listFile = join(root, "concepts_list.json");
  const fromFolders: Stage<HasFiles, readonly string[]> = pipe(
    RTE.asks(({ files }: HasFiles) => files),
    RTE.flatMapTaskEither((files) => files.list(join(root, "concept", "train"))),
    RTE.flatMap(
      RTE.traverseSeqArray((id) =>
        pipe(exists(join(root, "concept", "train", id, "info.json")), RTE.map((found) => found ? [id] : []))
      ),
    ),
    RTE.map((ids) => ids.flat()),
  );
  return pipe(
    readOptionalJson(listFile),
    RTE.flatMap((value) =>
      value === undefined ? fromFolders : RTE.fromEither(decodeWith(t.array(t.string), listFile)(value))
    ),
  );
}

/** Fails with the names that do exist. */
function requireConcept(place: Place): Stage<HasFiles, void> {
  const unknown = pipe(
    listConcepts(place.root),
    RTE.flatMap((ids) =>
      RTE.fromEither(refuse(
        place.root,
        `has no concept ${JSON.stringify(place.id)}`,
        ids.length === 0
          ? "make one with `deno task concept new`"
          : `choose one of ${ids.slice(0, 20).join(", ")}`,
      ))
    ),
  );
  const isName = place.id !== "" && !/[/\\<>]|^\.\.?$/.test(place.id);
  return pipe(
    isName ? exists(join(trainFolder(place), "info.json")) : RTE.right(false),
    RTE.flatMap((found) => found ? DONE : unknown),
  );
}

function loadConditions(place: Place, info: Info): Stage<HasFiles, Conditions> {
  const where = join(testFolder(place), "t2i_conditions.json");
  const { className, facts, splits } = info;
  const context = { id: place.id, token: tokenOf(place.id), className, facts, splits, where };
  return pipe(
    readOptionalJson(where),
    RTE.flatMap((value): Stage<HasFiles, Conditions> => {
      if (value !== undefined) return RTE.fromEither(readConditions(value, context));
      const warnings = [`${where}: file not found; ${place.id} has no generation prompts`];
      return pipe(
        RTE.fromEither(readConditions([`A photo of ${context.token}.`, ...facts], context)),
        RTE.map(({ facts: linked, ...rest }) => ({
          ...rest,
          facts: linked.map(({ index, text, split }) => ({ index, text, split })),
          knowledgePrompts: [],
          warnings,
        })),
      );
    }),
  );
}

/** The reference photos: `train_images.json`, else every picture of the folder. */
function loadTrainImages(place: Place): Stage<HasFiles & HasLog, readonly string[]> {
  const where = join(place.root, "concept", "train", "train_images.json");
  const listed = t.record(t.string, t.array(t.string));
  return pipe(
    readOptionalJson(where),
    RTE.flatMap((value) => RTE.fromEither(decodeWith(listed, where)(value ?? {}))),
    RTE.flatMap((lists) => {
      const names = lists[place.id];
      if (names === undefined) return listImages(trainFolder(place));
      const stored = names.map((path, index) => ({ path, field: `${place.id}[${index}]` }));
      return pipe(
        resolveImages(stored, { root: place.root, folders: [trainFolder(place)], where }),
        RTE.map((found) => names.map((name) => found.get(name) ?? name)),
      );
    }),
    RTE.flatMap((images) =>
      images.length > 0 ? RTE.right(images) : RTE.fromEither(
        refuse(trainFolder(place), "has no photo", "add at least one PNG, JPEG or WebP file"),
      )
    ),
  );
}

type Photos = Pick<
  Concept,
  "trainImages" | "testImages" | "croppedImages" | "negativeImages" | "randomImages" | "blackImage"
>;

function loadPhotos(place: Place): Stage<HasFiles & HasLog, Photos> {
  const train = trainFolder(place);
  const black = join(place.root, "black_512x512.png");
  return pipe(
    RTE.Do,
    RTE.bindW("trainImages", () => loadTrainImages(place)),
    RTE.bindW("testImages", () => listImages(testFolder(place))),
    RTE.bindW("croppedImages", () => listImages(join(train, "cropped"))),
    RTE.bindW("hard", () => listImages(join(train, "negative_example"))),
    RTE.bindW("legacy", () => listImages(join(train, "negative"))),
    RTE.bindW("randomImages", () => listImages(join(place.root, "random_images"))),
    RTE.bindW("hasBlack", () => exists(black)),
    RTE.map(({ hard, legacy, hasBlack, ...photos }) => ({
      ...photos,
      negativeImages: [...hard, ...legacy],
      blackImage: hasBlack ? black : null,
    })),
  );
}

/** `captions.json`: names of train photos → captions. */
function loadCaptions(
  place: Place,
  images: readonly string[],
): Stage<HasFiles, Readonly<Record<string, string>>> {
  const where = join(trainFolder(place), "captions.json");
  return pipe(
    readOptionalJson(where),
    RTE.flatMap((value) => RTE.fromEither(decodeWith(t.record(t.string, t.string), where)(value ?? {}))),
    RTE.flatMap((captions) => {
      const found = Object.entries(captions).map(([key, text]) =>
        [matchImage(key, images)?.image, text, key] as const
      );
      const lost = found.find(([image]) => image === undefined);
      return lost === undefined
        ? RTE.right(Object.fromEntries(found.map(([image, text]) => [image, text])))
        : RTE.fromEither(
          refuse(`${where}: [${JSON.stringify(lost[2])}]`, "names no train image", "correct the key"),
        );
    }),
  );
}

type Dialogues = Pick<
  Concept,
  | "captions"
  | "photoDialogues"
  | "textDialogues"
  | "positiveRecognitions"
  | "negativeRecognitions"
  | "vqa"
  | "textOnly"
>;

function loadDialogues(place: Place): Stage<HasFiles & HasLog, Dialogues> {
  const { root } = place;
  const [train, test] = [trainFolder(place), testFolder(place)];
  const where = join(train, "conversations.json");
  return pipe(
    RTE.Do,
    RTE.bindW("images", () => listImages(train)),
    RTE.bindW("captions", ({ images }) => loadCaptions(place, images)),
    RTE.bindW("value", () => readOptionalJson(where)),
    RTE.bindW(
      "conversations",
      ({ images, value }) => RTE.fromEither(readConversations(value, { images, where })),
    ),
    RTE.tap(({ conversations }) => warnAll(conversations.warnings)),
    RTE.bindW(
      "positiveRecognitions",
      () => loadPhotoDialogues(join(train, "positive_recognitions.json"), { root, folders: [train] }),
    ),
    RTE.bindW("negativeRecognitions", () =>
      loadPhotoDialogues(join(train, "random_recognitions.json"), {
        root,
        folders: [join(root, "random_images")],
      })),
    RTE.bindW("vqa", () => loadPhotoDialogues(join(test, "vqa.json"), { root, folders: [test] })),
    RTE.bindW("textOnly", () => loadTextExchanges(join(test, "text_only.json"))),
    RTE.map(({ captions, conversations, positiveRecognitions, negativeRecognitions, vqa, textOnly }) => ({
      captions,
      photoDialogues: conversations.photo,
      textDialogues: conversations.text,
      positiveRecognitions,
      negativeRecognitions,
      vqa,
      textOnly,
    })),
  );
}

type Samples = Pick<Concept, "evalItems" | "trainingData">;

function loadSamples({ root, id }: Place): Stage<HasFiles, Samples> {
  const stage = (number: number) =>
    loadTrainingSamples(join(root, `showo_training_data_stage_${number}`, `${id}.json`), { root });
  return pipe(
    RTE.Do,
    RTE.bindW("stage1", () => stage(1)),
    RTE.bindW("stage2", () => stage(2)),
    RTE.bindW("stage3", () => stage(3)),
    RTE.bindW("evalItems", () => loadEvalItems(join(root, "test_data", `${id}.json`), { root })),
    RTE.map(({ evalItems, ...trainingData }) => ({ evalItems, trainingData })),
  );
}

/**
 * Loads and validates one concept of a UnifyBench or UnifyBench++ folder. Photos are listed, not decoded.
 *
 * @param root The dataset folder.
 * @param id The concept, as its folder is called.
 * @returns The concept, warnings logged; left `InputInvalid` naming file and field if anything is missing, misaligned or
 * unresolvable, if there is no train photo, or if a test photo is a train photo.
 */
export function loadConcept(root: string, id: string): Stage<HasFiles & HasLog, Concept> {
  const place = { root, id };
  const infoFile = join(trainFolder(place), "info.json");
  return pipe(
    requireConcept(place),
    RTE.flatMap(() => readJson(infoFile)),
    RTE.flatMap((value) => RTE.fromEither(readInfo(value, { id, where: infoFile }))),
    RTE.bindTo("info"),
    RTE.bindW("conditions", ({ info }) => loadConditions(place, info)),
    RTE.tap(({ info, conditions }) => warnAll([...info.warnings, ...conditions.warnings])),
    RTE.bindW("photos", () => loadPhotos(place)),
    RTE.tap(({ photos }) => refuseOverlap(photos)),
    RTE.bindW("dialogues", () => loadDialogues(place)),
    RTE.bindW("samples", () => loadSamples(place)),
    RTE.map(({ info, conditions, photos, dialogues, samples }): Concept => {
      const { facts, newCombinations, base, knowledgePrompts, dense, denseRea } = conditions;
      const { className, category, generationType } = info;
      return {
        ...{ id, token: tokenOf(id), root, className, category, generationType, info: info.info },
        ...{ facts, base, knowledgePrompts, dense, denseRea },
        ...(newCombinations === undefined ? {} : { newCombinations }),
        ...photos,
        ...dialogues,
        ...samples,
        unknownKeys: { ...info.unknownKeys, ...conditions.unknownKeys },
      };
    }),
  );
}

/**
 * Loads several concepts of a folder.
 *
 * @param root The dataset folder.
 * @param ids Which; all of them if left out.
 * @returns Concepts in the order asked for; left at the first that is invalid, or if there are none.
 */
export function loadConcepts(
  root: string,
  ids?: readonly string[],
): Stage<HasFiles & HasLog, readonly Concept[]> {
  return pipe(
    ids === undefined ? listConcepts(root) : RTE.right(ids),
    RTE.flatMap((found) =>
      found.length > 0 ? RTE.right(found) : RTE.fromEither(
        refuse(root, "has no concepts", "give a folder with concept/train/<id>/info.json"),
      )
    ),
    RTE.flatMap(RTE.traverseSeqArray((id) => loadConcept(root, id))),
  );
}
