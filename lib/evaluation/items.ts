/**
 * What an evaluation asks of a model, item by item, with ids that do not change.
 *
 * @module
 */
import type { Concept, EvalItem, Exchange, Fact } from "../concept/concept.ts";
import { recognitionQuestion } from "../concept/dialogue_templates.ts";
import { dreambenchPrompts } from "../concept/dreambench_prompts.ts";
import type { TextRubric } from "../metrics/judge/judge.ts";
import { denseSegments, type Splitter } from "../metrics/segments.ts";
import { evaluatedList } from "../method/listed_facts.ts";
import { reasoningQuestion } from "../method/task.ts";

/**
 * Tasks that are answered in words; `choice` and `text_choice` are letter questions with and without a photo, `rea_train` asks for
 * the training facts.
 */
export const ASK_TASKS = [
  "rec",
  "vqa",
  "qa",
  "choice",
  "text_choice",
  "rea",
  "dense_rea",
  "rea_train",
] as const;

/** Tasks that are answered with pictures. */
export const DRAW_TASKS = [
  "plain_gen",
  "pure_gen",
  "dense_gen",
  "rea_gen",
  "dense_rea_gen",
  "face",
] as const;

/** All tasks, in the order in which they run. */
export const EVAL_TASKS = [...ASK_TASKS, ...DRAW_TASKS] as const;

/** The tasks of the benchmark: all but `rea_train`, which is no test. */
export const BENCHMARK_TASKS: readonly (Exclude<typeof EVAL_TASKS[number], "rea_train">)[] = EVAL_TASKS
  .filter((task) => task !== "rea_train");

/** A task of {@link ASK_TASKS}. */
export type AskTask = typeof ASK_TASKS[number];

/** A task of {@link DRAW_TASKS}. */
export type DrawTask = typeof DRAW_TASKS[number];

/** A task of {@link EVAL_TASKS}. */
export type EvalTask = typeof EVAL_TASKS[number];

/** A question. */
export interface AskItem {
  readonly kind: "ask";
  readonly task: AskTask;
  /** `<task>_NNN`, from 0 in file order. */
  readonly id: string;
  /** As it is asked; the concept is written as its token. */
  readonly question: string;
  /** Path of the photo; `null` = a question without a photo. */
  readonly image: string | null;
  /** The right answer; `null` = the data has none, so the item cannot be scored. */
  readonly reference: string | null;
  /** How a judge grades the answer. */
  readonly rubric: TextRubric;
  /** The prompt that needs a fact (`rea`, `dense_rea`); `null` elsewhere. */
  readonly prompt: string | null;
}

/** A prompt to draw. */
export interface DrawItem {
  readonly kind: "draw";
  readonly task: DrawTask;
  /** `prompt_NNN`, from 0 in file order. */
  readonly id: string;
  /** With the concept's token. */
  readonly prompt: string;
  /** What the picture must show, with the token; `null` = the data does not say, so no text is compared. */
  readonly wanted: string | null;
  /** The clauses of `wanted`. */
  readonly segments: readonly string[];
  /** The question whose answer completes the prompt. */
  readonly upstream: { readonly task: "rea" | "dense_rea"; readonly id: string } | null;
}

/** One item. */
export type Item = AskItem | DrawItem;

/** Which items. */
export interface ItemOptions {
  /** Default {@link BENCHMARK_TASKS}. */
  readonly tasks?: readonly EvalTask[];
  /** Facts that the reasoning tasks ask for; default `test`. The others are for diagnosis. */
  readonly facts?: "test" | "train" | "all";
  /** Turn of text-only reasoning with `{facts}` and `{prompt}`. */
  readonly textTemplate?: string;
  /** Facts that this turn lists, the needed one and others of its split; default 0: all, in file order. */
  readonly shownFacts?: number;
  /** Lists in which each fact of `rea` is asked for, where `shownFacts` are listed; default 1. */
  readonly orders?: number;
  /** Plain prompts with `<sks>`; default the 25 of DreamBench. */
  readonly purePrompts?: readonly string[];
  /** Where dense prompts are cut; default `clauses`. */
  readonly splitter?: Splitter;
  /** Photos without the concept, for a recognition test where the data has none; default the unrelated photos. */
  readonly otherImages?: readonly string[];
}

