/**
 * Generation against recorded runs: guided logits and text.
 *
 * @module
 */
import { keyFromSeed } from "../../../lib/core/key.ts";
import { mmuPrefixInput, textDecoder } from "../../../lib/showo/decode_text.ts";
import { encodeImagePrompts, guidedLogits, imageHidden, imagePrompts } from "../../../lib/showo/guidance.ts";
import { emptyBuffer, encodePrefix, textStep } from "../../../lib/showo/prefix.ts";
import { keepTop } from "../../../lib/showo/sampling.ts";
import { logits } from "../../../lib/showo/transformer.ts";
import { codesOfIds } from "../../../lib/showo/vocabulary.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import { type Check, compare, compareExactly } from "../check.ts";
import { inScope } from "../procedure.ts";
import type { CaseOf } from "./showo_case_codecs.ts";
import { imageSlots } from "./showo_fixture.ts";
import type { ShowoModelFixture } from "./transformer_cases.ts";

const TOLERANCE = 1e-4;

type Ids = readonly (readonly number[])[];

/**
 * Computes logits of the image codes, as they are drawn from.
 *
 * @param fixture The fixture and its transformer.
 * @param input Prompts (whole sequences do), codes (−1 = unknown), guidance (0 = none).
 * @returns The logits, the hidden states that they come from, and the guidance as a tensor.
 */
export function imageLogits(
  { policy, model, config }: ShowoModelFixture,
  input: { readonly rows: Ids; readonly codes: readonly (readonly number[])[]; readonly guidance: number },
): { readonly hidden: tf.Tensor; readonly found: tf.Tensor; readonly guidance: tf.Scalar | undefined } {
  const guided = input.guidance > 0;
  const prompts = imagePrompts(input.rows.map((ids) => ids.slice(0, config.textBlock)), { guided, model });
  const prefix = encodeImagePrompts(policy, prompts, { guided, model });
  const codes = tf.tensor2d(input.codes as number[][], undefined, "int32");
  const guidance = guided ? tf.scalar(input.guidance) : undefined;
  const hidden = imageHidden(policy, { codes, prefix, guidance }, model);
  const { vocabulary } = config;
  return { hidden, guidance, found: guidedLogits(policy, { hidden, guidance }, { vocabulary }) };
}

/**
 * Compares guided logits and both of their branches.
 *
 * @param fixture The fixture and its transformer.
 */
export function guidanceChecks(fixture: ShowoModelFixture): readonly Check[] {
  const { config, cases, arrays } = fixture;
  return (cases.cfg ?? []).flatMap((one) => {
    const branches = [
      ["combined", one.cond_ids, one.guidance],
      ["cond", one.cond_ids, 0],
      ["uncond", one.uncond_ids, 0],
    ] as const;
    return branches.map(([quantity, rows, guidance]) =>
      inScope(() => {
        const codes = rows.map((ids) => [...codesOfIds(config.vocabulary, imageSlots(ids, config))]);
        const { found } = imageLogits(fixture, { rows, codes, guidance });
        const options = { name: `showo cfg ${one.name} g ${one.guidance}`, quantity, tolerance: TOLERANCE };
        return compare(found.dataSync(), arrays.numbers(one[quantity]), options);
      })
    );
  });
}

type TextCase = CaseOf<"mmu_generate">;

/** Raw logits of each step when the recorded tokens are fed. */
function textLogits({ policy, model, config }: ShowoModelFixture, one: TextCase): readonly number[] {
  const front = one.prompt_ids.slice(0, -1);
  const fed = [one.prompt_ids[one.prompt_ids.length - 1] as number, ...one.generated];
  return inScope(() => {
    const length = front.length;
    const prefix = encodePrefix(
      policy,
      mmuPrefixInput([front], { vocabulary: config.vocabulary, length }),
      model,
    );
    const lengths = tf.tensor1d([length]);
    let buffer = emptyBuffer(1, one.generated.length, model);
    return one.generated.flatMap((_, index) => {
      const ids = tf.tensor1d([fed[index] as number], "int32");
      const step = tf.scalar(index, "int32");
      const next = textStep(policy, { ids, step, lengths, prefix, buffer }, model);
      buffer = next.buffer;
      return [...logits(policy, next.hidden, { columns: "all", model }).dataSync()];
    });
  });
}

function textChecksOf(fixture: ShowoModelFixture, one: TextCase): readonly Check[] {
  const { arrays, policy, model } = fixture;
  const name = `showo mmu_generate ${one.name}`;
  const found = textLogits(fixture, one);
  const probabilities = inScope(() => {
    const steps = one.generated.length;
    const cooled = tf.div(tf.tensor2d([...found], [steps, found.length / steps]), one.temperature);
    return tf.softmax(keepTop(cooled, one.top_k ?? Infinity)).dataSync();
  });
  const shared = { name, tolerance: TOLERANCE };
  const checks = [
    compare(found, arrays.numbers(one.last_logits), { ...shared, quantity: "logits" }),
    compare(probabilities, arrays.numbers(one.probs), { ...shared, quantity: "probabilities" }),
  ];
  if (one.top_k !== 1) return checks;
  const options = {
    maxNewTokens: one.max_new_tokens,
    columns: "all",
    topK: 1,
    stopToken: one.eot_token,
  } as const;
  const [[sample] = []] = textDecoder(model, options)(policy, [{
    prompt: one.prompt_ids,
    keys: [keyFromSeed(1)],
  }]);
  return [...checks, compareExactly(sample?.ids ?? [], one.generated, { name, quantity: "generated" })];
}

/**
 * Compares text generation: logits and probabilities of every step, and the greedy answers.
 *
 * @param fixture The fixture and its transformer.
 */
export function textChecks(fixture: ShowoModelFixture): readonly Check[] {
  return (fixture.cases.mmu_generate ?? []).flatMap((one) => textChecksOf(fixture, one));
}
