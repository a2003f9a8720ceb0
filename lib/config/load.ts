/**
 * From a YAML file and overrides to a checked, frozen config.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import type * as t from "io-ts";
import type { Files, HasFiles } from "../core/capability.ts";
import type { Checked, Stage } from "../core/stage.ts";
import { dirname, join } from "node:path";
import { type ConfigSource, withOverrides } from "./document.ts";
import { type Adjust, readConfigSource } from "./extend.ts";
import { type Fields, mapDefaults, type Section } from "./field.ts";
import { anchorData, anchorOfFile } from "./places.ts";
import { type ConfigPath, describeValue, pathOf } from "./sealed.ts";

/** A value that nobody can change, to its leaves. */
export type Frozen<A> = A extends string | number | boolean | null | undefined ? A
  : { readonly [K in keyof A]: Frozen<A[K]> };

/** A problem that only several keys together show. */
export interface RuleProblem {
  /** The key to change, as in the YAML file: `dsog.preview_step`. */
  readonly path: string;
  readonly value: unknown;
  /** What to do: `must be below generation_timesteps (18)`. */
  readonly remedy: string;
}

/** Checks what no single field can; returns all problems. */
export type CrossRules<C> = (config: C) => readonly RuleProblem[];

/** Where a config comes from. */
export interface LoadOptions<C> {
  /** The YAML file, which may say `extends: other.yaml`; without it the defaults are the base. */
  readonly path?: string;
  /** Texts `a.b=c`, laid over the file. */
  readonly overrides?: readonly string[];
  readonly crossRules?: CrossRules<C>;
}

function freeze<A>(value: A): Frozen<A> {
  if (typeof value === "object" && value !== null) {
    Object.values(value).forEach(freeze);
    Object.freeze(value);
  }
  return value as Frozen<A>;
}

const located = (source: ConfigSource, path: ConfigPath, problem: string): string => {
  const place = source.placeOf(path);
  return place === undefined ? problem : `${place}: ${problem}`;
};

const validationProblem = (source: ConfigSource, error: t.ValidationError): string => {
  const path = pathOf(error.context);
  return located(source, path, error.message ?? `\`${path.join(".")}\`: got ${describeValue(error.value)}`);
};

const ruleProblem = (source: ConfigSource, { path, value, remedy }: RuleProblem): string =>
  located(source, path.split("."), `\`${path}\`: got ${describeValue(value)}, ${remedy}`);

/**
 * Decodes a source: all problems at once, each with its line.
 *
 * @param source What was read.
 * @param options.where Names the source in messages.
 * @param options.crossRules Checked once every field is right.
 * @returns The frozen config with every default filled in, or `ConfigInvalid`.
 */
export function decodeSource<C>(
  schema: Section<C>,
  source: ConfigSource,
  options: { readonly where: string; readonly crossRules?: CrossRules<C> },
): Checked<Frozen<C>> {
  const refuse = (problems: readonly string[]): Checked<Frozen<C>> =>
    E.left({ _tag: "ConfigInvalid", where: options.where, problems });
  const decoded = schema.codec.decode(source.data);
  if (E.isLeft(decoded)) return refuse(decoded.left.map((error) => validationProblem(source, error)));
  const broken = options.crossRules?.(decoded.right) ?? [];
  if (broken.length > 0) return refuse(broken.map((problem) => ruleProblem(source, problem)));
  return E.right(freeze(decoded.right));
}

/**
 * Decodes plain data with YAML keys, as for a test or a notebook.
 *
 * @param data snake_case keys; missing ones take their defaults.
 * @param crossRules Checked once every field is right.
 * @returns The frozen config, or `ConfigInvalid`.
 *
 * @example
 * ```ts
 * import { decodeConfig } from "./load.ts";
 * import { field, section } from "./field.ts";
 * import assert from "node:assert/strict";
 * const schema = section("A run.", { maxSteps: field.int({ default: 100, doc: "Updates." }) });
 * assert.deepEqual(decodeConfig(schema, { max_steps: 3 }), { _tag: "Right", right: { maxSteps: 3 } });
 * ```
 */
export function decodeConfig<C>(
  schema: Section<C>,
  data: Readonly<Record<string, unknown>> = {},
  crossRules: CrossRules<C> = () => [],
): Checked<Frozen<C>> {
  return decodeSource(schema, { data, placeOf: () => undefined }, { where: "config", crossRules });
}

const NOTHING: ConfigSource = { data: {}, placeOf: () => undefined };

/** Paths in a file count from the file: first it is found out which of them lie beside it. */
const countedFromFile = (files: Files, fields: Fields): Adjust => (source, path) => {
  const named: string[] = [];
  anchorData(fields, source.data, (value) => {
    named.push(join(dirname(path), value));
    return value;
  });
  return pipe(
    named,
    TE.traverseSeqArray((each) => pipe(files.exists(each), TE.map((there) => there ? [each] : []))),
    TE.map((found) => {
      const there = new Set(found.flat());
      const anchor = anchorOfFile(path, (each) => there.has(each));
      return { ...source, data: anchorData(fields, source.data, anchor) };
    }),
  );
};

/**
 * Loads a config: file and the files that it extends, overrides, codec, defaults, cross-field rules.
 *
 * @param options Where it comes from and which rules hold between its fields.
 * @returns A stage with the frozen config; `FileMissing` or `ConfigInvalid` (all problems, with file and line).
 */
export function loadConfig<C>(schema: Section<C>, options: LoadOptions<C>): Stage<HasFiles, Frozen<C>> {
  const where = options.path ?? "config";
  const rules = options.crossRules === undefined ? {} : { crossRules: options.crossRules };
  return ({ files }) =>
    pipe(
      options.path === undefined ? TE.right(NOTHING) : readConfigSource(
        options.path,
        countedFromFile(files, schema.fields),
      )({ files }),
      TE.mapLeft((error) =>
        error._tag === "FileMissing"
          ? { ...error, remedy: "name a YAML file such as those in configs/" }
          : error
      ),
      TE.flatMapEither((source) =>
        withOverrides(source, options.overrides ?? [], mapDefaults(schema.fields))
      ),
      TE.flatMapEither((source) => decodeSource(schema, source, { where, ...rules })),
    );
}
