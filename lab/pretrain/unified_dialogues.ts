/**
 * What the unified model says in pretraining: answers about pictures, recognition, facts that fit a prompt.
 *
 * All questions about one picture, or about one list of facts, share a sequence. They don't see each other, so each is
 * exactly the exercise that the model later meets alone, and one forward pass teaches many.
 *
 * @module
 */
import { choose, fold, integer, type Key, shuffle } from "../../lib/core/key.ts";
import { conversationText, conversationTokens } from "../../lib/showo/conversation.ts";
import { IGNORE, type LabelledSequence, mmuPrompt, mmuSequence, padRight } from "../../lib/showo/prompt.ts";
import { imageIdsOf } from "../../lib/showo/vocabulary.ts";
import { type Fact, factSentence, reasoningPrompt, sampleFacts } from "../../lib/world/facts.ts";
import {
  characterDistance,
  IDENTITY_TOPICS,
  isAnswerable,
  openQuestion,
  questionsOf,
  recognitionQuestion,
  yesNoQuestion,
} from "../../lib/world/questions.ts";
import { type Character, characterId, DEFAULT_SCENE, type Scene } from "../../lib/world/scene.ts";
import {
  type CodedScene,
  coin,
  CONCEPT,
  type Example,
  type ExampleContext,
  named,
} from "./unified_examples.ts";

/** A question with its answer; `owner` is the training character that `<c>` stands for, or −1. */
interface OwnedRound {
  readonly question: string;
  readonly answer: string;
  readonly owner: number;
}

const encoded = (
  { question, answer }: OwnedRound,
  { vocabulary, tokenizer }: ExampleContext,
): LabelledSequence =>
  conversationTokens(
    vocabulary,
    conversationText([{ human: question, assistant: answer }]),
    tokenizer.encode,
  );

const tagged = (sequence: LabelledSequence, owner: number, round: number): Example => ({
  ...sequence,
  owners: sequence.ids.map(() => owner),
  rounds: sequence.ids.map(() => round),
});

const joined = (parts: readonly Example[]): Example => ({
  ids: parts.flatMap(({ ids }) => ids),
  labels: parts.flatMap(({ labels }) => labels),
  owners: parts.flatMap(({ owners }) => owners),
  rounds: parts.flatMap(({ rounds }) => rounds),
});

/** As many of the parts, in order, as fit into a length. */
const fitting = (parts: readonly Example[], length: number): readonly Example[] => {
  let used = 0;
  return parts.filter(({ ids }) => {
    const fits = used + ids.length <= length;
    if (fits) used += ids.length;
    return fits;
  });
};

/** Puts what fits behind a front that all rounds see, padded to `front + length`. */
function packed(
  front: Example,
  parts: readonly Example[],
  options: { readonly length: number; readonly context: ExampleContext },
): Example {
  const text = joined(fitting(parts, options.length));
  const { vocabulary } = options.context;
  const padding = padRight(vocabulary, { ids: [], labels: [] }, options.length - text.ids.length);
  return joined([front, text, tagged(padding, -1, parts.length + 1)]);
}

const unlabelled = (ids: readonly number[]): LabelledSequence => ({ ids, labels: ids.map(() => IGNORE) });

const pictureFront = (codes: Int32Array, { vocabulary }: ExampleContext): Example =>
  tagged(unlabelled(mmuPrompt(vocabulary, [], imageIdsOf(vocabulary, codes))), -1, 0);

const behindPicture = (
  rounds: readonly OwnedRound[],
  codes: Int32Array,
  context: ExampleContext,
): Example =>
  packed(
    pictureFront(codes, context),
    rounds.map((round, index) => tagged(encoded(round, context), round.owner, index + 1)),
    { length: context.dialogueLength, context },
  );

/**
 * A picture and questions about it, in words or, for a share of the pictures, by name.
 *
 * @returns A sequence of `3 + N + 1 + dialogueLength` ids.
 */
export function dialogueExample(key: Key, coded: CodedScene, context: ExampleContext): Example {
  const isNamed = coin(key, "named", context.named);
  const questions = questionsOf(coded.scene, fold(key, "questions"), isNamed ? { subject: CONCEPT } : {});
  const rounds = questions.filter(({ topic }) => !isNamed || topic !== "recognition").map((each) => ({
    question: isNamed ? named(each.question, context) : each.question,
    answer: each.answer,
    owner: isNamed ? coded.character : -1,
  }));
  return behindPicture(rounds, coded.codes, context);
}

/** More rounds than fit, so that every sequence is full. */
const RECOGNITIONS = 12;

/** Of the rounds about who is in a picture: how many use words only, and how many of those ask about one attribute. */
const IN_WORDS = 0.4;
const ONE_ATTRIBUTE = 0.6;
/** Of the wrong characters, how many differ in one attribute only. */
const ALIKE = 0.3;

/** Who is asked for: the picture's own character half of the time. */
function askedCharacter(key: Key, same: Character, characters: readonly Character[]): Character {
  const others = characters.filter((each) => characterId(each) !== characterId(same));
  const alike = others.filter((each) => characterDistance(each, same) === 1);
  if (coin(key, "right", 0.5) || others.length === 0) return same;
  return choose(fold(key, "other"), coin(key, "alike", ALIKE) && alike.length > 0 ? alike : others);
}