/** Stands for the concept in lists of prompts. */
export const ANY_CONCEPT = "<sks>";

const DEFAULT_TEMPLATE = "{facts} prompt : {prompt}";

const numbered = (prefix: string, index: number): string => `${prefix}_${String(index).padStart(3, "0")}`;

const ask = (
  task: AskTask,
  content: readonly Pick<AskItem, "question" | "image" | "reference">[],
): readonly AskItem[] =>
  content.map((item, index) => ({
    kind: "ask",
    task,
    id: numbered(task, index),
    rubric: "answer",
    prompt: null,
    ...item,
  }));

const ofKind = (concept: Concept, kind: EvalItem["kind"]) =>
  concept.evalItems.filter((item) => item.kind === kind)
    .map(({ question, answer, image }) => ({ question, image, reference: answer }));

/** Questions without a photo point at the black picture, or at none. */
const hasPhoto = ({ blackImage }: Concept, { image }: Pick<EvalItem, "image">): boolean =>
  image !== "" && image !== blackImage;

const recognitionItems = (concept: Concept, options: ItemOptions): readonly AskItem[] => {
  const listed = ofKind(concept, "rec");
  if (listed.length > 0) return ask("rec", listed);
  const question = recognitionQuestion(concept.token);
  const of = (images: readonly string[], reference: string) =>
    images.map((image) => ({ question, image, reference }));
  return ask("rec", [
    ...of(concept.testImages, "Yes."),
    ...of(options.otherImages ?? concept.randomImages, "No."),
  ]);
};

const vqaItems = (concept: Concept): readonly AskItem[] => {
  const listed = ofKind(concept, "vqa");
  const fallback = concept.vqa.flatMap(({ image, exchanges }) =>
    exchanges.map(({ question, answer }) => ({ question, image, reference: answer }))
  );
  return ask("vqa", listed.length > 0 ? listed : fallback);
};

const qaItems = (concept: Concept): readonly AskItem[] => {
  const listed = ofKind(concept, "text_only");
  const wordless = ({ question, answer }: Exchange) => ({ question, image: null, reference: answer });
  return ask(
    "qa",
    listed.length > 0 ? listed.map((item) => ({ ...item, image: null })) : concept.textOnly.map(wordless),
  );
};

const chosenFacts = (concept: Concept, { facts = "test" }: Pick<ItemOptions, "facts">): readonly Fact[] => {
  return concept.facts.filter(({ split, reasoningPrompt }) =>
    reasoningPrompt !== undefined && (facts === "all" || split === facts)
  );
};

/** The turn that asks for a fact; where the data does not say which, all facts are listed. */
const reasoningTurn = (
  concept: Concept,
  options: ItemOptions,
  { fact, prompt, order }: {
    readonly fact: Fact | undefined;
    readonly prompt: string;
    readonly order?: number;
  },
): string => {
  const shown = options.shownFacts ?? 0;
  const listed = fact === undefined
    ? concept.facts
    : evaluatedList(concept, fact, { shown, order: order ?? 0 });
  return reasoningQuestion(options.textTemplate ?? DEFAULT_TEMPLATE, listed.map(({ text }) => text), prompt);
};

/** Lists of each fact; where all facts are listed in the order of the data, there is one. */
const ordersOf = ({ shownFacts = 0, orders = 1 }: ItemOptions): number => shownFacts === 0 ? 1 : orders;

