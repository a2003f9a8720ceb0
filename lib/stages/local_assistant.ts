/**
 * Our own model as an {@link Assistant}: greedy answers, guided pictures.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import type { RgbImage } from "../core/image.ts";
import { fold } from "../core/key.ts";
import { attempt, fromChecked } from "../core/stage.ts";
import { questionText } from "../showo/conversation.ts";
import { imageDecoder } from "../showo/decode_image.ts";
import { initialDecodeState } from "../showo/decode_state.ts";
import { textDecoder } from "../showo/decode_text.ts";
import type { Policy } from "../showo/model.ts";
import { mmuPrompt, t2iPrompt } from "../showo/prompt.ts";
import { imageIdsOf } from "../showo/vocabulary.ts";
import type { Ask, Assistant, Draw } from "./assistant.ts";
import type { Runtime } from "./runtime.ts";
import type { TrainingSettings } from "./settings.ts";

/** Questions per device call; a smaller batch is filled up. */
const ASK_BATCH = 8;

const filled = <A>(items: readonly A[], size: number): readonly A[] =>
  Array.from({ length: size }, (_, index) => items[index] ?? items[0] as A);

const chunks = <A>(items: readonly A[], size: number): readonly (readonly A[])[] =>
  Array.from(
    { length: Math.ceil(items.length / size) },
    (_, index) => items.slice(index * size, (index + 1) * size),
  );

/**
 * Makes an assistant of a policy.
 *
 * @param runtime The model.
 * @param policy The weights; stay the caller's.
 * @param settings Length of answers, decoding of pictures.
 * @returns The assistant; a result depends on its own question or prompt and key alone.
 */
export function localAssistant(
  runtime: Runtime,
  policy: Policy,
  settings: Pick<TrainingSettings, "reasoning" | "generation" | "rl">,
): Assistant {
  const { config, codec } = runtime;
  const { vocabulary } = config;
  const write = textDecoder(runtime.model, { maxNewTokens: settings.reasoning.maxNewTokens, topK: 1 });
  const draw = imageDecoder(runtime.model, {
    steps: settings.generation.timesteps,
    guidance: settings.generation.guidanceScale,
    schedule: settings.generation.maskSchedule,
    batchSize: settings.rl.numGenerations,
  });
  const codesOfImages = (images: readonly (RgbImage | null)[]): readonly Int32Array[] => {
    const known = images.flatMap((image) => image === null ? [] : [image]);
    const codes = [...codec.encode(known)];
    return images.map((image) => image === null ? runtime.blackCodes : codes.shift() as Int32Array);
  };
  const answerAll = (questions: readonly Ask[]): readonly string[] => {
    const codes = codesOfImages(questions.map(({ image }) => image));
    const requests = questions.map(({ question, key }, index) => ({
      prompt: mmuPrompt(
        vocabulary,
        runtime.encodeText(questionText(question)),
        imageIdsOf(vocabulary, codes[index] as Int32Array),
      ),
      keys: [key],
    }));
    const samples = chunks(requests, ASK_BATCH).flatMap((batch) =>
      write(policy, filled(batch, ASK_BATCH)).slice(0, batch.length)
    );
    return samples.map(([sample]) => runtime.decodeText(sample?.ids ?? []).trim());
  };
  const drawAll = (prompts: readonly Draw[]): readonly RgbImage[] => {
    const candidates = prompts.map(({ prompt, key }) => ({
      prompt: t2iPrompt(vocabulary, runtime.encodeText(prompt), config.textBlock),
      state: initialDecodeState({
        key: fold(key, "picture"),
        numTokens: config.numVqTokens,
        temperature: settings.generation.temperature,
      }),
    }));
    return codec.decode(draw(policy, candidates).map(({ codes }) => codes));
  };
  const guarded = <A>(operation: string, body: () => A) =>
    fromChecked(attempt((problem) => ({ _tag: "TensorFailure", operation, problem }), body));
  return {
    answer: (questions) =>
      questions.length === 0 ? fromChecked(E.right([])) : guarded("answer", () => answerAll(questions)),
    draw: (prompts) =>
      prompts.length === 0 ? fromChecked(E.right([])) : guarded("draw", () => drawAll(prompts)),
  };
}
