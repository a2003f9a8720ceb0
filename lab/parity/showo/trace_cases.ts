/**
 * Recorded runs of image generation: replayed from their draws, and step by step through the model.
 *
 * @module
 */
import { chooseCodes } from "../../../lib/showo/decode_image.ts";
import { confidences, remasked } from "../../../lib/showo/decode_state.ts";
import { annealed, maskedAfter } from "../../../lib/showo/schedule.ts";
import { codesOfIds } from "../../../lib/showo/vocabulary.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import { type Check, compare, compareExactly } from "../check.ts";
import { inScope } from "../procedure.ts";
import { imageLogits } from "./generation_cases.ts";
import type { CaseOf } from "./showo_case_codecs.ts";
import { bitsOf, imageSlots, type ShowoFixture } from "./showo_fixture.ts";
import type { ShowoModelFixture } from "./transformer_cases.ts";

type Trace = CaseOf<"traces">;
type TraceStep = Trace["steps_data"][number];

const TOLERANCE = 1e-4;

/** What a replay is compared in, and how far it may be off. */
const QUANTITIES = {
  "state before each step": 0,
  "codes after each step": 0,
  "masked count": 0,
  "masked again": 0,
  temperature: 1e-12,
  confidence: TOLERANCE,
} as const;
type Differences = Readonly<Record<keyof typeof QUANTITIES, number>>;

/** Numbers of one step and one row of an array `[steps, rows, tokens]`. */
const stored = ({ arrays, config }: ShowoFixture, trace: Trace, array: string) => {
  const all = Float32Array.from(arrays.numbers(array));
  const size = config.numVqTokens;
  const batch = trace.initial_ids.length;
  return (step: number, row: number) =>
    all.slice((step * batch + row) * size, (step * batch + row + 1) * size);
};

const unequal = (found: ArrayLike<number>, expected: ArrayLike<number>): number =>
  compareExactly(found, expected, { name: "", quantity: "" }).difference;
const apart = (found: ArrayLike<number>, expected: ArrayLike<number>): number =>
  compare(found, expected, { name: "", quantity: "", tolerance: 0 }).difference;

interface Replayed {
  readonly codes: Int32Array;
  readonly temperature: number;
  readonly differences: readonly Differences[];
}

function replayStep(
  input: { readonly fixture: ShowoFixture; readonly trace: Trace; readonly row: number },
  before: Replayed,
  step: number,
): Replayed {
  const { fixture, trace, row } = input;
  const { vocabulary, numVqTokens: numTokens } = fixture.config;
  const data = trace.steps_data[step] as TraceStep;
  const unknown = Array.from(before.codes, (code) => code < 0);
  const drawn = data.sampled_raw[row] ?? [];
  const chosen = Int32Array.from(before.codes, (code, n) => unknown[n] ? drawn[n] ?? -1 : code);
  const temperature = annealed(before.temperature, step, trace.steps);
  const left = unknown.filter(Boolean).length;
  const count = maskedAfter(step, { steps: trace.steps, schedule: "cosine", unknown: left, numTokens });
  const read = (array: string) => stored(fixture, trace, array)(step, row);
  const logps = read(trace.selected_probs).map(Math.log);
  const inputs = { logps, unknown, noise: read(trace.uniforms), temperature };
  const again = remasked({ ...inputs, count });
  const seen = codesOfIds(vocabulary, data.input_image_ids[row] ?? []);
  const differences: Differences = {
    "state before each step": unequal(before.codes, seen),
    "codes after each step": unequal(chosen, data.codes[row] ?? []),
    "masked count": unequal([count], [data.masked_count[row] ?? -1]),
    "masked again": unequal(again.map(Number), bitsOf([data.remask[row] ?? ""])),
    temperature: Math.abs(temperature - data.temperature),
    confidence: apart(confidences(inputs), read(trace.confidence)),
  };
  const codes = chosen.map((code, n) => again[n] ? -1 : code);
  return { codes, temperature, differences: [...before.differences, differences] };
}