function recognitionRound(key: Key, scene: Scene, context: ExampleContext): OwnedRound {
  const { characters } = context;
  const inWords = coin(key, "words", IN_WORDS);
  if (inWords && coin(key, "one", ONE_ATTRIBUTE)) {
    const topics = IDENTITY_TOPICS.filter((topic) => isAnswerable(scene, topic));
    const { question, answer } = yesNoQuestion(scene, choose(fold(key, "topic"), topics), { key });
    return { question, answer, owner: -1 };
  }
  const asked = askedCharacter(key, scene.character, characters);
  const { question, answer } = recognitionQuestion(scene, {
    ...{ key, asked },
    ...(inWords ? {} : { subject: CONCEPT }),
  });
  return inWords
    ? { question, answer, owner: -1 }
    : { question: named(question, context), answer, owner: characters.indexOf(asked) };
}

/**
 * A picture and the question who is in it, many times: by the name of its character, of look-alikes and of others,
 * described in words, and attribute by attribute. Half of the answers are yes.
 *
 * @returns A sequence of `3 + N + 1 + dialogueLength` ids.
 */
export function recognitionExample(key: Key, coded: CodedScene, context: ExampleContext): Example {
  const rounds = Array.from(
    { length: RECOGNITIONS },
    (_, index) => recognitionRound(fold(key, index), coded.scene, context),
  );
  return behindPicture(rounds, coded.codes, context);
}

/**
 * What a name alone tells: kind, colours, pattern or hair, asked behind the black picture.
 *
 * @returns A sequence of `3 + N + 1 + dialogueLength` ids.
 */
export function identityExample(key: Key, context: ExampleContext): Example {
  const { characters } = context;
  const owner = integer(fold(key, "character"), characters.length);
  const scene = { ...DEFAULT_SCENE, character: characters[owner] as Character };
  const topics = IDENTITY_TOPICS.filter((topic) => isAnswerable(scene, topic));
  const rounds = shuffle(fold(key, "order"), topics).map((topic) => {
    const wording = integer(fold(key, topic), 2) as 0 | 1;
    const { question, answer } = openQuestion(scene, topic, { subject: CONCEPT, wording });
    return { question: named(question, context), answer, owner };
  });
  return behindPicture(rounds, context.blackCodes, context);
}

/** Tokens that all sequences begin with, none of them labelled. */
function sharedFront(sequences: readonly LabelledSequence[]): number {
  const first = sequences[0] as LabelledSequence;
  const end = first.ids.findIndex((id, at) =>
    (first.labels[at] as number) >= 0 || sequences.some(({ ids }) => ids[at] !== id)
  );
  return end < 0 ? first.ids.length : end;
}

/**
 * Facts about a character, then prompts, each answered by the one fact that it needs.
 *
 * @param options.count Facts to choose from.
 * @param options.picture Whether the black picture stands in front, as it does when the model reasons.
 * @returns A sequence of fixed length.
 */
export function factExample(
  key: Key,
  options: { readonly count: number; readonly picture: boolean },
  context: ExampleContext,
): Example {
  const { vocabulary, blackCodes, characters, factLength } = context;
  const owner = integer(fold(key, "character"), characters.length);
  const sequences = factRounds(key, { count: options.count, owner }, context).map((each) =>
    encoded(each, context)
  );
  const shared = sharedFront(sequences);
  const facts = tagged(unlabelled((sequences[0] as LabelledSequence).ids.slice(0, shared)), owner, 0);
  const rounds = sequences.map(({ ids, labels }, index) =>
    tagged({ ids: ids.slice(shared), labels: labels.slice(shared) }, owner, index + 1)
  );
  const front = options.picture
    ? pictureFront(blackCodes, context)
    : tagged(mmuSequence(vocabulary, { ids: [], labels: [] }), -1, 0);
  return packed(front, [facts, ...rounds], { length: factLength, context });
}

function factRounds(
  key: Key,
  { count, owner }: { readonly count: number; readonly owner: number },
  context: ExampleContext,
): readonly OwnedRound[] {
  const facts = shuffle(fold(key, "order"), sampleFacts(fold(key, "facts"), { count }));
  const conditionFirst = coin(key, "condition first", context.conditionFirst);
  const wording = (name: string): 0 | 1 => coin(fold(key, "wording"), name, context.paraphrase) ? 1 : 0;
  const sentences = facts.map((fact, index) =>
    factSentence(fact, { subject: CONCEPT, conditionFirst, wording: wording(`fact ${index}`) })
  );
  return shuffle(fold(key, "asked"), facts.map((_, index) => index)).map((index) => {
    const prompt = reasoningPrompt(facts[index] as Fact, {
      subject: CONCEPT,
      wording: wording(`prompt ${index}`),
    });
    return {
      question: named(reasoningText(sentences, prompt), context),
      answer: sentences[index] as string,
      owner,
    };
  });
}

/**
 * The question of text-only reasoning: all facts, then the prompt that needs one of them.
 *
 * @param facts Sentences about the concept.
 * @param prompt The reasoning prompt.
 * @returns The text after `USER:`.
 */
export function reasoningText(facts: readonly string[], prompt: string): string {
  return `${facts.join(" ")} prompt : ${prompt}`;
}
