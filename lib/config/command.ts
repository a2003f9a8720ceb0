/**
 * Command lines: parsed and explained from the same fields as config files. Pure; `lib/run/command.ts` runs commands.
 *
 * @module
 */
import { parseArgs } from "node:util";
import * as E from "fp-ts/lib/Either.js";
import { parse } from "@std/yaml";
import { attempt, type Checked } from "../core/stage.ts";
import {
  type AnyField,
  field,
  type Fields,
  type Place,
  type Section,
  section,
  type SectionValue,
} from "./field.ts";
import { decodeSource, type Frozen } from "./load.ts";
import { flagName, nearestName, snakeCase } from "./naming.ts";
import { type Anchor, anchorOverride } from "./places.ts";

/** An argument without a flag, by its place. */
export interface Positional<N extends string = string> {
  readonly name: N;
  readonly doc: string;
  /** Stands in for a missing argument; without it the argument is required. */
  readonly default?: string;
  /** What it names, if it is a path. */
  readonly place?: Place;
  /** Takes all the arguments that are left (joined by spaces); only for the last one. */
  readonly rest?: boolean;
}

/** What a command line may hold. */
export interface CommandLine<O extends Fields, C, N extends string = string> {
  readonly name: string;
  readonly summary: string;
  readonly positionals?: readonly Positional<N>[];
  /** Flags: `numImages` is written `--num-images`; a truth value needs no value, a list's flag may be repeated. */
  readonly options?: O;
  /** The settings that `--set` may change, and that `--help` explains. */
  readonly schema?: Section<C>;
}

/** A parsed command line. */
export interface CommandInput<O extends Fields, N extends string = string> {
  readonly positionals: Readonly<Record<N, string>>;
  readonly options: Frozen<SectionValue<O>>;
  /** The texts after `--set`. */
  readonly overrides: readonly string[];
  readonly common: Frozen<SectionValue<typeof COMMON_OPTIONS>>;
}

/** The flags of every command. */
export const COMMON_OPTIONS = {
  help: field.bool({ default: false, doc: "Print this text." }),
  quiet: field.bool({ default: false, doc: "Print answers, warnings and errors only." }),
  json: field.bool({ default: false, doc: "Print one JSON object per line." }),
};

const isSwitch = (option: AnyField): boolean => option.fallback?.() === false || option.fallback?.() === true;

const isList = (option: AnyField): boolean => option.codec.is([]);

const refuse = (where: string, problem: string): Checked<never> =>
  E.left({ _tag: "InputInvalid", where, problem, remedy: `see ${where} --help` });

const tokensOf = (args: readonly string[], options: Fields) =>
  parseArgs({
    args: [...args],
    strict: false,
    allowPositionals: true,
    allowNegative: true,
    tokens: true,
    options: {
      set: { type: "string", multiple: true },
      ...Object.fromEntries(
        Object.entries(options).map(([name, option]) => [
          flagName(name),
          { type: isSwitch(option) ? "boolean" as const : "string" as const },
        ]),
      ),
    },
  }).tokens;

type Token = NonNullable<ReturnType<typeof tokensOf>>[number];

interface Gathered {
  readonly words: readonly string[];
  readonly overrides: readonly string[];
  readonly flags: Readonly<Record<string, unknown>>;
}

/** The value of a flag; a list grows by one item each time that its flag is given. */
function flagValue(
  option: AnyField,
  token: Token & { readonly kind: "option" },
  before: unknown,
  anchor: Anchor,
): unknown {
  if (isSwitch(option)) return !token.rawName.startsWith("--no-");
  const written = token.value ?? "";
  const text = option.place === undefined ? written : anchor(written, option.place);
  if (!isList(option)) return option.codec.is(text) ? text : parse(text);
  return [...(before as readonly unknown[] | undefined ?? []), option.codec.is([text]) ? text : parse(text)];
}

function gather(
  tokens: readonly Token[],
  options: Fields,
  anchor: Anchor,
): { readonly problem: string } | Gathered {
  const words: string[] = [];
  const overrides: string[] = [];
  const flags: Record<string, unknown> = {};
  const named = new Map(Object.entries(options).map(([name, option]) => [flagName(name), { name, option }]));
  for (const token of tokens) {
    if (token.kind === "positional") words.push(token.value);
    if (token.kind !== "option") continue;
    const known = named.get(token.name) ?? named.get(token.name.replace(/^no-/, ""));
    const needsValue = token.name === "set" || (known !== undefined && !isSwitch(known.option));
    if (needsValue && token.value === undefined) return { problem: `${token.rawName} needs a value` };
    if (token.name === "set") overrides.push(token.value ?? "");
    else if (known !== undefined) {
      const name = snakeCase(known.name);
      flags[name] = flagValue(known.option, token, flags[name], anchor);
    } else {
      const nearest = nearestName(token.name, ["set", ...named.keys()]);
      return {
        problem: `unknown option ${token.rawName}${
          nearest === undefined ? "" : `, did you mean --${nearest}?`
        }`,
      };
    }
  }
  return { words, overrides, flags };
}

function placeWords(
  words: readonly string[],
  positionals: readonly Positional[],
  anchor: Anchor,
): { readonly problem: string } | { readonly placed: Readonly<Record<string, string>> } {
  const last = positionals[positionals.length - 1];
  if (words.length > positionals.length && last?.rest !== true) {
    return { problem: `unexpected argument "${words[positionals.length]}"` };
  }
  const placed: Record<string, string> = {};
  for (const [index, positional] of positionals.entries()) {
    const given = positional.rest === true ? words.slice(index).join(" ") : words[index];
    const anchored = positional.place === undefined || given === undefined
      ? given
      : anchor(given, positional.place);
    const value = anchored === undefined || anchored === "" ? positional.default : anchored;
    if (value === undefined) return { problem: `missing <${positional.name}>: ${positional.doc}` };
    placed[positional.name] = value;
  }
  return { placed };
}

