/**
 * JSON files of a dataset, with errors that name the file and the field.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as t from "io-ts";
import { describeValue } from "../config/sealed.ts";
import type { HasFiles } from "../core/capability.ts";
import type { Checked, Stage } from "../core/stage.ts";
import { LFS_POINTER } from "../image/image_header.ts";
import { refuse } from "../core/refuse.ts";

const isTransparent = (type: t.Decoder<unknown, unknown>): boolean =>
  type instanceof t.IntersectionType || type instanceof t.UnionType;

/** The path of a position inside the file, without the members of unions and intersections: `extra_info[2]`. */
function fieldOf(context: t.Context): string {
  const keys = context.slice(1).filter((_, index) => {
    const parent = context[index]?.type;
    return parent === undefined || !isTransparent(parent);
  });
  return keys.reduce((path, { key }) => {
    if (/^\d+$/.test(key)) return `${path}[${key}]`;
    return path === "" ? key : `${path}.${key}`;
  }, "");
}

/** The part of a context down to the first union, where "expected A or B" is said. */
function upToUnion(context: t.Context): t.Context {
  const union = context.findIndex(({ type }) => type instanceof t.UnionType);
  return union === -1 ? context : context.slice(0, union + 1);
}

function explain(error: t.ValidationError): string {
  const context = upToUnion(error.context);
  const last = context[context.length - 1];
  const field = fieldOf(context);
  const found = last?.actual;
  if (found === undefined && field !== "") return `missing field \`${field}\``;
  const prefix = field === "" ? "" : `\`${field}\`: `;
  return `${prefix}expected ${last?.type.name ?? "something else"}, got ${describeValue(found)}`;
}

/**
 * Decodes parsed JSON; unknown keys stay.
 *
 * @param codec What the file must hold.
 * @param where File name for messages.
 * @returns A function from the value to the decoded one; left `InputInvalid` with "missing field `class`" or
 * "`steps`: expected …, got …".
 *
 * @example
 * ```ts
 * import * as t from "io-ts";
 * import { decodeWith } from "./json_file.ts";
 * import { describe } from "../core/error.ts";
 * import assert from "node:assert/strict";
 * const outcome = decodeWith(t.type({ class: t.string }), "info.json")({});
 * assert.match(outcome._tag === "Left" ? describe(outcome.left) : "", /^info.json: missing field `class`; /);
 * ```
 */
export function decodeWith<A>(codec: t.Decoder<unknown, A>, where: string): (value: unknown) => Checked<A> {
  return (value) => {
    const outcome = codec.decode(value);
    if (E.isRight(outcome)) return outcome;
    const problems = [...new Set(outcome.left.map(explain))];
    return refuse(where, problems.slice(0, 3).join("; "), "correct the file");
  };
}

/**
 * Parses the text of a JSON file.
 *
 * @param text The text, with or without byte-order mark.
 * @param where File name for messages.
 * @returns The value; left `InputInvalid` if the file is empty, a Git LFS pointer or no JSON.
 */
export function parseJson(text: string, where: string): Checked<unknown> {
  const body = text.replace(/^\ufeff/, "");
  if (body.trim() === "") return refuse(where, "file is empty", "copy the file again");
  if (body.startsWith(LFS_POINTER)) {
    return refuse(
      where,
      "is a Git LFS pointer, not the file itself",
      "run `git lfs pull` in that repository",
    );
  }
  try {
    return E.right(JSON.parse(body));
  } catch (thrown) {
    return refuse(where, `is no valid JSON (${(thrown as SyntaxError).message})`, "correct the file");
  }
}

/**
 * Reads and parses a JSON file.
 *
 * @returns The value; left `FileMissing` or `InputInvalid`.
 */
export function readJson(path: string): Stage<HasFiles, unknown> {
  return pipe(
    RTE.asks(({ files }: HasFiles) => files),
    RTE.flatMapTaskEither((files) => files.readText(path)),
    RTE.flatMap((text) => RTE.fromEither(parseJson(text, path))),
  );
}

/**
 * Reads a JSON file that may be absent.
 *
 * @returns The value, or undefined if there is no such file.
 */
export function readOptionalJson(path: string): Stage<HasFiles, unknown> {
  return pipe(
    RTE.asks(({ files }: HasFiles) => files),
    RTE.flatMapTaskEither((files) => files.exists(path)),
    RTE.flatMap((exists) => exists ? readJson(path) : RTE.right(undefined)),
  );
}
