/**
 * Settings described once: a field gives the codec, the default, the comment in the YAML file and the line in `--help`.
 *
 * TypeScript names are camelCase; the YAML keys are derived by `naming.ts` and nowhere else.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import * as t from "io-ts";
import { snakeCase } from "./naming.ts";
import {
  isNonNegative,
  isPositive,
  isUnitInterval,
  type NonNegative,
  type Positive,
  type PositiveInt,
  type UnitInterval,
} from "./numbers.ts";
import { mismatch, sealed, type SealedEntry } from "./sealed.ts";

/** What a path names: something to read, a run (read and added to), or a folder or file to write. */
export type Place = "read" | "run" | "folder" | "file";

/** A setting, or a section of settings, of any type. */
export interface AnyField {
  readonly codec: t.Mixed;
  /** What the value must be, as in "expected …". */
  readonly expects: string;
  /** One sentence for the reader of the file. */
  readonly doc: string;
  /** The value of a missing key; `null` makes the key required. */
  readonly fallback: (() => unknown) | null;
  /** The fields inside, if this is a section. */
  readonly fields: Fields | null;
  /** What it names, if it is a path. */
  readonly place?: Place;
}

/** A setting, or a section of settings, that decodes to an `A`. */
export interface Field<A> extends AnyField {
  readonly codec: t.Type<A, unknown, unknown>;
  readonly fallback: (() => A) | null;
}

/** Named fields. */
export type Fields = Readonly<Record<string, AnyField>>;

/** The TypeScript type that a field or a section decodes to. */
export type FieldValue<F extends AnyField> = t.TypeOf<F["codec"]>;

/** The TypeScript type of a section with these fields. */
export type SectionValue<F extends Fields> = { readonly [K in keyof F]: FieldValue<F[K]> };

/** A section of named fields: also the schema of a whole config file. */
export interface Section<A> extends Field<A> {
  readonly fields: Fields;
}

/** What every field says. */
export interface FieldOptions<A> {
  readonly doc: string;
  readonly default?: A;
}

/** A number without its brand, so that defaults are written plainly; anything else as it is. */
export type Plain<A> = A extends number ? number : A;

/** A field with a range; both ends are allowed values. */
export interface RangeOptions extends FieldOptions<number> {
  readonly min?: number;
  readonly max?: number;
}

const withDefault = <A>(
  codec: t.Type<A, unknown, unknown>,
  { doc, default: given }: { readonly doc: string; readonly default?: unknown },
): Field<A> => {
  if (given === undefined) return { codec, expects: codec.name, doc, fallback: null, fields: null };
  if (codec.is(given)) return { codec, expects: codec.name, doc, fallback: () => given, fields: null };
  throw new RangeError(`default of "${doc}": expected ${codec.name}, got ${JSON.stringify(given)}`);
};

const leaf = <A>(
  expects: string,
  accepts: (value: unknown) => value is A,
  options: { readonly doc: string; readonly default?: unknown },
): Field<A> => {
  const codec = new t.Type<A, unknown, unknown>(
    expects,
    accepts,
    (value, context) => accepts(value) ? t.success(value) : mismatch(expects, value, context),
    (value) => value,
  );
  return withDefault(codec, options);
};

const rangeText = (noun: string, { min, max }: RangeOptions): string => {
  if (min !== undefined && max !== undefined) return `${noun} from ${min} to ${max}`;
  if (min !== undefined) return `${noun} of at least ${min}`;
  return max === undefined ? noun : `${noun} of at most ${max}`;
};

const inRange = (value: unknown, { min, max }: RangeOptions): value is number =>
  typeof value === "number" && Number.isFinite(value) && value >= (min ?? -Infinity) &&
  value <= (max ?? Infinity);

const branded = <A extends number>(
  expects: string,
  accepts: (value: number) => value is A,
): (options: FieldOptions<number>) => Field<A> => {
  const check = (value: unknown): value is A => typeof value === "number" && accepts(value);
  return (options: FieldOptions<number>): Field<A> => leaf<A>(expects, check, options);
};