/**
 * Parses the arguments of a command. Asking for help never fails.
 *
 * @param line What the command takes.
 * @param args The arguments, as in `Deno.args`.
 * @param anchor What relative paths count from; default the working folder.
 * @returns The input, or `InputInvalid` / `ConfigInvalid` naming the flag and the nearest one that exists.
 */
export function parseCommand<O extends Fields, C, N extends string>(
  line: CommandLine<O, C, N>,
  args: readonly string[],
  anchor: Anchor = (path) => path,
): Checked<CommandInput<O, N>> {
  const options = { ...COMMON_OPTIONS, ...line.options } as typeof COMMON_OPTIONS & O;
  const tokens = attempt(
    (problem) => ({ _tag: "InputInvalid", where: line.name, problem, remedy: `see ${line.name} --help` }),
    () => gather(tokensOf(args, options) ?? [], options, anchor),
  );
  if (E.isLeft(tokens)) return tokens;
  if ("problem" in tokens.right) return refuse(line.name, tokens.right.problem);
  const { words, overrides, flags } = tokens.right;
  if (overrides.length > 0 && line.schema === undefined) {
    return refuse(line.name, "--set has no meaning here, this command has no settings");
  }
  const wantsHelp = flags["help"] === true;
  const positionals = wantsHelp ? { placed: {} } : placeWords(words, line.positionals ?? [], anchor);
  if ("problem" in positionals) return refuse(line.name, positionals.problem);
  const source = { data: wantsHelp ? { help: true } : flags, placeOf: () => undefined };
  const relaxed = wantsHelp ? section("", COMMON_OPTIONS) : section("", options);
  const decoded = decodeSource(relaxed as Section<SectionValue<typeof options>>, source, {
    where: line.name,
  });
  if (E.isLeft(decoded)) return decoded;
  const values = decoded.right as unknown as Frozen<SectionValue<O>> & CommandInput<O>["common"];
  const placed = positionals.placed as Readonly<Record<N, string>>;
  const { fields } = line.schema ?? { fields: {} };
  const anchored = overrides.map((text) => anchorOverride(fields, text, anchor));
  return E.right({ positionals: placed, options: values, overrides: anchored, common: values });
}

const wrapped = (text: string, indent: number, width = 110): string => {
  const lines: string[] = [];
  let current = "";
  for (const word of text.split(" ")) {
    if (current !== "" && indent + current.length + 1 + word.length > width) {
      lines.push(current);
      current = word;
    } else current = current === "" ? word : `${current} ${word}`;
  }
  return [...lines, current].join(`\n${" ".repeat(indent)}`);
};

const entryText = (left: string, doc: string): string =>
  left.length > 26
    ? `  ${left}\n${" ".repeat(29)}${wrapped(doc, 29)}`
    : `  ${left.padEnd(27)}${wrapped(doc, 29)}`;

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

const defaultText = (option: AnyField): string => {
  if (option.fallback === null) return " (required)";
  const value = option.codec.encode(option.fallback());
  if (value === false || value === null || value === "" || isEmptyList(value)) return "";
  return ` (default ${typeof value === "string" ? value : JSON.stringify(value)})`;
};

/**
 * Lists settings for `--help`.
 *
 * @param parent The path in front of their names.
 * @returns One or two lines per setting: path, what it may be, its sentence, its default.
 */
export function settingsHelp(fields: Fields, parent = ""): readonly string[] {
  return Object.entries(fields).flatMap(([name, inner]) => {
    const path = `${parent}${snakeCase(name)}`;
    if (inner.fields !== null) return ["", `  ${inner.doc}`, ...settingsHelp(inner.fields, `${path}.`)];
    return [
      entryText(
        path,
        `${inner.doc} ${inner.expects[0]?.toUpperCase()}${inner.expects.slice(1)}${defaultText(inner)}.`,
      ),
    ];
  });
}

/**
 * Writes the help text of a command.
 *
 * @param line What the command takes.
 * @returns Usage, arguments, flags and every setting with its default.
 */
export function commandHelp<O extends Fields, C, N extends string>(line: CommandLine<O, C, N>): string {
  const positionals = line.positionals ?? [];
  const usage = positionals.map(({ name, default: value }) =>
    value === undefined ? `<${name}>` : `[${name}]`
  );
  const flags = Object.entries({ ...line.options, ...COMMON_OPTIONS }).map(([name, option]) =>
    entryText(
      `--${flagName(name)}${isSwitch(option) ? "" : " <value>"}`,
      `${option.doc}${defaultText(option)}`,
    )
  );
  const set = line.schema === undefined
    ? []
    : [entryText("--set <key>=<value>", "Change a setting; repeatable.")];
  return [
    `${line.name}: ${line.summary}`,
    "",
    `usage: deno task ${[line.name, ...usage, "[options]"].join(" ")}`,
    ...(positionals.length === 0 ? [] : ["", "arguments:"]),
    ...positionals.map(({ name, doc, default: value }) =>
      entryText(name, `${doc}${value === undefined || value === "" ? "" : ` (default ${value})`}`)
    ),
    "",
    "options:",
    ...flags,
    ...set,
    ...(line.schema === undefined
      ? []
      : ["", "settings (YAML keys, or --set):", ...settingsHelp(line.schema.fields)]),
  ].join("\n");
}
