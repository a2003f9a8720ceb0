/**
 * A config as text: for the run folder, for comparison, for its short name.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { stringify } from "@std/yaml";
import type { AnyField, Fields, Section } from "./field.ts";
import { snakeCase } from "./naming.ts";

const encodeTree = <C>(schema: Section<C>, config: NoInfer<C>): Readonly<Record<string, unknown>> =>
  schema.codec.encode(config) as Readonly<Record<string, unknown>>;

const indented = (text: string): string => text.replace(/^(?=.)/gm, "  ");

function fieldText(key: string, field: AnyField, value: unknown): string {
  const comment = `# ${field.doc}\n`;
  if (field.fields === null) return `${comment}${stringify({ [key]: value }, { lineWidth: 0 })}`;
  return `${comment}${key}:\n${
    indented(fieldsText(field.fields, value as Readonly<Record<string, unknown>>))
  }`;
}

function fieldsText(fields: Fields, values: Readonly<Record<string, unknown>>): string {
  return Object.entries(fields)
    .map(([name, field]) => fieldText(snakeCase(name), field, values[snakeCase(name)]))
    .join("");
}

/**
 * Writes a config as YAML: every default filled in, snake_case, the field's sentence above each key.
 *
 * @param config A decoded config.
 * @returns Text that `loadConfig` reads back to the same config.
 */
export function stringifyConfig<C>(schema: Section<C>, config: NoInfer<C>): string {
  return `# ${schema.doc}\n${fieldsText(schema.fields, encodeTree(schema, config))}`;
}

const sortKeys = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sortKeys(inner)]));
};

/**
 * Writes a value as JSON with sorted keys and no spaces, so that equal values give equal text.
 *
 * @param value Plain data.
 * @returns The canonical text.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(sortKeys(value));
}

/**
 * Names a config by its content.
 *
 * @param config A decoded config.
 * @returns The first 8 hexadecimal digits of the SHA-256 of its canonical JSON.
 */
export function configHash<C>(schema: Section<C>, config: NoInfer<C>): string {
  return createHash("sha256").update(canonicalJson(encodeTree(schema, config))).digest("hex").slice(0, 8);
}

/** A key whose value differs between two configs. */
export interface ConfigDifference {
  /** `optimizer.learning_rate`. */
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Lists where two trees of plain data differ.
 *
 * @param before One tree.
 * @param parents The path of both, for the result.
 * @returns The differing leaves in the order of their paths; a missing one is `undefined`.
 */
export function diffTrees(
  before: unknown,
  after: unknown,
  parents: readonly string[] = [],
): ConfigDifference[] {
  if (isRecord(before) && isRecord(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return keys.flatMap((key) => diffTrees(before[key], after[key], [...parents, key]));
  }
  const same = canonicalJson([before]) === canonicalJson([after]);
  return same ? [] : [{ path: parents.join("."), before, after }];
}

/**
 * Lists where two configs of one schema differ, for refusing a resume under another config.
 *
 * @param before The config of the checkpoint.
 * @param after The config of now.
 * @returns One entry per differing key, with YAML names.
 */
export function diffConfigs<C>(
  schema: Section<C>,
  before: NoInfer<C>,
  after: NoInfer<C>,
): readonly ConfigDifference[] {
  return diffTrees(encodeTree(schema, before), encodeTree(schema, after));
}
