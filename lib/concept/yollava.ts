/**
 * Yo'LLaVA folders: photos per subject, visual and text-only multiple choice questions, recognition over all subjects.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as t from "io-ts";
import { basename, join } from "node:path";
import type { HasFiles, HasLog } from "../core/capability.ts";
import { DONE, type Stage } from "../core/stage.ts";
import { type Category, tokenOf } from "./concept.ts";
import { listImages } from "./image_paths.ts";
import { sniffImage } from "../image/image_header.ts";
import { decodeWith, readOptionalJson } from "./json_file.ts";
import { refuse } from "../core/refuse.ts";

/** The two options of a question. */
export interface ChoiceOptions {
  readonly A: string;
  readonly B: string;
}

/** A multiple choice question; without image it is about the concept in general. */
export interface ChoiceQuestion {
  readonly image: string | null;
  readonly question: string;
  readonly options: ChoiceOptions;
  readonly answer: "A" | "B";
}

/** One subject of the data set. */
export interface YollavaSubject {
  readonly id: string;
  readonly token: string;
  readonly category: Extract<Category, "human"> | "other";
  readonly trainImages: readonly string[];
  readonly testImages: readonly string[];
  readonly negativeImages: readonly string[];
  readonly vqa: readonly ChoiceQuestion[];
  /** Text-only questions, from Yo'Chameleon's `text_qa.json`; empty if the file is absent. */
  readonly qa: readonly ChoiceQuestion[];
}

/** Whether a concept is in an image, as a question. */
export interface RecognitionItem {
  readonly concept: string;
  readonly image: string;
  readonly question: string;
  readonly truth: boolean;
}

/** The ten people among the 40 subjects. */
const HUMANS = new Set([
  "thuytien",
  "viruss",
  "ciin",
  "khanhvy",
  "oong",
  "thao",
  "willinvietnam",
  "denisdang",
  "phuc-map",
  "yuheng",
]);

const Letter = t.union([t.literal("A"), t.literal("B")], '"A" or "B"');
const Options = t.type({ A: t.string, B: t.string });
const VisualFile = t.record(
  t.string,
  t.record(t.string, t.type({ question: t.string, options: Options, correct_answer: Letter })),
);
const TextFile = t.record(
  t.string,
  t.record(
    t.string,
    t.intersection([
      t.type({ question: t.string, correct_answer: Letter }),
      t.partial({ option: Options, options: Options }),
    ]),
  ),
);
type VisualFile = t.TypeOf<typeof VisualFile>;
type TextFile = t.TypeOf<typeof TextFile>;

/** The original writes `<sks>`, its text questions a bare `sks`. */
const withToken = (text: string, token: string): string => text.replace(/<sks>|\bsks\b/g, () => token);

const inOptions = (options: ChoiceOptions, token: string): ChoiceOptions => ({
  A: withToken(options.A, token),
  B: withToken(options.B, token),
});

function visualQuestions(
  file: VisualFile,
  subject: { readonly id: string; readonly testImages: readonly string[]; readonly where: string },
): Stage<unknown, readonly ChoiceQuestion[]> {
  const token = tokenOf(subject.id);
  return RTE.fromEither(pipe(
    Object.entries(file[subject.id] ?? {}),
    E.traverseArray(([stored, { question, options, correct_answer: answer }]) => {
      const image = subject.testImages.find((path) => basename(path) === basename(stored));
      return image === undefined
        ? refuse(
          `${subject.where}: ${subject.id}[${JSON.stringify(stored)}]`,
          "names no test image of this subject",
          "add the image or correct the path",
        )
        : E.right({
          image,
          question: withToken(question, token),
          options: inOptions(options, token),
          answer,
        });
    }),
  ));
}

function textQuestions(
  file: TextFile,
  subject: { readonly id: string; readonly where: string },
): Stage<unknown, readonly ChoiceQuestion[]> {
  const token = tokenOf(subject.id);
  return RTE.fromEither(pipe(
    Object.entries(file[subject.id] ?? {}),
    E.traverseArray(([number, { question, option, options, correct_answer: answer }]) => {
      const found = option ?? options;
      return found === undefined
        ? refuse(
          `${subject.where}: ${subject.id}.${number}`,
          "missing field `option`",
          "add the options A and B",
        )
        : E.right({
          image: null,
          question: withToken(question, token),
          options: inOptions(found, token),
          answer,
        });
    }),
  ));
}

