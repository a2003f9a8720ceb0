/**
 * Records that refuse unknown keys.
 *
 * io-ts's own `exact` and `strict` drop unknown keys in silence, so that a misspelt key in a YAML file would be ignored
 * and the default used. `sealed` reports it, with the name that was most likely meant.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import * as t from "io-ts";
import { nearestName } from "./naming.ts";

/** One entry of a sealed record. */
export interface SealedEntry {
  /** The name in TypeScript. */
  readonly name: string;
  readonly codec: t.Mixed;
  /** Gives the value of a missing key; `null` makes the key required. */
  readonly fallback: (() => unknown) | null;
  /** What the key expects, for the message of a missing key. */
  readonly expects: string;
  /** Sections are entered even if missing, so that the missing keys inside are named. */
  readonly isSection?: boolean;
}

/** Keys of a record, nested records in between: `["optimizer", "learning_rate"]`. */
export type ConfigPath = readonly string[];

/**
 * Reads the path of a codec's position.
 *
 * @param context What io-ts passes to `validate`.
 * @returns The keys from the root.
 */
export function pathOf(context: t.Context): ConfigPath {
  return context.map((entry) => entry.key).filter((key) => key !== "");
}

/**
 * Describes a value in the words of an error message.
 *
 * @param value Anything that YAML can hold.
 * @returns `the string "twenty"`, `the number 3`, `a list`, `nothing` …
 */
export function describeValue(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a section with keys of its own";
  if (typeof value === "string") return `the string ${JSON.stringify(value)}`;
  return typeof value === "boolean" ? `the truth value ${value}` : `the number ${value}`;
}

/** What YAML made of a value that a person meant otherwise. */
function yamlHint(expects: string, value: unknown, path: string): string {
  if (expects === "text" && path !== "") {
    const key = path.slice(path.lastIndexOf(".") + 1);
    if (value === null) return `; quotes make a text of it: ${key}: "null", and ${key}: "" is an empty text`;
    if (typeof value === "object") return "; a text that begins with [ or { needs quotes";
    return `; quotes make a text of it: ${key}: "${value}", or --set '${path}="${value}"'`;
  }
  if (typeof value !== "string") return "";
  const flag = /^(?:(yes|on|y)|no|off|n|true|false)$/i.exec(value);
  if (expects === "true or false" && flag !== null) {
    return `; write ${flag[1] !== undefined || /true/i.test(value)} without quotes`;
  }
  const isNumber = /^an? (number|integer)/.test(expects) && value.trim() !== "" &&
    Number.isFinite(Number(value));
  return isNumber ? "; write it without quotes" : "";
}

/**
 * Fails with "`path`: expected …, got …".
 *
 * @param expects What would be right: `an integer`.
 * @param value What was found.
 * @param context Where.
 * @returns The failure of one codec.
 */
export function mismatch(expects: string, value: unknown, context: t.Context): t.Validation<never> {
  const path = pathOf(context).join(".");
  const prefix = path === "" ? "" : `\`${path}\`: `;
  const hint = yamlHint(expects, value, path);
  return t.failure(value, context, `${prefix}expected ${expects}, got ${describeValue(value)}${hint}`);
}

function unknownKey(key: string, known: readonly string[], value: unknown, context: t.Context): t.Errors {
  const parents = pathOf(context);
  const nearest = nearestName(key, known);
  const full = (last: string): string => `\`${[...parents, last].join(".")}\``;
  const remedy = nearest === undefined ? `known keys: ${known.join(", ")}` : `did you mean ${full(nearest)}?`;
  const message = `unknown key ${full(key)}, ${remedy}`;
  return [{ value, context: [...context, { key, type: t.unknown }], message }];
}

function decodeEntry(
  key: string,
  entry: SealedEntry,
  found: Readonly<Record<string, unknown>>,
  context: t.Context,
): t.Validation<unknown> {
  const place = [...context, { key, type: entry.codec }];
  if (Object.hasOwn(found, key)) return entry.codec.validate(found[key], place);
  if (entry.fallback !== null) return t.success(entry.fallback());
  if (entry.isSection === true) return entry.codec.validate({}, place);
  return t.failure(undefined, place, `missing key \`${pathOf(place).join(".")}\`: ${entry.expects}`);
}

/**
 * Makes a codec of a record with exactly these keys; all problems are reported at once.
 *
 * @param name What io-ts calls the codec.
 * @param entries YAML key → entry.
 * @returns A codec from unknown data with YAML keys to a record with TypeScript names.
 *
 * @example A misspelt key is an error, not a default
 * ```ts
 * import * as t from "io-ts";
 * import { sealed } from "./sealed.ts";
 * import assert from "node:assert/strict";
 * const codec = sealed("run", new Map([["steps", { name: "steps", codec: t.Int, fallback: null, expects: "an integer" }]]));
 * assert.equal(codec.decode({ steps: 3 })._tag, "Right");
 * assert.equal(codec.decode({ steps: 3, stepz: 4 })._tag, "Left");
 * ```
 */
export function sealed<A>(
  name: string,
  entries: ReadonlyMap<string, SealedEntry>,
): t.Type<A, Record<string, unknown>, unknown> {
  const known = [...entries.keys()];
  const validate = (input: unknown, context: t.Context): t.Validation<A> => {
    const value = input ?? {};
    if (typeof value !== "object" || Array.isArray(value)) return mismatch("a section", input, context);
    const found = value as Readonly<Record<string, unknown>>;
    const errors: t.ValidationError[] = Object.keys(found)
      .filter((key) => !entries.has(key))
      .flatMap((key) => unknownKey(key, known, found[key], context));
    const misspelt = errors.length > 0;
    const decoded: Record<string, unknown> = {};
    for (const [key, entry] of entries) {
      const outcome = decodeEntry(key, entry, found, context);
      if (E.isRight(outcome)) decoded[entry.name] = outcome.right;
      else if (!misspelt || Object.hasOwn(found, key)) errors.push(...outcome.left);
    }
    return errors.length > 0 ? t.failures(errors) : t.success(decoded as A);
  };
  const encode = (value: A): Record<string, unknown> =>
    Object.fromEntries(
      [...entries].map(([key, entry]) => [
        key,
        entry.codec.encode((value as Readonly<Record<string, unknown>>)[entry.name]),
      ]),
    );
  return new t.Type<A, Record<string, unknown>, unknown>(
    name,
    (value): value is A => typeof value === "object" && value !== null,
    validate,
    encode,
  );
}
