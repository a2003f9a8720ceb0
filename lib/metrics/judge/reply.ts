/**
 * Reading a judge's reply: the JSON in it, checked against what was asked.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as E from "fp-ts/lib/Either.js";
import * as t from "io-ts";
import { jsonInWords, LONGEST_REPLY } from "./json_in_words.ts";
import type { Preference } from "./judge.ts";

/** A value, or why there is none. */
export type Reading<A> = E.Either<string, A>;

const scoreCodec = t.type({ score: t.number });
const segmentsCodec = t.type({ segments: t.array(t.type({ i: t.Int, score: t.number })) });

const readJson = (reply: string): Reading<unknown> => {
  const found = jsonInWords(reply);
  if (found !== null) return E.right(found.value);
  return E.left(reply.length > LONGEST_REPLY ? "is too long to be an answer" : "is no JSON");
};

const decode = <A>(codec: t.Decoder<unknown, A>, expected: string) => (value: unknown): Reading<A> =>
  pipe(codec.decode(value), E.mapLeft(() => `is not of the form ${expected}`));

const clamped = (score: number): Reading<number> =>
  Number.isFinite(score) ? E.right(Math.min(1, Math.max(0, score))) : E.left("has a score that is no number");

/**
 * Reads the reply to a request for one score.
 *
 * @param reply `{"score": 0.5}`, bare, in a code fence, in prose, or behind `<think>…</think>`; or the bare number.
 * @returns The score, clamped to [0, 1]; or what is wrong with the reply.
 *
 * @example
 * ```ts
 * import { parseScore } from "./reply.ts";
 * import * as E from "fp-ts/lib/Either.js";
 * import assert from "node:assert/strict";
 * assert.deepEqual(parseScore('{"score": 0.5}'), E.right(0.5));
 * assert.deepEqual(parseScore("1"), E.right(1));
 * assert.ok(E.isLeft(parseScore("I would say 0.5")));
 * ```
 */
export function parseScore(reply: string): Reading<number> {
  return pipe(
    readJson(reply),
    E.flatMap((value) =>
      typeof value === "number" ? E.right({ score: value }) : decode(scoreCodec, '{"score": s}')(value)
    ),
    E.flatMap(({ score }) => clamped(score)),
  );
}

/**
 * Reads the reply to a request for one score per clause.
 *
 * @param reply `{"segments": [{"i": 0, "score": 1}, …]}`, bare or in words, in any order.
 * @param count How many clauses there are.
 * @returns The scores in the order of the clauses, clamped to [0, 1]; or what is wrong: a missing, repeated or unknown `i` is a
 * failure.
 */
export function parseSegments(reply: string, count: number): Reading<readonly number[]> {
  return pipe(
    readJson(reply),
    E.flatMap(decode(segmentsCodec, '{"segments": [{"i": 0, "score": s}, …]}')),
    E.flatMap(({ segments }) => {
      const byIndex = new Map(segments.map(({ i, score }) => [i as number, score]));
      const complete = segments.length === count &&
        Array.from({ length: count }, (_, i) => i).every((i) => byIndex.has(i));
      if (!complete) return E.left(`does not score each of the ${count} segments once`);
      return E.traverseArray((i: number) => clamped(byIndex.get(i) as number))(
        Array.from({ length: count }, (_, i) => i),
      );
    }),
  );
}

const preferenceCodec = t.type({ better: t.keyof({ A: null, B: null, tie: null }) });

/**
 * Reads the reply to the question which of two answers is better.
 *
 * @param reply `{"better": "A"}`, in a code fence or not.
 * @returns The preference; or what is wrong with the reply.
 */
export function parsePreference(reply: string): Reading<Preference> {
  return pipe(
    readJson(reply),
    E.flatMap(decode(preferenceCodec, '{"better": "A", "B" or "tie"}')),
    E.map(({ better }) => better),
  );
}