/** In a git clone the photos may be LFS pointers: look into one per subject. */
function checkFirst(images: readonly string[]): Stage<HasFiles, void> {
  const [first] = images;
  if (first === undefined) return DONE;
  return pipe(
    RTE.asks(({ files }: HasFiles) => files),
    RTE.flatMapTaskEither((files) => files.readBytes(first)),
    RTE.flatMap((bytes) => RTE.fromEither(sniffImage(bytes, first))),
    RTE.map(() => undefined),
  );
}

interface Questions {
  readonly visual: VisualFile;
  readonly visualPath: string;
  readonly text: TextFile;
  readonly textPath: string;
}

function loadSubject(
  root: string,
  id: string,
  questions: Questions,
): Stage<HasFiles & HasLog, YollavaSubject> {
  const { visual, text, visualPath, textPath } = questions;
  return pipe(
    RTE.Do,
    RTE.bindW("trainImages", () => listImages(join(root, "train", id))),
    RTE.bindW("testImages", () => listImages(join(root, "test", id))),
    RTE.bindW("negativeImages", () => listImages(join(root, "train", id, "negative_example"))),
    RTE.tap(({ trainImages }) =>
      trainImages.length > 0
        ? checkFirst(trainImages)
        : RTE.fromEither(refuse(join(root, "train", id), "has no photo", "download the data set again"))
    ),
    RTE.tap(({ testImages }) => checkFirst(testImages)),
    RTE.bindW("vqa", ({ testImages }) => visualQuestions(visual, { id, testImages, where: visualPath })),
    RTE.bindW("qa", () => textQuestions(text, { id, where: textPath })),
    RTE.map((content) => ({
      id,
      token: tokenOf(id),
      category: HUMANS.has(id) ? "human" as const : "other" as const,
      ...content,
    })),
  );
}

const listNames = (path: string): Stage<HasFiles, readonly string[]> => ({ files }) => files.list(path);

/** The data folder: the root itself or its `yollava-data`. */
const dataFolder = (root: string): Stage<HasFiles, string> =>
  pipe(
    RTE.asks(({ files }: HasFiles) => files),
    RTE.flatMapTaskEither((files) => files.exists(join(root, "yollava-data", "train"))),
    RTE.map((inside) => inside ? join(root, "yollava-data") : root),
  );

function loadQuestions(folder: string): Stage<HasFiles, Questions> {
  const visualPath = join(folder, "yollava-visual-qa.json");
  const textPath = join(folder, "text_qa.json");
  return pipe(
    RTE.Do,
    RTE.bindW("visualValue", () => readOptionalJson(visualPath)),
    RTE.bindW("textValue", () => readOptionalJson(textPath)),
    RTE.bindW(
      "visual",
      ({ visualValue }) => RTE.fromEither(decodeWith(VisualFile, visualPath)(visualValue ?? {})),
    ),
    RTE.bindW("text", ({ textValue }) => RTE.fromEither(decodeWith(TextFile, textPath)(textValue ?? {}))),
    RTE.map(({ visual, text }) => ({ visual, visualPath, text, textPath })),
  );
}

/**
 * Loads a Yo'LLaVA folder.
 *
 * @param root The repository with `yollava-data`, or that folder.
 * @returns Subjects by name; left `InputInvalid` naming file and field, a subject without photo, or a Git LFS pointer in
 * place of a photo.
 */
export function loadYollava(root: string): Stage<HasFiles & HasLog, readonly YollavaSubject[]> {
  return pipe(
    dataFolder(root),
    RTE.bindTo("folder"),
    RTE.bindW("names", ({ folder }) => listNames(join(folder, "train"))),
    RTE.bindW("questions", ({ folder }) => loadQuestions(folder)),
    RTE.flatMap(({ folder, names, questions }) => {
      const ids = names.filter((name) => !name.includes("."));
      return ids.length === 0
        ? RTE.fromEither(refuse(root, "has no Yo'LLaVA subject", "give a folder with train/<subject>/0.png"))
        : pipe(ids, RTE.traverseSeqArray((id) => loadSubject(folder, id, questions)));
    }),
  );
}

/**
 * Asks about one subject in the test images of all of them.
 *
 * @param subject The one asked about.
 * @param all All subjects, itself included.
 * @returns One item per test image; true where the image is its own.
 */
export function yollavaRecognition(
  subject: YollavaSubject,
  all: readonly YollavaSubject[],
): readonly RecognitionItem[] {
  const question = `Can you see ${subject.token} in this photo? Answer with a single word or phrase.`;
  return all.flatMap(({ id, testImages }) =>
    testImages.map((image) => ({ concept: subject.id, image, question, truth: id === subject.id }))
  );
}