function replay(fixture: ShowoFixture, trace: Trace, row: number): Replayed {
  const codes = codesOfIds(
    fixture.config.vocabulary,
    imageSlots(trace.initial_ids[row] ?? [], fixture.config),
  );
  const start: Replayed = { codes, temperature: trace.t0, differences: [] };
  return trace.steps_data.reduce((state, _, step) => replayStep({ fixture, trace, row }, state, step), start);
}

function returnedChecks(
  name: string,
  { steps, steps_to_return, returned, steps_data }: Trace,
): readonly Check[] {
  if (returned === undefined) return [];
  return [...steps_to_return ?? [], steps - 1].map((step) => {
    const expected = returned[String(step)]?.flat() ?? [];
    const quantity = `codes returned at step ${step}`;
    return compareExactly(steps_data[step]?.codes.flat() ?? [], expected, { name, quantity });
  });
}

/** Replays recorded runs from their draws: states, codes, counts, confidences, what is masked again. */
export function traceChecks(fixture: ShowoFixture): readonly Check[] {
  const { config, cases } = fixture;
  return (cases.traces ?? []).flatMap((trace) => {
    const name = `showo trace ${trace.name}`;
    const replays = trace.initial_ids.map((_, row) => replay(fixture, trace, row));
    const differences = replays.flatMap((one) => one.differences);
    const quantities = Object.keys(QUANTITIES) as (keyof typeof QUANTITIES)[];
    const left = trace.caller_ids_after.map((ids) => codesOfIds(config.vocabulary, imageSlots(ids, config)));
    return [
      ...quantities.map((quantity) => ({
        name,
        quantity,
        difference: Math.max(...differences.map((step) => step[quantity])),
        tolerance: QUANTITIES[quantity],
      })),
      compareExactly(replays.flatMap(({ codes }) => [...codes]), left.flatMap((codes) => [...codes]), {
        name,
        quantity: "state at the end",
      }),
      ...returnedChecks(name, trace),
    ];
  });
}

function traceStep(fixture: ShowoModelFixture, trace: Trace, step: number): readonly Check[] {
  const { config, arrays, policy, model } = fixture;
  const data = trace.steps_data[step] as Trace["steps_data"][number];
  const { guidance: scale, initial_ids: rows } = trace;
  return inScope(() => {
    const codes = data.input_image_ids.map((ids) => [...codesOfIds(config.vocabulary, ids)]);
    const { hidden, found, guidance } = imageLogits(fixture, { rows, codes, guidance: scale });
    const forced = tf.tensor2d(data.codes, undefined, "int32"); // every code counts as known: nothing is drawn
    const { logps } = chooseCodes(policy, {
      hidden,
      codes: forced,
      uniforms: tf.zeros(forced.shape),
      guidance,
    }, model);
    const probabilities = tf.exp(logps).dataSync();
    const unknown = data.input_image_ids.flat().map((id) => id === config.vocabulary.maskTokenId);
    const read = stored(fixture, trace, trace.selected_probs);
    const expected = rows.flatMap((_, row) => [...read(step, row)]);
    const name = `showo trace ${trace.name} step ${step}`;
    const drawn = compare(
      [...probabilities].filter((_, n) => unknown[n]),
      expected.filter((_, n) => unknown[n]),
      { name, quantity: "probabilities of the codes", tolerance: TOLERANCE },
    );
    const at = trace.logits_steps.indexOf(step);
    if (at < 0) return [drawn];
    const numbers = found.dataSync();
    const all = Float32Array.from(arrays.numbers(trace.logits));
    const reference = all.subarray(at * numbers.length, (at + 1) * numbers.length);
    return [compare(numbers, reference, { name, quantity: "logits", tolerance: TOLERANCE }), drawn];
  });
}

/**
 * Compares the model's logits and probabilities at every step of recorded runs.
 *
 * @param fixture The fixture and its transformer.
 */
export function traceStepChecks(fixture: ShowoModelFixture): readonly Check[] {
  return (fixture.cases.traces ?? []).flatMap((trace) =>
    trace.steps_data.flatMap((_, step) => traceStep(fixture, trace, step))
  );
}
