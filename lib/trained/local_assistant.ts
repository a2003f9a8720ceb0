/**
 * Our own model as an {@link Assistant}: greedy answers, guided pictures.
 *
 * @module
 */
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as RA from "fp-ts/lib/ReadonlyArray.js";
import type { RgbImage } from "../image/image.ts";
import { fold } from "../core/key.ts";
import { attempt } from "../core/stage.ts";
import { questionText } from "../showo/conversation.ts";
import { imageDecoder } from "../showo/decode_image.ts";
import { initialDecodeState } from "../showo/decode_state.ts";
import { textDecoder } from "../showo/decode_text.ts";
import type { Policy } from "../showo/model.ts";
import { mmuPrompt, t2iPrompt } from "../showo/prompt.ts";
import { imageIdsOf } from "../showo/vocabulary.ts";
import type { Ask, Assistant, Draw } from "./assistant.ts";
import { unreadWords } from "../method/prompt_reader.ts";
import type { Runtime } from "../method/runtime.ts";
import type { TrainingSettings } from "../method/settings.ts";

/** Questions per device call; a smaller batch is filled up. */
const ASK_BATCH = 8;

const filled = <A>(items: readonly A[], size: number): readonly A[] =>
  Array.from({ length: size }, (_, index) => items[index] ?? items[0] as A);

/** What answering and drawing share. */
interface Local {
  readonly runtime: Runtime;
  readonly policy: Policy;
  readonly settings: Pick<TrainingSettings, "reasoning" | "generation" | "rl">;
}

const codesOfImages = (
  { codec, blackCodes }: Runtime,
  images: readonly (RgbImage | null)[],
): readonly Int32Array[] => {
  const codes = [...codec.encode(images.flatMap((image) => image === null ? [] : [image]))];
  return images.map((image) => image === null ? blackCodes : codes.shift() as Int32Array);
};

function answering({ runtime, policy, settings }: Local): (questions: readonly Ask[]) => readonly string[] {
  const { vocabulary } = runtime.config;
  const write = textDecoder(runtime.model, { maxNewTokens: settings.reasoning.maxNewTokens, topK: 1 });
  return (questions) => {
    const codes = codesOfImages(runtime, questions.map(({ image }) => image));
    const requests = questions.map(({ question, key }, index) => ({
      prompt: mmuPrompt(
        vocabulary,
        runtime.encodeText(questionText(question)),
        imageIdsOf(vocabulary, codes[index] as Int32Array),
      ),
      keys: [key],
    }));
    const samples = RA.chunksOf(ASK_BATCH)(requests).flatMap((batch) =>
      write(policy, filled(batch, ASK_BATCH)).slice(0, batch.length)
    );
    return samples.map(([sample]) => runtime.decodeText(sample?.ids ?? []).trim());
  };
}

function drawing({ runtime, policy, settings }: Local): (prompts: readonly Draw[]) => readonly RgbImage[] {
  const { config, codec } = runtime;
  const { timesteps, guidanceScale, maskSchedule, temperature } = settings.generation;
  const draw = imageDecoder(runtime.model, {
    steps: timesteps,
    guidance: guidanceScale,
    schedule: maskSchedule,
    batchSize: settings.rl.numGenerations,
  });
  return (prompts) => {
    const candidates = prompts.map(({ prompt, key }) => ({
      prompt: t2iPrompt(config.vocabulary, runtime.encodeText(prompt), config.textBlock),
      state: initialDecodeState({ key: fold(key, "picture"), numTokens: config.numVqTokens, temperature }),
    }));
    return codec.decode(draw(policy, candidates).map(({ codes }) => codes));
  };
}

/**
 * Makes an assistant of a policy.
 *
 * @param policy The weights; stay the caller's.
 * @param settings Length of answers, decoding of pictures.
 * @returns The assistant; a result depends on its own question or prompt and key alone.
 */
export function localAssistant(
  runtime: Runtime,
  policy: Policy,
  settings: Pick<TrainingSettings, "reasoning" | "generation" | "rl">,
): Assistant {
  const [answerAll, drawAll] = [
    answering({ runtime, policy, settings }),
    drawing({ runtime, policy, settings }),
  ];
  const guarded = <A, B>(
    operation: string,
    items: readonly A[],
    body: (items: readonly A[]) => readonly B[],
  ) =>
    RTE.fromEither(
      attempt(
        (problem) => ({ _tag: "TensorFailure", operation, problem }),
        () => items.length === 0 ? [] : body(items),
      ),
    );
  return {
    answer: (questions) => guarded("answer", questions, answerAll),
    draw: (prompts) => guarded("draw", prompts, drawAll),
    unread: (prompt) => unreadWords(runtime, prompt),
  };
}
