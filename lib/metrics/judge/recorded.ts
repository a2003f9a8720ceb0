/**
 * Scores in a file: recorded from another judge, or given by people.
 *
 * One JSON object a line: `{"v":1,"judge":"gpt-4o","kind":"text","rubric":"answer","question":…,"reference":…,"prediction":…,
 * "score":0.5}` or `{"v":1,"judge":…,"kind":"segments","image":"<sha256 of the file>","segments":[…],"scores":[1,null]}`.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as E from "fp-ts/lib/Either.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as t from "io-ts";
import { createHash } from "node:crypto";
import { decodeWith, parseJson } from "../../concept/json_file.ts";
import type { HasFiles } from "../../core/capability.ts";
import type { Checked, Stage } from "../../core/stage.ts";
import type { Judge, JudgedImage, JudgedText } from "./judge.ts";

const score = t.union([t.number, t.null]);
const textCodec = t.type({
  v: t.literal(1),
  judge: t.string,
  kind: t.literal("text"),
  rubric: t.union([t.literal("answer"), t.literal("rewrite")]),
  question: t.string,
  reference: t.string,
  prediction: t.string,
  score,
});
const segmentsCodec = t.type({
  v: t.literal(1),
  judge: t.string,
  kind: t.literal("segments"),
  image: t.string,
  segments: t.array(t.string),
  scores: t.array(score),
});
const recordCodec = t.union([textCodec, segmentsCodec]);

/** One line of the file. */
export type JudgeRecord = t.TypeOf<typeof recordCodec>;

/** A judge made from records. */
export interface RecordedJudge extends Judge<unknown> {
  /** How many cases it knows. */
  readonly records: number;
}

const textKey = ({ question, reference, prediction, rubric = "answer" }: JudgedText): string =>
  JSON.stringify([rubric, question, reference, prediction]);

const imageKey = (image: string, segments: readonly string[]): string => JSON.stringify([image, ...segments]);

const digest = ({ bytes }: JudgedImage): string => createHash("sha256").update(bytes).digest("hex");

const keyOf = (record: JudgeRecord): string =>
  record.kind === "text" ? textKey(record) : imageKey(record.image, record.segments);

/**
 * Makes a judge from records.
 *
 * @param records The lines; of two for the same case the later counts.
 * @returns The judge: `null` for what is not recorded; its id names the recorded judges.
 */
export function judgeFromRecords(records: readonly JudgeRecord[]): RecordedJudge {
  const byKey = new Map(records.map((record) => [keyOf(record), record]));
  const names = [...new Set(records.map((record) => record.judge))];
  return {
    id: `recorded: ${names.join(", ")}`,
    records: byKey.size,
    text: (item) => {
      const found = byKey.get(textKey(item));
      return RTE.right(found?.kind === "text" ? found.score : null);
    },
    segments: (image, segments) => {
      const found = byKey.get(imageKey(digest(image), segments));
      const scores = found?.kind === "segments" && found.scores.length === segments.length
        ? found.scores
        : null;
      return RTE.right(scores ?? segments.map(() => null));
    },
  };
}

const parseLines = (text: string, path: string): Checked<readonly JudgeRecord[]> =>
  pipe(
    text.split("\n").map((line, index) => ({ line, where: `${path}:${index + 1}` })).filter(({ line }) =>
      line.trim() !== ""
    ),
    E.traverseArray(({ line, where }) =>
      pipe(parseJson(line, where), E.flatMap(decodeWith(recordCodec, where)))
    ),
  );

/**
 * Reads a judge from a file.
 *
 * @param path The JSON Lines file.
 * @returns The judge; Left `FileMissing`, or `InputInvalid` with the line that is wrong.
 */
export function readRecordedJudge(path: string): Stage<HasFiles, RecordedJudge> {
  return pipe(
    RTE.asks(({ files }: HasFiles) => files),
    RTE.flatMapTaskEither((files) => files.readText(path)),
    RTE.flatMapEither((text) => parseLines(text, path)),
    RTE.map(judgeFromRecords),
  );
}

/**
 * Writes down what a judge says, so that it can be published, corrected and used again.
 *
 * @param judge The judge to ask.
 * @param path The file to append to.
 * @returns The same judge; every outcome becomes a line, `null` scores included.
 */
export function recording<R>(judge: Judge<R>, path: string): Judge<R & HasFiles> {
  const append = <A>(value: A, record: JudgeRecord): Stage<HasFiles, A> =>
    pipe(
      RTE.asks(({ files }: HasFiles) => files),
      RTE.flatMapTaskEither((files) => files.append(path, JSON.stringify(record) + "\n")),
      RTE.map(() => value),
    );
  const head = { v: 1, judge: judge.id } as const;
  return {
    id: judge.id,
    text: ({ question, reference, prediction, rubric = "answer" }) =>
      pipe(
        judge.text({ question, reference, prediction, rubric }),
        RTE.flatMap((score) =>
          append(score, { ...head, kind: "text", rubric, question, reference, prediction, score })
        ),
      ),
    segments: (image, segments) =>
      pipe(
        judge.segments(image, segments),
        RTE.flatMap((scores) => {
          const [kept, given] = [[...segments], [...scores]];
          return append(scores, {
            ...head,
            kind: "segments",
            image: digest(image),
            segments: kept,
            scores: given,
          });
        }),
      ),
  };
}
