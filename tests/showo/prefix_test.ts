import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { maskTensor, mmuVisibility, t2iVisibility } from "../../lib/showo/mask.ts";
import { mmuPrefixInput } from "../../lib/showo/decode_text.ts";
import { encodeImagePrompts, imageHidden, imagePrompts } from "../../lib/showo/guidance.ts";
import { showoModel } from "../../lib/showo/model.ts";
import { emptyBuffer, encodePrefix, textStep } from "../../lib/showo/prefix.ts";
import { forward } from "../../lib/showo/transformer.ts";
import { codesOfIds } from "../../lib/showo/vocabulary.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { useTestBackend } from "../support/backend.ts";
import { assertClose } from "../support/fixture.ts";
import { cases, config, vocabulary } from "./fixture_model.ts";
import { leaked, loadPolicy, numbers } from "./fixture_weights.ts";

await useTestBackend();
const model = showoModel(config, { compile: "none" });
const policy = loadPolicy();
const int = (rows: readonly (readonly number[])[]) =>
  tf.tensor2d(rows.map((row) => [...row]), undefined, "int32");

const plainT2i = (ids: readonly (readonly number[])[]): tf.Tensor =>
  forward(
    policy,
    { ids: int(ids), mask: maskTensor(ids.map((row) => t2iVisibility(vocabulary, row))) },
    model,
  );

describe("prompts as a prefix", () => {
  const [, partly] = cases.cfg;
  const conditional = partly?.cond_ids as number[][];
  const prompts = conditional.map((ids) => ids.slice(0, 11));
  const pictures = conditional.map((ids) => codesOfIds(vocabulary, ids.slice(12, 28)));
  const codes = () => tf.tensor2d(pictures.map((row) => [...row]), undefined, "int32");

  it("give the hidden states of the whole sequences, both branches at once", () => {
    const [found, expected] = tf.tidy(() => {
      const prefix = encodeImagePrompts(policy, imagePrompts(prompts, { guided: true, model }), {
        guided: true,
        model,
      });
      const hidden = imageHidden(policy, { codes: codes(), prefix, guidance: tf.scalar(5) }, model);
      const whole = plainT2i([...conditional, ...partly?.uncond_ids ?? []]);
      return [numbers(hidden), numbers(tf.slice(whole, [0, 12, 0], [-1, 16, -1]))];
    });
    assertClose(found as number[], expected as number[], 2e-5);
  });

  it("serve several pictures each", () => {
    const [found, expected] = tf.tidy(() => {
      const prefix = encodeImagePrompts(policy, imagePrompts(prompts, { guided: false, model }), {
        guided: false,
        model,
      });
      const each = tf.concat([0, 1, 0, 1].map((row) => tf.slice(codes(), [row, 0], [1, 16])));
      const order = [[0, 0], [0, 1], [1, 0], [1, 1]] as const;
      const ids = order.map(([prompt, picture]) => [
        ...prompts[prompt] as number[],
        ...(conditional[picture] as number[]).slice(11),
      ]);
      const whole = tf.slice(plainT2i(ids), [0, 12, 0], [-1, 16, -1]);
      return [numbers(imageHidden(policy, { codes: each, prefix }, model)), numbers(whole)];
    });
    assertClose(found as number[], expected as number[], 2e-5);
  });

  it("leak nothing", () => {
    assert.equal(
      leaked(() =>
        tf.tidy(() => {
          encodeImagePrompts(policy, imagePrompts(prompts, { guided: true, model }), { guided: true, model });
        })
      ),
      0,
    );
  });
});

describe("textStep()", () => {
  const [one, two] = [cases.mmu_generate[0]?.prompt_ids as number[], [66, 61, 70, 71, 72, 62, 55, 7]];
  const tokens = [[5, 9, 63], [8, 4, 2]];

  it("gives the hidden states of the whole sequences, for prompts of different lengths", () => {
    tf.tidy(() => {
      const input = mmuPrefixInput([one, two], { vocabulary, length: 32 });
      const prefix = encodePrefix(policy, input, model);
      let buffer = emptyBuffer(2, 4, model);
      const lengths = tf.tensor1d([one.length, two.length]);
      tokens[0]?.forEach((_, step) => {
        const ids = tf.tensor1d(tokens.map((row) => row[step] as number), "int32");
        const next = textStep(
          policy,
          { ids, step: tf.scalar(step, "int32"), lengths, prefix, buffer },
          model,
        );
        buffer = next.buffer;
        const found = numbers(next.hidden);
        [one, two].forEach((prompt, row) => {
          const whole = [...prompt, ...(tokens[row] as number[]).slice(0, step + 1)];
          const mask = maskTensor([mmuVisibility(vocabulary, whole)]);
          const expected = numbers(forward(policy, { ids: int([whole]), mask }, model)).slice(-64);
          assertClose(found.slice(row * 64, row * 64 + 64), expected, 2e-5);
        });
      });
    });
  });

  it("shares one prompt among rows", () => {
    tf.tidy(() => {
      const step = (rows: number, prompts: number[][]) => {
        const prefix = encodePrefix(policy, mmuPrefixInput(prompts, { vocabulary, length: 32 }), model);
        const ids = tf.tensor1d([5, 9, 63].slice(0, rows), "int32");
        const lengths = tf.fill([rows], one.length);
        const buffer = emptyBuffer(rows, 2, model);
        return numbers(
          textStep(policy, { ids, step: tf.scalar(0, "int32"), lengths, prefix, buffer }, model).hidden,
        );
      };
      assertClose(step(3, [one]), step(3, [one, one, one]), 2e-5);
    });
  });
});
