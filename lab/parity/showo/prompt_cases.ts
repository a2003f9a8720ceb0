/**
 * What surrounds the transformer, against its reference: corruption, prompts, schedules. Whole numbers mostly.
 *
 * @module
 */
import { maskImage } from "../../../lib/showo/masking.ts";
import {
  captionText,
  type LabelledSequence,
  lmSequence,
  mmuSequence,
  t2iPrompt,
  t2iSequence,
} from "../../../lib/showo/prompt.ts";
import { annealed, maskedAfter, maskRatio } from "../../../lib/showo/schedule.ts";
import { type Check, compare, compareExactly } from "../check.ts";
import type { CaseOf } from "./showo_case_codecs.ts";
import { bitsOf, type ShowoFixture } from "./showo_fixture.ts";

/** Compares the corruption of training pictures. */
export function maskingChecks({ config, cases, arrays }: ShowoFixture): readonly Check[] {
  const { masking } = cases;
  if (masking === undefined) return [];
  const uniforms = Float32Array.from(arrays.numbers(masking.position_uniforms));
  return masking.image_codes.flatMap((codes, row) => {
    const name = `showo masking row ${row}`;
    const start = row * codes.length;
    const draws = { t: masking.t[row] as number, positions: uniforms.subarray(start, start + codes.length) };
    const masked = maskImage(config.vocabulary, codes, { draws });
    const hidden = masked.imageIds.map((id) => id === config.vocabulary.maskTokenId ? 1 : 0);
    return [
      compare([maskRatio("cosine", draws.t)], [masking.mask_prob[row] as number], {
        name,
        quantity: "mask_prob",
        tolerance: 1e-7,
      }),
      compareExactly([masked.count], [masking.num_masked[row]], { name, quantity: "num_masked" }),
      compareExactly(hidden, bitsOf([masking.mask[row] ?? ""]), { name, quantity: "mask" }),
      compareExactly(masked.imageIds, masking.input_image_ids[row] ?? [], { name, quantity: "input ids" }),
      compareExactly(masked.imageLabels, masking.image_labels[row] ?? [], { name, quantity: "labels" }),
    ];
  });
}

type SequenceCase = CaseOf<"sequences">;

function built({ config }: ShowoFixture, one: SequenceCase, row: number): LabelledSequence {
  const { vocabulary, textBlock } = config;
  const text = one.text_ids[row] ?? [];
  const imageIds = one.image_ids?.[row] ?? [];
  if (one.task === "lm") return lmSequence(vocabulary, text, one.target_len ?? 0);
  if (one.task === "mmu") {
    return mmuSequence(vocabulary, captionText(vocabulary, text, textBlock - 1), imageIds);
  }
  const dropped = (one.dropout_uniforms?.[row] ?? 1) < (one.cond_dropout_prob ?? 0);
  const prompt = t2iPrompt(vocabulary, dropped ? [] : text, textBlock);
  return t2iSequence(vocabulary, { prompt, imageIds, imageLabels: one.image_labels?.[row] ?? imageIds });
}

/** Compares the prompt builder. */
export function sequenceChecks(fixture: ShowoFixture): readonly Check[] {
  return (fixture.cases.sequences ?? []).flatMap((one) => {
    const name = `showo sequence ${one.name}`;
    const found = one.text_ids.map((_, row) => built(fixture, one, row));
    const ids = compareExactly(found.flatMap((each) => each.ids), one.ids.flat(), { name, quantity: "ids" });
    if (one.labels === undefined) return [ids];
    const labels = found.flatMap((each) => each.labels);
    return [ids, compareExactly(labels, one.labels.flat(), { name, quantity: "labels" })];
  });
}

/** Compares re-masking counts and temperatures. */
export function scheduleChecks({ cases }: ShowoFixture): readonly Check[] {
  return (cases.schedules ?? []).flatMap(({ num_tokens: numTokens, steps, t0, ...expected }) => {
    const name = `showo schedule ${numTokens} tokens ${steps} steps T0 ${t0}`;
    const counts: number[] = [];
    const temperatures: number[] = [];
    for (let step = 0; step < steps; step++) {
      const unknown = counts[step - 1] ?? numTokens;
      counts.push(maskedAfter(step, { steps, schedule: "cosine", unknown, numTokens }));
      temperatures.push(annealed(temperatures[step - 1] ?? t0, step, steps));
    }
    const ratios = counts.map((_, step) => maskRatio("cosine", (step + 1) / steps));
    return [
      compare(ratios, expected.mask_ratio_fp32, { name, quantity: "mask ratio", tolerance: 1e-7 }),
      compareExactly(counts, expected.masked_after_step, { name, quantity: "masked after step" }),
      compare(temperatures, expected.temperature_after_step, {
        name,
        quantity: "temperature",
        tolerance: 1e-12 * t0,
      }),
    ];
  });
}
