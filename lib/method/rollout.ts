/**
 * Rollouts: understand, word the prompt, draw up to the preview, finish. Plain data between the steps.
 *
 * @module
 */
import type { Concept } from "../concept/concept.ts";
import type { RgbImage } from "../image/image.ts";
import { fold, type Key } from "../core/key.ts";
import { attempt, type Checked } from "../core/stage.ts";
import { questionText } from "../showo/conversation.ts";
import { type DecodedImage, type DecodeImages, imageDecoder } from "../showo/decode_image.ts";
import { type DecodeRecord, type DecodeState, initialDecodeState } from "../showo/decode_state.ts";
import { textDecoder, type TextSample, type WriteText } from "../showo/decode_text.ts";
import type { Policy } from "../showo/model.ts";
import { fitPrompt, mmuPrompt, t2iPrompt } from "../showo/prompt.ts";
import { imageIdsOf } from "../showo/vocabulary.ts";
import { cleanReasoning, compoundPrompt } from "./compound_prompt.ts";
import type { Runtime } from "./runtime.ts";
import type { TrainingSettings } from "./settings.ts";
import { possibleQuestions, type Task } from "./task.ts";

/** A task with its picture as codes: ready to be asked. */
export interface AskedTask extends Task {
  /** Token ids of the whole prompt, picture included. */
  readonly promptIds: readonly number[];
  /** What every prompt of the run is padded to, so that one compiled function serves all; 0 = its own length. */
  readonly promptLength: number;
}

/** An answer. */
export interface Reasoned {
  /** The candidate's key; all its randomness comes from it. */
  readonly key: Key;
  /** The raw answer. */
  readonly text: string;
  readonly sample: TextSample;
}

/** An answer that has become a prompt. */
export interface Prompted extends Reasoned {
  readonly cleaned: string;
  readonly compoundPrompt: string;
  /** `textBlock` ids. */
  readonly imagePromptIds: readonly number[];
  /** Tokens of the compound prompt that do not fit; 0 if the model reads all of it. */
  readonly unreadTokens: number;
}

/** A candidate that is drawn up to the preview step. */
export interface Previewed extends Prompted {
  readonly preview: RgbImage;
  /** Resume from here. */
  readonly state: DecodeState;
  readonly records: readonly DecodeRecord[];
}

/** A candidate on its way whose preview nobody looks at. */
export type Unseen = Omit<Previewed, "preview">;

/** A finished candidate. */
export interface Trajectory extends Prompted {
  readonly image: RgbImage;
  /** All T decoding steps. */
  readonly records: readonly DecodeRecord[];
}

/** The decoders of a run; compiled once. */
export interface Decoders {
  readonly write: WriteText;
  readonly draw: DecodeImages;
}

/**
 * Makes the decoders of a run.
 *
 * @param settings Sampling of answers, steps and guidance of pictures, group size.
 */
export function makeDecoders(
  runtime: Runtime,
  settings:
    & Pick<TrainingSettings, "reasoning" | "generation" | "rl">
    & Partial<Pick<TrainingSettings, "compat" | "dsog">>,
): Decoders {
  const { reasoning, generation, rl, dsog, compat = "exact" } = settings;
  return {
    write: textDecoder(runtime.model, {
      maxNewTokens: reasoning.maxNewTokens,
      temperature: reasoning.temperature,
      ...(reasoning.topK === 0 ? {} : { topK: reasoning.topK }),
    }),
    draw: imageDecoder(runtime.model, {
      steps: generation.timesteps,
      guidance: generation.guidanceScale,
      schedule: generation.maskSchedule,
      batchSize: rl.numGenerations,
      compat,
      ...(dsog === undefined ? {} : { preview: dsog.preview }),
    }),
  };
}

function promptIdsOf(runtime: Runtime, question: string, codes: Int32Array): readonly number[] {
  const { vocabulary } = runtime.config;
  return mmuPrompt(vocabulary, runtime.encodeText(questionText(question)), imageIdsOf(vocabulary, codes));
}

/**
 * Measures the longest prompt that a task of a concept can become.
 *
 * @param settings Turn of text-only reasoning, and how many facts it lists.
 * @returns Tokens, picture included; 0 if nothing can be asked.
 */
export function longestPrompt(
  runtime: Runtime,
  concept: Concept,
  { reasoning: { textTemplate, shownFacts } }: Pick<TrainingSettings, "reasoning">,
): number {
  const questions = possibleQuestions(concept, { textReasoning: textTemplate, shownFacts });
  return questions.reduce(
    (longest, question) => Math.max(longest, promptIdsOf(runtime, question, runtime.blackCodes).length),
    0,
  );
}

/**
 * Words a task as the model reads it: picture (or the black one), question, roles.
 *
 * @param options.image The picture that is asked about; `null` = black.
 * @param options.promptLength From {@link longestPrompt}; default 0.
 * @returns The task with its token ids.
 */