/** Asks for facts, each in several lists; those of one fact stand together. */
const factItems = (
  task: "rea" | "rea_train",
  facts: readonly Fact[],
  { concept, options }: { readonly concept: Concept; readonly options: ItemOptions },
): readonly AskItem[] =>
  facts.flatMap((fact, place) => {
    const prompt = fact.reasoningPrompt as string;
    return Array.from({ length: ordersOf(options) }, (_, order): AskItem => ({
      kind: "ask",
      task,
      id: numbered(task, place * ordersOf(options) + order),
      question: reasoningTurn(concept, options, { fact, prompt, order }),
      image: null,
      reference: fact.text,
      rubric: "answer",
      prompt,
    }));
  });

const reaItems = (concept: Concept, options: ItemOptions): readonly AskItem[] =>
  factItems("rea", chosenFacts(concept, options), { concept, options });

const reaTrainItems = (concept: Concept, options: ItemOptions): readonly AskItem[] =>
  factItems("rea_train", chosenFacts(concept, { facts: "train" }), { concept, options });

const joinedFacts = (concept: Concept, indices: readonly number[]): string | null => {
  const facts = indices.flatMap((index) => concept.facts[index]?.text ?? []);
  return facts.length === 0 ? null : facts.join(" ");
};

/** The fact that is listed among others of its split; several needed facts are listed among all. */
const onlyFact = ({ facts }: Concept, indices: readonly number[]): Fact | undefined =>
  indices.length === 1 ? facts[indices[0] as number] : undefined;

const denseReaItems = (concept: Concept, options: ItemOptions): readonly AskItem[] =>
  concept.denseRea.map(({ text, explicitText, factIndices }, index) => ({
    kind: "ask",
    task: "dense_rea",
    id: numbered("dense_rea", index),
    question: reasoningTurn(concept, options, { fact: onlyFact(concept, factIndices), prompt: text }),
    image: null,
    reference: explicitText ?? joinedFacts(concept, factIndices),
    rubric: explicitText === undefined ? "answer" : "rewrite",
    prompt: text,
  }));

const draw = (
  task: DrawTask,
  content: readonly Pick<DrawItem, "prompt" | "wanted" | "segments" | "upstream">[],
): readonly DrawItem[] =>
  content.map((item, index) => ({ kind: "draw", task, id: numbered("prompt", index), ...item }));

const cut = (text: string, concept: Concept, { splitter = "clauses" }: ItemOptions): readonly string[] =>
  denseSegments(text, concept, splitter);

const plainDrawings = (
  task: DrawTask,
  prompts: readonly string[],
  { concept, options }: { readonly concept: Concept; readonly options: ItemOptions },
): readonly DrawItem[] =>
  draw(
    task,
    prompts.map((prompt) => ({
      prompt,
      wanted: prompt,
      segments: cut(prompt, concept, options),
      upstream: null,
    })),
  );

const pureItems = (concept: Concept, options: ItemOptions): readonly DrawItem[] => {
  const prompts = options.purePrompts ?? dreambenchPrompts(concept.generationType, ANY_CONCEPT);
  const named = prompts.map((prompt) => prompt.replaceAll(ANY_CONCEPT, () => concept.token));
  return plainDrawings("pure_gen", named, { concept, options });
};

/** The clauses that the data gives, unless another way of cutting is asked for. */
const givenOrCut = (
  given: readonly string[],
  text: string,
  { concept, options }: { readonly concept: Concept; readonly options: ItemOptions },
): readonly string[] => (options.splitter ?? "clauses") === "clauses" ? given : cut(text, concept, options);

const denseItems = (concept: Concept, options: ItemOptions): readonly DrawItem[] =>
  draw(
    "dense_gen",
    concept.dense.map(({ text, segments }) => ({
      prompt: text,
      wanted: text,
      segments: givenOrCut(segments, text, { concept, options }),
      upstream: null,
    })),
  );

