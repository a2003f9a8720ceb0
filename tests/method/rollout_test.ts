import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { initialDecodeState } from "../../lib/showo/decode_state.ts";
import { fold, keyFromSeed } from "../../lib/core/key.ts";
import { imageLogps, textLogps } from "../../lib/showo/logprobs.ts";
import { complete, makeDecoders, preview, reason, wordPrompt } from "../../lib/method/rollout.ts";
import { disposeState } from "../../lib/method/policy.ts";
import { imageBatches, textBatches } from "../../lib/method/update_batches.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { disposeTree } from "../../lib/tensor/tree.ts";
import { useTestBackend } from "../support/backend.ts";
import { maxDifference } from "../support/fixture.ts";
import {
  askedTask,
  candidateKeys,
  contextOf,
  freshState,
  right,
  runtimeFor,
  smallSettings,
  weightedGroup,
} from "./tiny_run.ts";

await useTestBackend();
const settings = smallSettings();
const runtime = runtimeFor(settings);
const state = freshState(runtime, settings);
const context = contextOf(runtime, settings, state);
const task = askedTask(runtime);
const drawn = (count: number, from = 0) => {
  const keys = candidateKeys(from + count).slice(from);
  const prompted = right(reason(context, task, keys)).map((each) => wordPrompt(context, task, each));
  return right(preview(context, prompted));
};

describe("reason()", () => {
  it("answers with at most so many tokens, the log-prob of each beside it", () => {
    const answers = right(reason(context, task, candidateKeys(4)));
    for (const { sample, text } of answers) {
      assert.ok(sample.ids.length >= 1 && sample.ids.length <= settings.reasoning.maxNewTokens);
      assert.equal(sample.logps.length, sample.ids.length);
      assert.equal(text, runtime.decodeText(sample.ids).trim());
    }
    assert.ok(new Set(answers.map(({ text }) => text)).size > 1);
  });
  it("is skipped on demand: no tokens, the base prompt alone", () => {
    const silent = { ...context, settings: smallSettings({ reasoning: { skip: true } }) };
    const [answer] = right(reason(silent, task, candidateKeys(1)));
    assert.ok(answer !== undefined);
    assert.deepEqual(answer.sample.ids, []);
    assert.equal(wordPrompt(silent, task, answer).compoundPrompt, task.basePrompt);
  });
});

describe("recorded log-probs", () => {
  const group = weightedGroup(context, task);
  it("of answers are those that the objective computes", () => {
    const [make] = textBatches([{ task, weighted: group }], { runtime, settings });
    const batch = (make as NonNullable<typeof make>)();
    const found = tf.tidy(() =>
      textLogps(context.policy, batch.answers, { model: runtime.model }).arraySync()
    );
    (found as number[][]).forEach((row, index) => {
      const { logps } = (group[index] as typeof group[number]).sample;
      assert.ok(maxDifference(row.slice(0, logps.length), [...logps]) < 1e-4);
      assert.ok(row.slice(logps.length).every((value) => value === 0));
    });
    disposeTree(batch);
  });
  it("of image tokens are those that the objective computes, at every step", () => {
    const makes = imageBatches([{ task, weighted: group }], { runtime, settings, key: keyFromSeed(1) });
    assert.equal(makes.length, 1);
    const batch = (makes[0] as NonNullable<typeof makes[0]>)();
    const found = tf.tidy(() =>
      imageLogps(context.policy, batch.steps, { model: runtime.model }).dataSync() as Float32Array
    );
    const recorded = group.flatMap(({ records }) => records.flatMap(({ logps }) => [...logps]));
    assert.equal(recorded.length, 4 * 5 * 16);
    assert.ok(maxDifference(found, recorded) < 1e-4);
    disposeTree(batch);
  });
});

describe("preview() and complete()", () => {
  it("give the codes of an uninterrupted decoding", () => {
    const started = drawn(4);
    const finished = right(complete(context, started));
    const whole = context.decoders.draw(
      context.policy,
      started.map(({ key, imagePromptIds }) => ({
        prompt: imagePromptIds,
        state: initialDecodeState({ key: fold(key, "picture"), numTokens: 16, temperature: 1 }),
      })),
    );
    finished.forEach(({ image, records }, index) => {
      const expected = whole[index] as typeof whole[number];
      assert.equal(records.length, 5);
      assert.deepEqual(
        records.map(({ chosen }) => [...chosen]),
        expected.records.map(({ chosen }) => [...chosen]),
      );
      assert.deepEqual(image, runtime.codec.decode([expected.codes])[0]);
    });
  });
  it("show at the preview step what is known by then", () => {
    for (const { state: paused, records } of drawn(2)) {
      assert.equal(records.length, settings.dsog.previewStep);
      assert.equal(paused.step, settings.dsog.previewStep);
      assert.ok([...paused.codes].includes(-1));
    }
  });
  it("depend on a candidate's key alone, not on those beside it", () => {
    const [many, one] = [drawn(6), drawn(1, 5)];
    assert.equal(one[0]?.text, many[5]?.text);
    assert.deepEqual(one[0]?.preview, many[5]?.preview);
    const finished = right(complete(context, many));
    const alone = right(complete(context, many.slice(5)));
    assert.deepEqual(alone[0]?.image, finished[5]?.image);
    assert.deepEqual(
      alone[0]?.records.map(({ chosen }) => chosen),
      finished[5]?.records.map(({ chosen }) => chosen),
    );
  });
  it("are the same in device batches of any size", () => {
    const codes = (numGenerations: number) => {
      const sized = smallSettings({ rl: { num_generations: numGenerations, microbatch: 1 } });
      const other = { ...context, ...{ settings: sized, decoders: makeDecoders(runtime, sized) } };
      const prompted = right(reason(other, task, candidateKeys(5))).map((each) =>
        wordPrompt(other, task, each)
      );
      return right(complete(other, right(preview(other, prompted)))).map(({ records, text }) => ({
        text,
        chosen: records.map(({ chosen }) => [...chosen]),
      }));
    };
    const four = codes(4);
    for (const size of [2, 5, 9]) assert.deepEqual(codes(size), four, `batches of ${size}`);
  });
  it("leave no tensor behind", () => {
    const before = tf.memory().numTensors;
    right(complete(context, drawn(3)));
    assert.equal(tf.memory().numTensors, before);
  });
});

describe("the end", () => {
  it("frees all that was made", () => {
    disposeState(state);
    runtime.dispose();
    assert.ok(runtime.base.head.weight.isDisposed);
  });
});
