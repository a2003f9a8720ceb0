/**
 * TensorBoard event files, written without TensorFlow: scalars, pictures, text and hyper-parameters.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { join } from "node:path";
import type { HasClock, HasFiles } from "../core/capability.ts";
import type { Stage } from "../core/stage.ts";
import {
  bytesField,
  concatBytes,
  doubleField,
  eventRecord,
  floatField,
  integerField,
  type Message,
} from "./event_codec.ts";

/** One value of a step: a field of TensorBoard's `Summary`. */
export type SummaryValue = Message;

const DT_FLOAT = 1;
const DT_STRING = 7;
const SESSION_START = 1;

const metadata = (plugin: string, content: readonly Message[] = []): Message =>
  bytesField(9, [
    bytesField(1, [bytesField(1, plugin), ...(content.length === 0 ? [] : [bytesField(2, content)])]),
  ]);

/**
 * Makes a scalar value.
 *
 * @param tag Its name; a `/` groups charts.
 * @param value The number, kept to 32 bits.
 */
export function scalarValue(tag: string, value: number): SummaryValue {
  return bytesField(1, [bytesField(1, tag), floatField(2, value)]);
}

/**
 * Makes a picture.
 *
 * @param png The file's bytes.
 */
export function imageValue(tag: string, png: Uint8Array): SummaryValue {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const image = [
    integerField(1, view.getUint32(20)),
    integerField(2, view.getUint32(16)),
    integerField(3, 3),
    bytesField(4, png),
  ];
  return bytesField(1, [bytesField(1, tag), bytesField(4, image)]);
}

/**
 * Makes a text.
 *
 * @param markdown What to show.
 */
export function textValue(tag: string, markdown: string): SummaryValue {
  const shape = bytesField(2, [bytesField(2, [integerField(1, 1)])]);
  const tensor = [integerField(1, DT_STRING), shape, bytesField(8, markdown)];
  return bytesField(1, [bytesField(1, tag), bytesField(8, tensor), metadata("text")]);
}

/** A hyper-parameter as TensorBoard knows it. */
export type HyperParameter = string | number | boolean;

const hyperParameterValue = (value: HyperParameter): Message => {
  if (typeof value === "number") return doubleField(2, value);
  return typeof value === "boolean" ? integerField(4, value ? 1 : 0) : bytesField(3, value);
};

const HYPER_PARAMETER_TYPES = { string: 1, boolean: 2, number: 3 } as const;

const hparamsPart = (tag: string, field: number, content: readonly Message[]): SummaryValue => {
  const nothing = [integerField(1, DT_FLOAT), bytesField(2, [bytesField(2, [integerField(1, 0)])])];
  return bytesField(1, [
    bytesField(1, tag),
    bytesField(8, nothing),
    metadata("hparams", [integerField(1, 0), bytesField(field, content)]),
  ]);
};

/**
 * Makes the values that fill TensorBoard's HPARAMS tab.
 *
 * @param parameters Dotted name → value.
 * @param options.metrics Tags of the scalars by which runs are compared.
 * @param options.started Wall-clock seconds since 1970.
 * @returns Two values for the first event.
 */
export function hparamsValues(
  parameters: Readonly<Record<string, HyperParameter>>,
  options: { readonly metrics: readonly string[]; readonly started: number },
): readonly SummaryValue[] {
  const entries = Object.entries(parameters);
  const infos = entries.map(([name, value]) =>
    bytesField(4, [
      bytesField(1, name),
      integerField(4, HYPER_PARAMETER_TYPES[typeof value as keyof typeof HYPER_PARAMETER_TYPES]),
    ])
  );
  const metrics = options.metrics.map((tag) => bytesField(5, [bytesField(1, [bytesField(2, tag)])]));
  const session = entries.map(([name, value]) =>
    bytesField(1, [bytesField(1, name), bytesField(2, [hyperParameterValue(value)])])
  );
  return [
    hparamsPart("_hparams_/experiment", 2, [...infos, ...metrics]),
    hparamsPart("_hparams_/session_start_info", 3, [...session, doubleField(5, options.started)]),
  ];
}

/**
 * Flattens a config to hyper-parameters.
 *
 * @param tree Plain data with YAML names.
 * @param parent The path in front.
 * @returns Dotted name → value; lists become JSON text, `null` the text `null`.
 */
export function flatParameters(
  tree: Readonly<Record<string, unknown>>,
  parent = "",
): Readonly<Record<string, HyperParameter>> {
  return Object.fromEntries(
    Object.entries(tree).flatMap(([key, value]): (readonly [string, HyperParameter])[] => {
      const path = `${parent}${key}`;
      if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
        return [[path, value]];
      }
      if (typeof value !== "object" || value === null || Array.isArray(value)) {
        return [[path, JSON.stringify(value)]];
      }
      return Object.entries(flatParameters(value as Readonly<Record<string, unknown>>, `${path}.`));
    }),
  );
}

/**
 * Encodes an event with the values of one step, framed as a record.
 *
 * @param seconds Wall-clock seconds since 1970.
 * @param values What the step has to show.
 * @returns The bytes to append to an event file.
 */
export function stepEvent(step: number, seconds: number, values: readonly SummaryValue[]): Uint8Array {
  return eventRecord(concatBytes([doubleField(1, seconds), integerField(2, step), bytesField(5, values)]));
}

/**
 * Encodes the start of an event file.
 *
 * The session's start tells TensorBoard to forget what an earlier file of the run says about `step` and later ones.
 *
 * @param step The first step that will follow.
 * @param seconds Wall-clock seconds since 1970.
 * @returns The first bytes of the file.
 */
export function fileStart(step: number, seconds: number): Uint8Array {
  const version = eventRecord(concatBytes([doubleField(1, seconds), bytesField(3, "brain.Event:2")]));
  const session = [
    doubleField(1, seconds),
    integerField(2, step),
    bytesField(7, [integerField(1, SESSION_START)]),
  ];
  return concatBytes([version, eventRecord(concatBytes(session))]);
}

/** An open event file. */
export interface EventFile {
  readonly path: string;
  /** Appends one step. */
  readonly write: (step: number, values: readonly SummaryValue[]) => Stage<HasFiles & HasClock, void>;
}

const secondsOf = (date: string): number => Date.parse(date) / 1000;

/**
 * Starts an event file in a run folder; a resumed run starts another one beside the first.
 *
 * @param folder The run's folder.
 * @param options.firstStep The first step that will be written.
 * @param options.parameters The config, for the HPARAMS tab.
 * @param options.metrics The scalars by which runs are compared there.
 * @returns A stage with the file.
 */
export function openEventFile(
  folder: string,
  options: {
    readonly firstStep: number;
    readonly parameters?: Readonly<Record<string, unknown>>;
    readonly metrics?: readonly string[];
  },
): Stage<HasFiles & HasClock, EventFile> {
  return ({ files, clock }) => {
    const started = secondsOf(clock.date());
    const path = join(folder, `events.out.tfevents.${Math.floor(started)}.${options.firstStep}`);
    const hparams = options.parameters === undefined
      ? []
      : hparamsValues(flatParameters(options.parameters), { metrics: options.metrics ?? [], started });
    const start = [
      fileStart(options.firstStep, started),
      ...(hparams.length === 0 ? [] : [stepEvent(options.firstStep, started, hparams)]),
    ];
    const file: EventFile = {
      path,
      write: (step, values) => (needs) =>
        needs.files.append(path, stepEvent(step, secondsOf(needs.clock.date()), values)),
    };
    return pipe(files.append(path, concatBytes(start)), TE.map(() => file));
  };
}
