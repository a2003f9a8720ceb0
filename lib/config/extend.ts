/**
 * Config files that change a few keys of another: `extends: ../nano.yaml`.
 *
 * @module
 */
import { dirname, join, normalize } from "node:path";
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import type { Files, HasFiles } from "../core/capability.ts";
import type { PipelineError } from "../core/error.ts";
import type { Checked, Stage } from "../core/stage.ts";
import { type ConfigSource, parseConfigText } from "./document.ts";
import { type ConfigPath, describeValue } from "./sealed.ts";

/** Changes what a file says before it is laid over another, such as paths that count from the file. */
export type Adjust = (source: ConfigSource, path: string) => TE.TaskEither<PipelineError, ConfigSource>;

/** The key that names the file to start from. */
export const EXTENDS = "extends";

type Data = ConfigSource["data"];

const isSection = (value: unknown): value is Data =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Lays one tree of settings over another: sections are merged, everything else (lists too) is replaced.
 *
 * @param base What holds unless changed.
 * @param changes What differs.
 * @returns A new tree.
 *
 * @example
 * ```ts
 * import { mergeData } from "./extend.ts";
 * import assert from "node:assert/strict";
 * const base = { seed: 1, rl: { beta: 0.01, tasks: ["a", "b"] } };
 * assert.deepEqual(mergeData(base, { rl: { tasks: ["c"] } }), { seed: 1, rl: { beta: 0.01, tasks: ["c"] } });
 * ```
 */
export function mergeData(base: Data, changes: Data): Data {
  const merged = Object.entries(changes).map(([key, value]) => {
    const below = Object.hasOwn(base, key) ? base[key] : undefined;
    return [key, isSection(below) && isSection(value) ? mergeData(below, value) : value];
  });
  return { ...base, ...Object.fromEntries(merged) };
}

const holds = (data: unknown, [key, ...rest]: ConfigPath): boolean =>
  key === undefined ||
  (typeof data === "object" && data !== null && Object.hasOwn(data, key) &&
    holds((data as Data)[key], rest));

const overlay = (base: ConfigSource, changes: ConfigSource, baseName: string): ConfigSource => ({
  data: mergeData(base.data, changes.data),
  placeOf: (path) => {
    if (holds(changes.data, path) || !holds(base.data, path)) return changes.placeOf(path);
    const place = base.placeOf(path);
    return place === undefined || place.startsWith("in ") ? place : `in ${baseName}, ${place}`;
  },
});

const withoutExtends = ({ data, placeOf }: ConfigSource): ConfigSource => {
  const { [EXTENDS]: _, ...rest } = data;
  return { data: rest, placeOf };
};

/** The file that a source starts from; `null` = none. */
function parentOf(source: ConfigSource, path: string): Checked<string | null> {
  const value = source.data[EXTENDS];
  if (value === undefined) return E.right(null);
  if (typeof value === "string" && value !== "") return E.right(normalize(join(dirname(path), value)));
  const problem = `\`${EXTENDS}\`: expected the path of a YAML file, got ${describeValue(value)}`;
  return E.left({ _tag: "ConfigInvalid", where: path, problems: [located(source, problem)] });
}

const located = (source: ConfigSource, problem: string): string => {
  const place = source.placeOf([EXTENDS]);
  return place === undefined ? problem : `${place}: ${problem}`;
};

const refuse = (source: ConfigSource, path: string, problem: string): TE.TaskEither<PipelineError, never> =>
  TE.left({ _tag: "ConfigInvalid", where: path, problems: [located(source, problem)] });

/** Lays a source over the file that it extends, and that one over its own. */
const resolve = (
  files: Files,
  source: ConfigSource,
  chain: readonly string[],
  adjust: Adjust,
): TE.TaskEither<PipelineError, ConfigSource> => {
  const path = chain.at(-1) ?? "";
  return pipe(
    TE.fromEither(parentOf(source, path)),
    TE.flatMap((parent) => {
      if (parent === null) return TE.right(source);
      if (chain.includes(parent)) {
        const circle = [...chain.slice(chain.indexOf(parent)), parent].join(" → ");
        return refuse(
          source,
          path,
          `\`${EXTENDS}\`: ${circle} is a circle; one of them must not extend another`,
        );
      }
      return pipe(
        files.readText(parent),
        TE.orElse((error) =>
          error._tag === "FileMissing"
            ? refuse(
              source,
              path,
              `\`${EXTENDS}\`: there is no ${parent}; the path is read from this file's folder`,
            )
            : TE.left(error)
        ),
        TE.flatMapEither((text) => parseConfigText(text, parent)),
        TE.flatMap((base) => adjust(base, parent)),
        TE.flatMap((base) => resolve(files, base, [...chain, parent], adjust)),
        TE.map((base) => withoutExtends(overlay(base, source, parent))),
      );
    }),
  );
};

/**
 * Reads a config file and the files that it extends.
 *
 * `extends: ../nano.yaml` names another file, relative to the folder of the one that says so; that file may extend a third.
 *
 * @param path The YAML file.
 * @param adjust Is given each file before it is laid over the one that it extends.
 * @returns A stage with all settings in one tree; places name the file where it is another one. `FileMissing` if `path` does
 * not exist; `ConfigInvalid` for bad YAML, for a parent that does not exist, and for files that extend one another in a circle.
 */
export function readConfigSource(path: string, adjust: Adjust = TE.right): Stage<HasFiles, ConfigSource> {
  return ({ files }) =>
    pipe(
      files.readText(path),
      TE.flatMapEither((text) => parseConfigText(text, path)),
      TE.flatMap((source) => adjust(source, path)),
      TE.flatMap((source) => resolve(files, source, [normalize(path)], adjust)),
    );
}
