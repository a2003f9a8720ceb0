/**
 * What an evaluation asks of a model, item by item, with ids that do not change.
 *
 * @module
 */
import type { Concept, EvalItem, Exchange, Fact } from "../concept/concept.ts";
import { recognitionQuestion } from "../concept/dialogue_templates.ts";
import { dreambenchPrompts } from "../concept/dreambench_prompts.ts";
import { denseSegments } from "../metrics/segments.ts";
import {
  ANY_CONCEPT,
  type AskItem,
  type AskTask,
  BENCHMARK_TASKS,
  type DrawItem,
  type DrawTask,
  EVAL_TASKS,
  type EvalTask,
  type Item,
  type ItemOptions,
  numbered,
} from "./item.ts";
import {
  chosenFacts,
  denseReaItems,
  newCombinationsOf,
  ordersOf,
  reaItems,
  reaNewItems,
  reaTrainItems,
  reaWordingItems,
} from "./reasoning_items.ts";

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

/** Draws what a fact says that the prompt leaves out. */
const factDrawings = (
  { drawn, asked }: { readonly drawn: "rea_gen" | "rea_new_gen"; readonly asked: "rea" | "rea_new" },
  facts: readonly Fact[],
  { concept, options }: { readonly concept: Concept; readonly options: ItemOptions },
): readonly DrawItem[] =>
  draw(
    drawn,
    facts.map(({ reasoningPrompt, explicitPrompt }, index) => ({
      prompt: reasoningPrompt as string,
      wanted: explicitPrompt ?? null,
      segments: explicitPrompt === undefined ? [] : cut(explicitPrompt, concept, options),
      upstream: { task: asked, id: numbered(asked, index * ordersOf(options)) },
    })),
  );

const reaGenItems = (concept: Concept, options: ItemOptions): readonly DrawItem[] =>
  factDrawings({ drawn: "rea_gen", asked: "rea" }, chosenFacts(concept, options), { concept, options });

const reaNewGenItems = (concept: Concept, options: ItemOptions): readonly DrawItem[] =>
  factDrawings({ drawn: "rea_new_gen", asked: "rea_new" }, newCombinationsOf(concept), { concept, options });

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
  rea_wording: reaWordingItems,
  rea_new: reaNewItems,
  plain_gen: plainItems,
  pure_gen: pureItems,
  dense_gen: denseItems,
  rea_gen: reaGenItems,
  dense_rea_gen: denseReaGenItems,
  rea_new_gen: reaNewGenItems,
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
    ["rea_new_gen", "rea_new"],
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
