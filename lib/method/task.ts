/**
 * Sampling: which question the group answers before it draws.
 *
 * @module
 */
import type { Concept, Exchange, Fact } from "../concept/concept.ts";
import type { PipelineError } from "../core/error.ts";
import { choose, fold, type Key, uniforms } from "../core/key.ts";
import type { Checked } from "../core/stage.ts";
import * as E from "fp-ts/lib/Either.js";
import { dealtAnew } from "./dealt_details.ts";
import { listedFacts, longestList } from "./listed_facts.ts";

/** `visual`: a question about a photo (VIA) · `textual`: the fact that a prompt needs (TIA). */
export type Mode = "visual" | "textual";

/** What all trajectories of a group share. */
export interface Task {
  readonly concept: Concept;
  readonly mode: Mode;
  /** The turn before the answer, without roles; the concept is written as its token. */
  readonly question: string;
  /** Path of the photo that is asked about; null = the black picture. */
  readonly image: string | null;
  /** BP or IP: the prompt before reasoning. */
  readonly basePrompt: string;
  /** The same prompt with the needed detail written out, where the data has it. */
  readonly explicitPrompt?: string;
  /** The listed facts, which the answer could be; in `visual` mode the right answer alone. */
  readonly candidates: readonly string[];
  readonly truthIndex: number;
}

/** How tasks are drawn and worded. */
export interface SamplingOptions {
  /** Probability of `visual`. */
  readonly reasoningMix: number;
  /** Turn of text-only reasoning; `{facts}` and `{prompt}` are filled in. */
  readonly textReasoning: string;
  /** BP; `{concept}` is filled in. */
  readonly plainPrompt: string;
  /** Facts that a turn of text-only reasoning lists, as in {@link listedFacts}; all if left out. */
  readonly shownFacts?: number;
  /** Share of the turns about facts whose details are dealt anew, as in {@link dealtAnew}; 0 if left out. */
  readonly dealtShare?: number;
}

interface VisualItem extends Exchange {
  readonly image: string;
}

const visualItems = (concept: Concept): readonly VisualItem[] =>
  concept.photoDialogues.flatMap(({ image, exchanges }) =>
    exchanges.map((exchange) => ({ image, ...exchange }))
  );

/**
 * Words the turn of text-only reasoning.
 *
 * @param template Text with `{facts}` and `{prompt}`.
 * @param prompt The prompt that needs one of them.
 */
export function reasoningQuestion(template: string, facts: readonly string[], prompt: string): string {
  return template.replace("{facts}", () => facts.join(" ")).replace("{prompt}", () => prompt);
}

const askable = (concept: Concept): Concept["facts"] =>
  concept.facts.filter(({ split, reasoningPrompt }) => split === "train" && reasoningPrompt !== undefined);

/** The prompts that need a fact: the same wish in all its wordings. */
const wordings = ({ reasoningPrompt, otherWordings = [] }: Fact): readonly string[] => [
  reasoningPrompt as string,
  ...otherWordings,
];

const factQuestion = (listed: readonly Fact[], prompt: string, template: string): string =>
  reasoningQuestion(template, listed.map(({ text }) => text), prompt);

/**
 * Lists all that a task of a concept can ask, each fact in the longest list that can be drawn.
 *
 * @param options.textReasoning Turn of text-only reasoning.
 * @param options.shownFacts Facts that it lists.
 * @returns The questions about its photos, then those about its facts.
 */
export function possibleQuestions(
  concept: Concept,
  { textReasoning, shownFacts = 0 }: Pick<SamplingOptions, "textReasoning" | "shownFacts">,
): readonly string[] {
  return [
    ...visualItems(concept).map(({ question }) => question),
    ...askable(concept).flatMap((fact) =>
      wordings(fact).map((prompt) =>
        factQuestion(longestList(concept, fact, shownFacts), prompt, textReasoning)
      )
    ),
  ];
}

/**
 * Lists the prompts that a task of a concept can complete.
 *
 * @param options.plainPrompt BP; `{concept}` is filled in.
 * @returns The plain prompt, then those that need a training fact, in all wordings.
 */
export function basePrompts(
  concept: Concept,
  { plainPrompt }: Pick<SamplingOptions, "plainPrompt">,
): readonly string[] {
  return [
    plainPrompt.replaceAll("{concept}", () => concept.token),
    ...askable(concept).flatMap(wordings),
  ];
}

/** VIA: the answer is sampled for a photo and a question about it. Source: UniCTokens-R1, eq 1. */
const visualTask = (key: Key, concept: Concept, options: SamplingOptions): Task => {
  const item = choose(fold(key, "item"), visualItems(concept));
  return {
    concept,
    mode: "visual",
    question: item.question,
    image: item.image,
    basePrompt: options.plainPrompt.replaceAll("{concept}", () => concept.token),
    candidates: [item.answer],
    truthIndex: 0,
  };
};

/** TIA: the answer is the one of all facts that the prompt needs. Source: UniCTokens-R1, eq 2. */
const textualTask = (key: Key, concept: Concept, options: SamplingOptions): Task => {
  const fact = choose(fold(key, "fact"), askable(concept));
  const prompt = choose(fold(key, "wording"), wordings(fact));
  const drawn = listedFacts(concept, fact, { shown: options.shownFacts ?? 0, key: fold(key, "listed") });
  const deals = (uniforms(fold(key, "deals"), 1)[0] as number) < (options.dealtShare ?? 0);
  const listed = deals ? dealtAnew(drawn, fold(key, "dealt")) : drawn;
  const truthIndex = drawn.indexOf(fact);
  const { explicitPrompt } = listed[truthIndex] as Fact;
  return {
    concept,
    mode: "textual",
    question: factQuestion(listed, prompt, options.textReasoning),
    image: null,
    basePrompt: prompt,
    ...(explicitPrompt === undefined ? {} : { explicitPrompt }),
    candidates: listed.map(({ text }) => text),
    truthIndex,
  };
};

/**
 * Draws the task of one update: a mode, then a training dialogue, or a training fact and one of its wordings.
 *
 * Only facts of the training split are asked for; without `shownFacts` test facts stand among the candidates. A concept without photo
 * dialogues is always asked in words, one without askable facts always about photos.
 *
 * @param key The randomness of the update.
 * @param options Mix and wording.
 * @returns The task; Left `InputInvalid` if the concept has neither.
 */
export function sampleTask(key: Key, concept: Concept, options: SamplingOptions): Checked<Task> {
  const canSee = visualItems(concept).length > 0;
  const canReason = askable(concept).length > 0;
  if (!canSee && !canReason) return E.left(nothingToAsk(concept));
  const wantsVisual = (uniforms(fold(key, "mode"), 1)[0] as number) < options.reasoningMix;
  return E.right(
    (wantsVisual && canSee) || !canReason
      ? visualTask(key, concept, options)
      : textualTask(key, concept, options),
  );
}

const nothingToAsk = (concept: Concept): PipelineError => ({
  _tag: "InputInvalid",
  where: `concept ${concept.id}`,
  problem: "has neither dialogues about train photos nor training facts with a reasoning prompt",
  remedy: "add conversations.json, or personalized_driven_generation in t2i_conditions.json",
});