const reaGenItems = (concept: Concept, options: ItemOptions): readonly DrawItem[] =>
  draw(
    "rea_gen",
    chosenFacts(concept, options).map(({ reasoningPrompt, explicitPrompt }, index) => ({
      prompt: reasoningPrompt as string,
      wanted: explicitPrompt ?? null,
      segments: explicitPrompt === undefined ? [] : cut(explicitPrompt, concept, options),
      upstream: { task: "rea", id: numbered("rea", index * ordersOf(options)) },
    })),
  );

const denseReaGenItems = (concept: Concept, options: ItemOptions): readonly DrawItem[] =>
  draw(
    "dense_rea_gen",
    concept.denseRea.map(({ text, explicitText, segments }, index) => ({
      prompt: text,
      wanted: explicitText ?? null,
      segments: explicitText === undefined ? [] : givenOrCut(segments, explicitText, { concept, options }),
      upstream: { task: "dense_rea", id: numbered("dense_rea", index) },
    })),
  );

const plainItems = (concept: Concept, options: ItemOptions): readonly DrawItem[] =>
  plainDrawings("plain_gen", concept.base.slice(0, 1), { concept, options });

const faceItems = (concept: Concept, options: ItemOptions): readonly DrawItem[] =>
  concept.category === "human" ? plainDrawings("face", concept.base.slice(0, 1), { concept, options }) : [];

const LISTS: Readonly<Record<EvalTask, (concept: Concept, options: ItemOptions) => readonly Item[]>> = {
  rec: recognitionItems,
  vqa: vqaItems,
  qa: qaItems,
  choice: (concept) => ask("choice", ofKind(concept, "choice").filter((item) => hasPhoto(concept, item))),
  text_choice: (concept) =>
    ask(
      "text_choice",
      ofKind(concept, "choice").filter((item) => !hasPhoto(concept, item)).map((item) => ({
        ...item,
        image: null,
      })),
    ),
  rea: reaItems,
  dense_rea: denseReaItems,
  rea_train: reaTrainItems,
  plain_gen: plainItems,
  pure_gen: pureItems,
  dense_gen: denseItems,
  rea_gen: reaGenItems,
  dense_rea_gen: denseReaGenItems,
  face: faceItems,
};

/**
 * Lists the items of a concept.
 *
 * Only test facts are asked for unless `facts` says otherwise; all facts stand among the candidates, or `shownFacts` of them. A fact without an
 * explicit prompt can be drawn, but no text is compared with the picture.
 *
 * @param options Which tasks, and how prompts are worded and cut.
 * @returns Items by task in the order of {@link EVAL_TASKS}; a task that the data has nothing for has none.
 */
export function evalItems(concept: Concept, options: ItemOptions = {}): readonly Item[] {
  const { tasks = BENCHMARK_TASKS } = options;
  return EVAL_TASKS.filter((task) => tasks.includes(task)).flatMap((task) => LISTS[task](concept, options));
}

/**
 * Adds the questions that drawings wait for, so that a single task can be run alone.
 *
 * @param options Which tasks were asked for.
 * @returns The items of those tasks, the questions in front.
 */
export function neededItems(concept: Concept, options: ItemOptions = {}): readonly Item[] {
  const { tasks = BENCHMARK_TASKS } = options;
  const upstream: readonly (readonly [EvalTask, EvalTask])[] = [
    ["rea_gen", "rea"],
    ["dense_rea_gen", "dense_rea"],
  ];
  const added = upstream.flatMap(([drawing, question]) => tasks.includes(drawing) ? [question] : []);
  return evalItems(concept, { ...options, tasks: [...tasks, ...added] });
}

/**
 * Writes an item as a line of `items.jsonl`, so that other programs need not read the data set.
 *
 * @param concept Whose item it is.
 * @returns JSON with a line feed.
 */
export function itemLine(concept: Pick<Concept, "id" | "trainImages">, item: Item): string {
  const { kind: _, ...content } = item;
  const references = item.kind === "draw" ? { references: concept.trainImages } : {};
  return `${JSON.stringify({ v: 1, concept: concept.id, ...content, ...references })}\n`;
}
