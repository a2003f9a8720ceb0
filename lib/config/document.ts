/**
 * YAML text as plain data that remembers its lines.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { isMap, isScalar, isSeq, LineCounter, parse, type ParsedNode, parseDocument } from "yaml";
import { messageOf, type PipelineError } from "../core/error.ts";
import { attempt, type Checked } from "../core/stage.ts";
import type { ConfigPath } from "./sealed.ts";

/** A YAML file or a set of overrides, read but not yet decoded. */
export interface ConfigSource {
  readonly data: Readonly<Record<string, unknown>>;
  /** Where a value was given: `line 4`, `--set steps=3`, or nothing if it was not. */
  readonly placeOf: (path: ConfigPath) => string | undefined;
}

const invalid = (where: string, problem: string): PipelineError => ({
  _tag: "ConfigInvalid",
  where,
  problems: [problem],
});

/** What comes of a text with YAML's own signs in it. */
const NEEDS_QUOTES: ReadonlySet<string> = new Set(["BLOCK_AS_IMPLICIT_KEY", "BAD_SCALAR_START", "BAD_ALIAS"]);
const QUOTES = "; a text with signs such as : @ * & % needs quotes";

/** Offset in the text of the key at a path, or of the nearest key above it. */
function offsetOf(root: ParsedNode | null, path: ConfigPath): number | undefined {
  let node: unknown = root;
  let offset: number | undefined;
  for (const key of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
      if (pair === undefined) break;
      offset = (pair.key as ParsedNode).range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(key)];
      offset = (node as ParsedNode | undefined)?.range?.[0] ?? offset;
    } else break;
  }
  return offset;
}

/**
 * Parses a YAML file.
 *
 * @param text The content; an empty file is an empty section.
 * @param where The file's name, for messages.
 * @returns The data with its lines, or `ConfigInvalid` for a syntax error, a repeated key or a file that is no section.
 */
export function parseConfigText(text: string, where: string): Checked<ConfigSource> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error !== undefined) {
    const hint = NEEDS_QUOTES.has(error.code) ? QUOTES : "";
    return E.left(invalid(where, `line ${lines.linePos(error.pos[0]).line}: ${messageOf(error)}${hint}`));
  }
  const plain = attempt(
    (problem) => invalid(where, /alias/.test(problem) ? `${problem}${QUOTES}` : problem),
    () => (document.toJS() ?? {}) as unknown,
  );
  if (E.isLeft(plain)) return plain;
  const data = plain.right;
  if (typeof data !== "object" || data === null || Array.isArray(data)) {
    return E.left(invalid(where, "expected keys and values, `seed: 7`; the file holds something else"));
  }
  const placeOf = (path: ConfigPath): string | undefined => {
    const offset = offsetOf(document.contents, path);
    return offset === undefined ? undefined : `line ${lines.linePos(offset).line}`;
  };
  return E.right({ data: data as Readonly<Record<string, unknown>>, placeOf });
}

/**
 * Parses one `a.b=c`.
 *
 * @param text The key's path, `=`, and a YAML value: `dsog.eta=0.9`, `seeds=[1, 2]`, `name=mochi`.
 * @returns Path and value, or `ConfigInvalid`.
 */
export function parseOverride(text: string): Checked<{ readonly path: ConfigPath; readonly value: unknown }> {
  const equals = text.indexOf("=");
  const path = text.slice(0, Math.max(equals, 0)).trim().split(".");
  if (path.some((key) => key === "")) {
    return E.left(invalid(`--set ${text}`, "expected key=value, for example --set learning_rate=1e-5"));
  }
  try {
    return E.right({ path, value: parse(text.slice(equals + 1)) as unknown });
  } catch (thrown) {
    return E.left(invalid(`--set ${text}`, messageOf(thrown)));
  }
}

function withValue(
  data: Readonly<Record<string, unknown>>,
  path: ConfigPath,
  value: unknown,
): Readonly<Record<string, unknown>> {
  const [key, ...rest] = path;
  if (key === undefined) return data;
  if (rest.length === 0) return { ...data, [key]: value };
  const inner = data[key];
  const below = typeof inner === "object" && inner !== null && !Array.isArray(inner) ? inner : {};
  return { ...data, [key]: withValue(below as Readonly<Record<string, unknown>>, rest, value) };
}

const valueAt = (data: unknown, path: ConfigPath): unknown =>
  path.reduce<unknown>(
    (inner, key) =>
      typeof inner === "object" && inner !== null ? (inner as Record<string, unknown>)[key] : undefined,
    data,
  );

/** Fills in the default of a map before one of its names is overridden, so that the others stay. */
function withMapDefault(
  data: Readonly<Record<string, unknown>>,
  path: ConfigPath,
  maps: ReadonlyMap<string, unknown>,
): Readonly<Record<string, unknown>> {
  const around = path.slice(0, -1);
  const value = maps.get(around.join("."));
  return value === undefined || valueAt(data, around) !== undefined ? data : withValue(data, around, value);
}

/**
 * Lays overrides over a source.
 *
 * @param overrides Texts `a.b=c`; later ones win.
 * @param maps Path → default of each map with free names; overriding one name keeps the others.
 * @returns The changed source, or the first override that cannot be read.
 */
export function withOverrides(
  source: ConfigSource,
  overrides: readonly string[],
  maps: ReadonlyMap<string, unknown> = new Map(),
): Checked<ConfigSource> {
  let data = source.data;
  const given = new Map<string, string>();
  for (const text of overrides) {
    const override = parseOverride(text);
    if (E.isLeft(override)) return override;
    const { path, value } = override.right;
    data = withValue(withMapDefault(data, path, maps), path, value);
    given.set(path.join("."), `--set ${text}`);
  }
  const overrideOf = (path: ConfigPath): string | undefined =>
    path.map((_, index) => given.get(path.slice(0, path.length - index).join("."))).find((text) =>
      text !== undefined
    );
  return E.right({ data, placeOf: (path) => overrideOf(path) ?? source.placeOf(path) });
}
