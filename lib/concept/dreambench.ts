/**
 * DreamBench folders: `dataset/<subject>/NN.jpg`, with classes and prompts.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { join } from "node:path";
import type { HasFiles, HasLog } from "../core/capability.ts";
import type { Checked, Stage } from "../core/stage.ts";
import { type GenerationType, tokenOf } from "./concept.ts";
import { DREAMBENCH_SUBJECTS, dreambenchPrompts, type SubjectClass } from "./dreambench_prompts.ts";
import { listImages } from "./image_paths.ts";
import { refuse } from "../core/refuse.ts";

/** One subject with all its photos. */
export interface DreambenchSubject {
  readonly id: string;
  readonly token: string;
  readonly className: string;
  readonly generationType: GenerationType;
  /** 4 to 6 photos, all of them references. */
  readonly images: readonly string[];
  /** 25 prompts with the token, `a <dog> in the jungle`. */
  readonly prompts: readonly string[];
  /** The same prompts with the class instead: the text that generated pictures are scored against. */
  readonly classPrompts: readonly string[];
}

const CLASSES_FILE = "prompts_and_classes.txt";

const typeOf = (className: string): GenerationType =>
  className === "cat" || className === "dog" ? "live_subject" : "object";

/**
 * Reads the classes of `prompts_and_classes.txt`: `subject_name,class` lines after the heading "Classes".
 *
 * @param where File name for messages.
 * @returns Subject → class; left `InputInvalid` naming the line that is none, or if there is no such list.
 */
export function readClasses(text: string, where: string): Checked<ReadonlyMap<string, SubjectClass>> {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const heading = lines.findIndex((line) => /^classes\b/i.test(line));
  const classes = new Map<string, SubjectClass>();
  for (let index = heading + 1; heading !== -1 && index < lines.length; index++) {
    const line = lines[index] ?? "";
    if (/^prompts\b|^(object|live_subject)?_?prompt_list|=\s*\[/i.test(line)) break;
    if (line === "" || line.replaceAll(" ", "") === "subject_name,class") continue;
    const [id, className, ...more] = line.split(",").map((part) => part.trim());
    if (id === undefined || id === "" || className === undefined || className === "" || more.length > 0) {
      return refuse(`${where}: line ${index + 1}`, "expected `subject_name,class`", "correct the line");
    }
    classes.set(id, { className, generationType: typeOf(className) });
  }
  return classes.size > 0 ? E.right(classes) : refuse(
    where,
    'has no list of classes after a line "Classes"',
    "take the file of the original repository",
  );
}

/** Classes of the file if there is one, else the published ones. */
function loadClasses(folder: string): Stage<HasFiles, ReadonlyMap<string, SubjectClass>> {
  const path = join(folder, CLASSES_FILE);
  return pipe(
    RTE.asks(({ files }: HasFiles) => files),
    RTE.flatMap((files) =>
      pipe(
        RTE.fromTaskEither(files.exists(path)),
        RTE.flatMap((found): Stage<HasFiles, ReadonlyMap<string, SubjectClass>> =>
          found
            ? pipe(
              RTE.fromTaskEither(files.readText(path)),
              RTE.flatMap((text) => RTE.fromEither(readClasses(text, path))),
            )
            : RTE.right(DREAMBENCH_SUBJECTS)
        ),
      )
    ),
  );
}

function loadSubject(
  folder: string,
  [id, { className, generationType }]: readonly [string, SubjectClass],
): Stage<HasFiles & HasLog, DreambenchSubject> {
  const path = join(folder, id);
  return pipe(
    listImages(path),
    RTE.flatMap((images) =>
      images.length > 0
        ? RTE.right(images)
        : RTE.fromEither(refuse(path, "has no photo", "download the data set again"))
    ),
    RTE.map((images) => ({
      id,
      token: tokenOf(id),
      className,
      generationType,
      images,
      prompts: dreambenchPrompts(generationType, tokenOf(id)),
      classPrompts: dreambenchPrompts(generationType, className),
    })),
  );
}

/** The folder of subjects: the root itself or its `dataset`. */
const subjectFolder = (root: string): Stage<HasFiles, string> =>
  pipe(
    RTE.asks(({ files }: HasFiles) => files),
    RTE.flatMapTaskEither((files) => files.exists(join(root, "dataset"))),
    RTE.map((inside) => inside ? join(root, "dataset") : root),
  );

/**
 * Loads a DreamBench folder.
 *
 * @param root The repository, or its `dataset` folder.
 * @returns Subjects in the order of the class list, those without a folder left out; left `InputInvalid` if none is there,
 * a subject has no photo, or a folder is in no class list.
 */
export function loadDreambench(root: string): Stage<HasFiles & HasLog, readonly DreambenchSubject[]> {
  return pipe(
    subjectFolder(root),
    RTE.bindTo("folder"),
    RTE.bindW("classes", ({ folder }) => loadClasses(folder)),
    RTE.bindW("names", ({ folder }) => ({ files }: HasFiles) => files.list(folder)),
    RTE.flatMap(({ folder, classes, names }) => {
      const subjects = names.filter((name) => !name.includes("."));
      const unknown = subjects.find((name) => !classes.has(name));
      if (unknown !== undefined) {
        return RTE.fromEither(
          refuse(join(folder, unknown), "subject without a class", `add a line to ${CLASSES_FILE}`),
        );
      }
      const present = [...classes].filter(([id]) => subjects.includes(id));
      if (present.length === 0) {
        return RTE.fromEither(
          refuse(root, "has no DreamBench subject", "give a folder with dataset/<subject>/00.jpg"),
        );
      }
      return pipe(present, RTE.traverseSeqArray((entry) => loadSubject(folder, entry)));
    }),
  );
}