function integer(options: RangeOptions): Field<number> {
  const accepts = (value: unknown): value is number => inRange(value, options) && Number.isSafeInteger(value);
  const plain = leaf(rangeText("an integer", options), accepts, options);
  const wrongKind = (value: unknown): boolean => !Number.isSafeInteger(value);
  const codec = new t.Type<number, unknown, unknown>(
    plain.expects,
    accepts,
    (value, context) =>
      wrongKind(value) ? mismatch("an integer", value, context) : plain.codec.validate(value, context),
    (value) => value,
  );
  return { ...plain, codec };
}

function list<A>(of: Field<A>, options: FieldOptions<readonly NoInfer<Plain<A>>[]>): Field<readonly A[]> {
  const expects = `a list, each ${of.expects}`;
  const codec = new t.Type<readonly A[], unknown, unknown>(
    expects,
    (value): value is readonly A[] => Array.isArray(value) && value.every(of.codec.is),
    (value, context) => {
      if (!Array.isArray(value)) return mismatch(expects, value, context);
      const decoded = value.map((item, index) =>
        of.codec.validate(item, [...context, { key: String(index), type: of.codec }])
      );
      const errors = decoded.flatMap((outcome) => E.isLeft(outcome) ? outcome.left : []);
      if (errors.length > 0) return t.failures(errors);
      return t.success(decoded.flatMap((outcome) => E.isRight(outcome) ? [outcome.right] : []));
    },
    (value) => value.map(of.codec.encode),
  );
  return withDefault(codec, options);
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function map<A>(
  of: Field<A>,
  options: FieldOptions<Readonly<Record<string, NoInfer<Plain<A>>>>>,
): Field<Readonly<Record<string, A>>> {
  const expects = `names, each with ${of.expects}`;
  const codec = new t.Type<Readonly<Record<string, A>>, unknown, unknown>(
    expects,
    (value): value is Readonly<Record<string, A>> =>
      isRecord(value) && Object.values(value).every(of.codec.is),
    (value, context) => {
      if (!isRecord(value)) return mismatch(expects, value, context);
      const entries = Object.entries(value).map(([key, item]) =>
        [key, of.codec.validate(item, [...context, { key, type: of.codec }])] as const
      );
      const errors = entries.flatMap(([, outcome]) => E.isLeft(outcome) ? outcome.left : []);
      if (errors.length > 0) return t.failures(errors);
      return t.success(
        Object.fromEntries(
          entries.flatMap(([key, outcome]) => E.isRight(outcome) ? [[key, outcome.right]] : []),
        ),
      );
    },
    (value) => Object.fromEntries(Object.entries(value).map(([key, item]) => [key, of.codec.encode(item)])),
  );
  return withDefault(codec, options);
}

function optional<A>(of: Field<A>): Field<A | null> {
  const expects = `${of.expects} or null`;
  const codec = new t.Type<A | null, unknown, unknown>(
    expects,
    (value): value is A | null => value === null || of.codec.is(value),
    (value, context) => value === null ? t.success(null) : of.codec.validate(value, context),
    (value) => value === null ? null : of.codec.encode(value),
  );
  return { codec, expects, doc: of.doc, fallback: of.fallback ?? (() => null), fields: null };
}

const isText = (value: unknown): value is string => typeof value === "string";
const isFlag = (value: unknown): value is boolean => typeof value === "boolean";

/**
 * Lists the maps of a schema with their defaults, so that an override of one name keeps the others.
 *
 * @param parent The path in front.
 * @returns YAML path → default as in YAML.
 */
export function mapDefaults(fields: Fields, parent = ""): ReadonlyMap<string, unknown> {
  return new Map(
    Object.entries(fields).flatMap(([name, inner]): (readonly [string, unknown])[] => {
      const path = `${parent}${snakeCase(name)}`;
      if (inner.fields !== null) return [...mapDefaults(inner.fields, `${path}.`)];
      const value = inner.fallback === null ? undefined : inner.codec.encode(inner.fallback());
      return isRecord(value) ? [[path, value]] : [];
    }),
  );
}

/** The kinds of settings. Each takes its one-sentence `doc`; without a `default` the key is required. */
export interface FieldKinds {
  /** A whole number in a range. */
  readonly int: (options: RangeOptions) => Field<number>;
  /** A finite number in a range. */
  readonly number: (options: RangeOptions) => Field<number>;
  /** A whole number ≥ 1. */
  readonly positiveInt: (options: FieldOptions<number>) => Field<PositiveInt>;
  /** A number > 0. */
  readonly positive: (options: FieldOptions<number>) => Field<Positive>;
  /** A number ≥ 0. */
  readonly nonNegative: (options: FieldOptions<number>) => Field<NonNegative>;
  /** A number in [0, 1]. */
  readonly unitInterval: (options: FieldOptions<number>) => Field<UnitInterval>;
  /** `true` or `false`. */
  readonly bool: (options: FieldOptions<boolean>) => Field<boolean>;
  /** Text. */
  readonly text: (options: FieldOptions<string>) => Field<string>;
  /** The path of a file or folder; a relative one counts from the user's folder or from the YAML file. */
  readonly path: (place: Place, options: FieldOptions<string>) => Field<string>;
  /** One of several words. */
  readonly choice: <const W extends string>(
    words: readonly W[],
    options: { readonly doc: string; readonly default?: NoInfer<W> },
  ) => Field<W>;
  /** A list of one kind of field; the inner `doc` is not shown. */
  readonly list: <A>(
    of: Field<A>,
    options: FieldOptions<readonly NoInfer<Plain<A>>[]>,
  ) => Field<readonly A[]>;
  /** Free names with one kind of field each; the names are kept as they are written. */
  readonly map: <A>(
    of: Field<A>,
    options: FieldOptions<Readonly<Record<string, NoInfer<Plain<A>>>>>,
  ) => Field<Readonly<Record<string, A>>>;
  /** The same field or `null`; `null` is the default unless the field has one. */
  readonly optional: <A>(of: Field<A>) => Field<A | null>;
}

/** Makes settings, one function per kind. */
export const field: FieldKinds = {
  int: integer,
  number: (options) =>
    leaf(rangeText("a number", options), (value): value is number => inRange(value, options), options),
  positiveInt: (options) => integer({ ...options, min: 1 }) as unknown as Field<PositiveInt>,
  positive: branded("a number above 0", isPositive),
  nonNegative: branded("a number of at least 0", isNonNegative),
  unitInterval: branded("a number from 0 to 1", isUnitInterval),
  bool: (options) => leaf("true or false", isFlag, options),
  text: (options) => leaf("text", isText, options),
  path: (place, options) => ({ ...leaf("text", isText, options), place }),
  choice: <const W extends string>(
    words: readonly W[],
    options: { readonly doc: string; readonly default?: NoInfer<W> },
  ): Field<W> =>
    leaf(`one of ${words.join(", ")}`, (value): value is W => words.includes(value as W), options),
  list,
  map,
  optional,
};

/**
 * Groups fields into a section.
 *
 * @param doc One sentence on the section; the comment above its key.
 * @param fields camelCase name → field.
 * @returns The section; its codec refuses unknown keys and fills in defaults.
 *
 * @example
 * ```ts
 * import { field, section } from "./field.ts";
 * import assert from "node:assert/strict";
 * const schema = section("A run.", { groupSize: field.int({ default: 9, min: 1, doc: "Trajectories per group (G)." }) });
 * assert.deepEqual(schema.codec.decode({}), { _tag: "Right", right: { groupSize: 9 } });
 * assert.deepEqual(schema.codec.encode({ groupSize: 4 }), { group_size: 4 });
 * ```
 */
export function section<F extends Fields>(doc: string, fields: F): Section<SectionValue<F>> {
  const entries = new Map(
    Object.entries(fields).map(([name, inner]): [string, SealedEntry] => [
      snakeCase(name),
      {
        name,
        codec: inner.codec,
        fallback: inner.fallback,
        expects: inner.doc,
        isSection: inner.fields !== null,
      },
    ]),
  );
  const codec = sealed<SectionValue<F>>("section", entries);
  const isComplete = Object.values(fields).every((inner) => inner.fallback !== null);
  const defaults = (): SectionValue<F> =>
    Object.fromEntries(
      Object.entries(fields).map(([name, inner]) => [name, inner.fallback?.()]),
    ) as SectionValue<F>;
  return { codec, expects: "a section", doc, fallback: isComplete ? defaults : null, fields };
}
