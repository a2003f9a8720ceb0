/**
 * Questions and answers about a concept by name, as its folder holds them.
 *
 * @module
 */
import type { Key } from "../core/key.ts";
import type { Fact } from "./facts.ts";
import { conditionPhrase } from "./language.ts";
import { accessoryPhrase, VERBS } from "./lexicon.ts";
import { IDENTITY_TOPICS, isAnswerable, openQuestion, type Question, questionsOf } from "./questions.ts";
import { type Character, DEFAULT_SCENE, type Scene } from "./scene.ts";

/** A question and its answer, as `conversations.json` and `vqa.json` hold them. */
export interface Dialogue {
  readonly query: string;
  readonly answer: string;
}

const dialogue = ({ question, answer }: Question): Dialogue => ({ query: question, answer });

/**
 * Asks about a picture of a concept.
 *
 * @param options The concept's name, and how many questions.
 * @returns Open questions and, as available, yes/no questions; recognition is asked apart.
 */
export function pictureDialogues(
  scene: Scene,
  key: Key,
  options: { readonly subject: string; readonly count: number },
): readonly Dialogue[] {
  return questionsOf(scene, key, { subject: options.subject })
    .filter((question) => question.topic !== "recognition")
    .slice(0, options.count)
    .map(dialogue);
}

/**
 * Asks whether a picture shows the concept, in both wordings.
 *
 * @param subject The concept's name.
 * @param truth Whether it does.
 * @returns Two questions with `yes .` or `no .`.
 */
export function recognitionDialogues(subject: string, truth: boolean): readonly Dialogue[] {
  const answer = truth ? "yes ." : "no .";
  return [
    { query: `is this ${subject} ?`, answer },
    { query: `can you see ${subject} in the photo ?`, answer },
  ];
}

/** What text-only questions are about. */
export interface KnowledgeOptions {
  readonly subject: string;
  /** Facts that may be asked for. */
  readonly facts: readonly Fact[];
  /** Which of two wordings; training and test use different ones. */
  readonly wording: 0 | 1;
}

/**
 * Asks what can be known about a concept without a picture: what it is like, and what it has when.
 *
 * @param character The concept's character.
 * @param options Name, facts, wording.
 * @returns One question an identity attribute and one a fact.
 */
export function knowledgeDialogues(character: Character, options: KnowledgeOptions): readonly Dialogue[] {
  const scene: Scene = { ...DEFAULT_SCENE, character };
  const identity = IDENTITY_TOPICS.filter((topic) => isAnswerable(scene, topic))
    .map((topic) =>
      dialogue(openQuestion(scene, topic, { subject: options.subject, wording: options.wording }))
    );
  return [...identity, ...options.facts.map((fact) => factDialogue(fact, options))];
}

function factDialogue(fact: Fact, options: KnowledgeOptions): Dialogue {
  const { part, value } = fact.condition;
  const condition = conditionPhrase({ ...DEFAULT_SCENE, [part]: value }, part, options.wording);
  const verb = VERBS[fact.accessory.item][0] === "holding" ? "hold" : "wear";
  return {
    query: `what does ${options.subject} ${verb} ${condition} ?`,
    answer: `${accessoryPhrase(fact.accessory)} .`,
  };
}