export function askTask(
  runtime: Runtime,
  task: Task,
  { image, promptLength = 0 }: { readonly image: RgbImage | null; readonly promptLength?: number },
): AskedTask {
  const codes = image === null ? runtime.blackCodes : runtime.codec.encode([image])[0] as Int32Array;
  return { ...task, promptLength, promptIds: promptIdsOf(runtime, task.question, codes) };
}

/** What the steps below need. */
export interface RolloutContext {
  readonly runtime: Runtime;
  readonly decoders: Decoders;
  readonly policy: Policy;
  readonly settings: TrainingSettings;
}

const failed = (operation: string) => (problem: string) =>
  ({ _tag: "TensorFailure", operation, problem }) as const;

/**
 * Samples one answer per candidate.
 *
 * @param task The group's task.
 * @param keys One key per candidate.
 * @returns The answers, in order; empty texts where reasoning is switched off.
 */
export function reason(
  context: RolloutContext,
  task: AskedTask,
  keys: readonly Key[],
): Checked<readonly Reasoned[]> {
  const { runtime, decoders, policy, settings } = context;
  const nothing: TextSample = { ids: [], logps: [], stopped: true };
  return attempt(failed("reasoning"), () => {
    if (settings.reasoning.skip) return keys.map((key) => ({ key, text: "", sample: nothing }));
    const textKeys = keys.map((key) => fold(key, "answer"));
    const [samples = []] = decoders.write(policy, [{
      prompt: task.promptIds,
      keys: textKeys,
      promptLength: task.promptLength,
    }]);
    return samples.map((sample, index) => ({
      key: keys[index] as Key,
      text: runtime.decodeText(sample.ids).trim(),
      sample,
    }));
  });
}

/**
 * Makes the prompt that is drawn: cleaning rules, base prompt + answer, token ids.
 *
 * @param task The group's task.
 * @returns The answer with its prompt.
 */
export function wordPrompt(
  context: Pick<RolloutContext, "runtime" | "settings">,
  task: Task,
  reasoned: Reasoned,
): Prompted {
  const { runtime, settings } = context;
  const cleaned = cleanReasoning(reasoned.text, task.concept, { maxWords: settings.reasoning.maxWords });
  const prompt = compoundPrompt(task, cleaned);
  const { vocabulary, textBlock } = runtime.config;
  const textIds = runtime.encodeText(prompt);
  return {
    ...{ ...reasoned, cleaned, compoundPrompt: prompt },
    imagePromptIds: t2iPrompt(vocabulary, textIds, textBlock),
    unreadTokens: fitPrompt(vocabulary, textIds, textBlock).cut.length,
  };
}

const pictured = <A extends { readonly codes: Int32Array }>(
  { runtime }: RolloutContext,
  drawn: readonly A[],
): readonly (A & { readonly image: RgbImage })[] => {
  const images = runtime.codec.decode(drawn.map(({ codes }) => codes));
  return drawn.map((each, index) => ({ ...each, image: images[index] as RgbImage }));
};

/**
 * Starts the pictures of candidates: nothing is drawn, and nobody looks at a preview.
 *
 * @param context Sizes and temperature.
 * @returns The candidates with the state before step 0, for {@link complete}.
 */
export function unscreened(
  { runtime, settings }: Pick<RolloutContext, "runtime" | "settings">,
  prompted: readonly Prompted[],
): readonly Unseen[] {
  return prompted.map((each) => ({
    ...each,
    state: initialDecodeState({
      key: fold(each.key, "picture"),
      numTokens: runtime.config.numVqTokens,
      temperature: settings.generation.temperature,
    }),
    records: [],
  }));
}

const drawUntil = (
  { decoders, policy }: RolloutContext,
  started: readonly Unseen[],
  until: number,
): readonly DecodedImage[] =>
  decoders.draw(policy, started.map(({ imagePromptIds: prompt, state }) => ({ prompt, state })), until);

/**
 * Draws candidates up to the preview step and decodes what they show so far.
 *
 * @returns The candidates with preview and resumable state.
 */
export function preview(
  context: RolloutContext,
  prompted: readonly Prompted[],
): Checked<readonly Previewed[]> {
  return attempt(failed("preview"), () => {
    const drawn = drawUntil(context, unscreened(context, prompted), context.settings.dsog.previewStep);
    return pictured(context, drawn).map(({ image, state, records }, index) => ({
      ...prompted[index] as Prompted,
      preview: image,
      state,
      records,
    }));
  });
}

/**
 * Finishes candidates from where they stand: the same tokens as without the pause.
 *
 * @param kept The candidates that go on.
 * @returns Finished trajectories, in order.
 */
export function complete(
  context: RolloutContext,
  kept: readonly (Previewed | Unseen)[],
): Checked<readonly Trajectory[]> {
  return attempt(failed("completion"), () => {
    const drawn = drawUntil(context, kept, context.settings.generation.timesteps);
    return pictured(context, drawn).map(({ image, records }, index) => {
      const { preview: _preview, state: _state, ...prompted } = kept[index] as Partial<Previewed> & Unseen;
      return { ...prompted, image, records: [...prompted.records, ...records] };
    });
  });
}
