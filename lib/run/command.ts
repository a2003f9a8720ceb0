/**
 * The frame of every command: arguments, help, config, capabilities, exit code.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { commandHelp, type CommandInput, type CommandLine, parseCommand } from "../config/command.ts";
import type { Fields, Section } from "../config/field.ts";
import { type CrossRules, type Frozen, loadConfig } from "../config/load.ts";
import { writtenPlace, writtenPlaces } from "../config/places.ts";
import { describe, EXIT_CODES, type PipelineError } from "../core/error.ts";
import type { HasFiles } from "../core/capability.ts";
import { refuse } from "../core/refuse.ts";
import type { Checked, Stage } from "../core/stage.ts";
import { reachOnly, userAnchor, writeOnly } from "./user_place.ts";
import { listenForInterrupt, type Live, liveCapabilities, liveLog } from "./live.ts";

/** The settings of a command. */
export interface CommandConfig<C, N extends string = string> {
  readonly schema: Section<C>;
  readonly crossRules?: CrossRules<C>;
  /** The positional argument that names the YAML file, if a file is loaded; or how to find the file. */
  readonly from?: NoInfer<N> | SettingsFile<N>;
  /** The servers that a config names, with ports: the command may reach no others. Absent: its task's permissions hold. */
  readonly hosts?: (config: Frozen<C>) => readonly string[];
}

/** Finds the YAML file of a command from its arguments. */
export type SettingsFile<N extends string> = (
  input: Pick<CommandInput<Fields, N>, "positionals" | "overrides"> & {
    readonly options: Readonly<Record<string, unknown>>;
  },
) => Stage<HasFiles, string>;

/** A command. */
export interface CommandSpec<O extends Fields, C, N extends string = string>
  extends Omit<CommandLine<O, C, N>, "schema"> {
  readonly config?: CommandConfig<C, N>;
  /** Whether the body looks at Ctrl-C and ends in good order; otherwise the first press ends the process. */
  readonly finishes?: boolean;
}

/** What the body of a command gets. */
export interface CommandCall<O extends Fields, C, N extends string = string> extends CommandInput<O, N> {
  /** The loaded config; of a command without `config.from`, the config of `--set` over the defaults. */
  readonly config: Frozen<C>;
}

/** The body: may be asynchronous only to import heavy modules, so that `--help` stays fast. A number is the exit code. */
export type CommandBody<O extends Fields, C, N extends string = string> = (
  call: CommandCall<O, C, N>,
) => Stage<Live, number | void> | Promise<Stage<Live, number | void>>;

const lineOf = <O extends Fields, C, N extends string>(
  { config, finishes: _, ...line }: CommandSpec<O, C, N>,
): CommandLine<O, C, N> => config === undefined ? line : { ...line, schema: config.schema };

function configStage<O extends Fields, C, N extends string>(
  spec: CommandSpec<O, C, N>,
  input: CommandInput<O, N>,
): Stage<Live, Frozen<C>> {
  if (spec.config === undefined) return RTE.fromEither(E.right({} as Frozen<C>));
  const { schema, crossRules, from } = spec.config;
  const file: Stage<HasFiles, string | undefined> = typeof from === "function"
    ? from(input)
    : RTE.right(from === undefined ? undefined : input.positionals[from]);
  return pipe(
    file,
    RTE.flatMap((path) =>
      loadConfig(schema, {
        overrides: input.overrides,
        ...(path === undefined ? {} : { path }),
        ...(crossRules === undefined ? {} : { crossRules }),
      })
    ),
  );
}

/** Every place that arguments and settings name for writing. */
const namedForWriting = <O extends Fields, C, N extends string>(
  spec: CommandSpec<O, C, N>,
  { positionals, options }: CommandInput<O, N>,
  config: Frozen<C>,
): readonly string[] => [
  ...(spec.positionals ?? []).flatMap(({ name, place }) => writtenPlace(positionals[name], place)),
  ...writtenPlaces(spec.options ?? {}, options),
  ...writtenPlaces(spec.config?.schema.fields ?? {}, config as Readonly<Record<string, unknown>>),
];

/** Closes the network but for what the config names. */
async function narrowNetwork(hosts: readonly string[] | undefined): Promise<Checked<void>> {
  const [closed] = hosts === undefined ? [] : await reachOnly(hosts);
  return closed === undefined ? E.right(undefined) : refuse(
    closed,
    "the command may not reach this server",
    "answer the question at a terminal with y, or write the server's IP address into the settings",
  );
}

async function runBody<O extends Fields, C, N extends string>(
  spec: CommandSpec<O, C, N>,
  body: CommandBody<O, C, N>,
  input: CommandInput<O, N>,
): Promise<E.Either<PipelineError, number | void>> {
  const { quiet, json } = input.common;
  const plain = liveCapabilities({ quiet, json });
  const config = await configStage(spec, input)(plain)();
  if (E.isLeft(config)) return config;
  await writeOnly(namedForWriting(spec, input, config.right));
  const reached = await narrowNetwork(spec.config?.hosts?.(config.right));
  if (E.isLeft(reached)) return reached;
  const listener = listenForInterrupt(plain.log, { finishes: spec.finishes ?? false });
  try {
    const stage = await body({ ...input, config: config.right });
    return await stage({ ...plain, interrupt: listener.interrupt })();
  } finally {
    listener.stop();
  }
}

/**
 * Runs a command to its exit code, without leaving the process.
 *
 * @param body What it does.
 * @returns 0, the code of the error's tag (the error is one line on stderr), or the number that the body returned.
 */
export async function commandExitCode<O extends Fields, C = Record<never, never>, N extends string = string>(
  spec: CommandSpec<O, C, N>,
  body: CommandBody<O, C, N>,
  args: readonly string[],
): Promise<number> {
  const line = lineOf(spec);
  const input = parseCommand(line, args, userAnchor());
  if (E.isLeft(input)) return fail(input.left);
  if (input.right.common.help) {
    liveLog().output(commandHelp(line));
    return 0;
  }
  const outcome = await runBody(spec, body, input.right);
  return E.isLeft(outcome) ? fail(outcome.left) : outcome.right ?? 0;
}

function fail(error: PipelineError): number {
  console.error(`error: ${describe(error)}`);
  return EXIT_CODES[error._tag];
}

/**
 * Runs a command and leaves the process with its exit code; call it under `if (import.meta.main)`.
 *
 * A programmer's error that escapes every stage is printed with its stack, code 70.
 *
 * @param body What it does.
 * @returns Never: the process ends.
 */
export async function runCommand<O extends Fields, C = Record<never, never>, N extends string = string>(
  spec: CommandSpec<O, C, N>,
  body: CommandBody<O, C, N>,
): Promise<never> {
  try {
    Deno.exit(await commandExitCode(spec, body, Deno.args));
  } catch (thrown) {
    console.error("internal error, please report it:", thrown);
    Deno.exit(70);
  }
}
