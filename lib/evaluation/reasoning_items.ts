/**
 * Questions whose answer is a fact: the tasks of text-only reasoning.
 *
 * @module
 */
import type { Concept, Fact } from "../concept/concept.ts";
import { evaluatedList } from "../method/listed_facts.ts";
import { reasoningQuestion } from "../method/task.ts";
import { type AskItem, type ItemOptions, numbered } from "./item.ts";

const DEFAULT_TEMPLATE = "{facts} prompt : {prompt}";

/** The facts that are asked for and have a prompt that needs them. */
export function chosenFacts(
  { facts: all }: Pick<Concept, "facts">,
  { facts = "test" }: Pick<ItemOptions, "facts">,
): readonly Fact[] {
  return all.filter(({ split, reasoningPrompt }) =>
    reasoningPrompt !== undefined && (facts === "all" || split === facts)
  );
}

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
export function ordersOf({ shownFacts = 0, orders = 1 }: ItemOptions): number {
  return shownFacts === 0 ? 1 : orders;
}

/** A prompt that needs a fact. */
interface Wish {
  readonly fact: Fact;
  readonly prompt: string;
}

const firstWording = (facts: readonly Fact[]): readonly Wish[] =>
  facts.flatMap((fact) => fact.reasoningPrompt === undefined ? [] : [{ fact, prompt: fact.reasoningPrompt }]);

/** Asks for facts, each in several lists; those of one prompt stand together. */
const factItems = (
  task: "rea" | "rea_train" | "rea_wording" | "rea_new",
  wishes: readonly Wish[],
  { concept, options }: { readonly concept: Concept; readonly options: ItemOptions },
): readonly AskItem[] =>
  wishes.flatMap(({ fact, prompt }, place) =>
    Array.from({ length: ordersOf(options) }, (_, order): AskItem => ({
      kind: "ask",
      task,
      id: numbered(task, place * ordersOf(options) + order),
      question: reasoningTurn(concept, options, { fact, prompt, order }),
      image: null,
      reference: fact.text,
      rubric: "answer",
      prompt,
    }))
  );

/** Which fact does a prompt need? */
export function reaItems(concept: Concept, options: ItemOptions): readonly AskItem[] {
  return factItems("rea", firstWording(chosenFacts(concept, options)), { concept, options });
}

/** The same for the facts of training. */
export function reaTrainItems(concept: Concept, options: ItemOptions): readonly AskItem[] {
  const facts = chosenFacts(concept, { facts: "train" });
  return factItems("rea_train", firstWording(facts), { concept, options });
}

/** The same for the test facts in the wordings that are kept for the test: all but the first of each. */
export function reaWordingItems(concept: Concept, options: ItemOptions): readonly AskItem[] {
  const wishes = chosenFacts(concept, { facts: "test" }).flatMap((fact) =>
    (fact.otherWordings ?? []).map((prompt): Wish => ({ fact, prompt }))
  );
  return factItems("rea_wording", wishes, { concept, options });
}

/** The new combinations that are asked for: they contradict the test facts, so they are listed among themselves. */
export function newCombinationsOf(
  { newCombinations = [] }: Pick<Concept, "newCombinations">,
): readonly Fact[] {
  return newCombinations.filter(({ reasoningPrompt }) => reasoningPrompt !== undefined);
}

/** The same for new combinations. */
export function reaNewItems(concept: Concept, options: ItemOptions): readonly AskItem[] {
  const facts = newCombinationsOf(concept);
  return factItems("rea_new", firstWording(facts), { concept: { ...concept, facts }, options });
}

const joinedFacts = (concept: Concept, indices: readonly number[]): string | null => {
  const facts = indices.flatMap((index) => concept.facts[index]?.text ?? []);
  return facts.length === 0 ? null : facts.join(" ");
};

/** The fact that is listed among others of its split; several needed facts are listed among all. */
const onlyFact = ({ facts }: Concept, indices: readonly number[]): Fact | undefined =>
  indices.length === 1 ? facts[indices[0] as number] : undefined;

/** The same for a dense prompt, whose answer completes it. */
export function denseReaItems(concept: Concept, options: ItemOptions): readonly AskItem[] {
  return concept.denseRea.map(({ text, explicitText, factIndices }, index) => ({
    kind: "ask",
    task: "dense_rea",
    id: numbered("dense_rea", index),
    question: reasoningTurn(concept, options, { fact: onlyFact(concept, factIndices), prompt: text }),
    image: null,
    reference: explicitText ?? joinedFacts(concept, factIndices),
    rubric: explicitText === undefined ? "answer" : "rewrite",
    prompt: text,
  }));
}
