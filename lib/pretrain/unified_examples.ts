/**
 * What the unified model reads and draws in pretraining: captions, dialogues about pictures, picking facts.
 *
 * A part of the examples names its character by the name block of a *training* character, so that the format
 * `<token_0>…<c>` is known before a user's concept fills it.
 *
 * @module
 */
import { fold, integer, type Key, shuffle, uniforms } from "../core/key.ts";
import { conversationText, conversationTokens, type Round } from "../showo/conversation.ts";
import {
  IGNORE,
  type LabelledSequence,
  mmuPrompt,
  mmuSequence,
  padRight,
  t2iPrompt,
  t2iSequence,
} from "../showo/prompt.ts";
import type { Vocabulary } from "../showo/vocabulary.ts";
import { imageIdsOf } from "../showo/vocabulary.ts";
import { expandMentions, type NameBlock } from "../text/name_block.ts";
import type { PhiTokenizer } from "../text/phi_tokenizer.ts";
import { type Fact, factSentence, reasoningPrompt, sampleFacts } from "../world/facts.ts";
import { captionOf } from "../world/language.ts";
import { questionsOf, recognitionQuestion } from "../world/questions.ts";
import type { Character, Scene } from "../world/scene.ts";

/** The concept token of every training character; which one is meant is said beside the ids. */
export const CONCEPT = "<c>";

/** A picture that is encoded already. */
export interface CodedScene {
  readonly scene: Scene;
  /** Index of the scene's character among the training characters. */
  readonly character: number;
  readonly codes: Int32Array;
}

/** One sequence. `character` is the index of the training character whose name block it uses, or −1. */
export interface Example extends LabelledSequence {
  readonly character: number;
}

/** What examples are made with. */
export interface ExampleContext {
  readonly tokenizer: PhiTokenizer;
  readonly vocabulary: Vocabulary;
  readonly block: NameBlock;
  readonly characters: readonly Character[];
  readonly textBlock: number;
  /** Tokens of dialogue text behind a picture, and of a text-only sequence. */
  readonly dialogueLength: number;
  readonly factLength: number;
  /** Codes of the picture that stands for no picture. */
  readonly blackCodes: Int32Array;
  /** Probability that a prompt is dropped (classifier-free guidance), and that a name block replaces words. */
  readonly dropCondition: number;
  readonly named: number;
  /** Probability that facts put their condition first, and that a phrase is paraphrased. */
  readonly conditionFirst: number;
  readonly paraphrase: number;
}

/** Text in which the first mention of the character is its name block. */
const named = (text: string, { block }: ExampleContext): string =>
  expandMentions(text, CONCEPT, { ...block, mentions: "first" });

const coin = (key: Key, name: string, probability: number): boolean =>
  (uniforms(fold(key, name), 1)[0] as number) < probability;

/**
 * Masks image codes for text-to-image training: a cosine share of the positions, at least one (§8.1 of Show-o's recipe).
 *
 * @param key The randomness.
 * @param count Image tokens.
 * @returns Per position, whether it is masked.
 */
export function maskedPositions(key: Key, count: number): readonly boolean[] {
  const t = uniforms(fold(key, "t"), 1)[0] as number;
  const masked = Math.max(1, Math.round(count * Math.cos((Math.PI * t) / 2)));
  const order = shuffle(fold(key, "order"), Array.from({ length: count }, (_, index) => index));
  const chosen = new Set(order.slice(0, masked));
  return order.map((_, index) => chosen.has(index));
}

/**
 * A caption and its picture with some codes hidden. Half of the captions leave out most of what is at its default.
 *
 * @param key The randomness.
 * @param coded The picture.
 * @param context The context.
 * @returns A sequence of `textBlock + N + 2` ids.
 */
export function drawingExample(key: Key, coded: CodedScene, context: ExampleContext): Example {
  const { vocabulary, tokenizer } = context;
  const isNamed = coin(key, "named", context.named);
  const brief = { drop: coin(key, "brief", 0.5) ? 0.7 : 0 };
  const text = isNamed
    ? named(captionOf(coded.scene, fold(key, "caption"), { ...brief, subject: CONCEPT }), context)
    : captionOf(coded.scene, fold(key, "caption"), brief);
  const dropped = coin(key, "drop", context.dropCondition);
  const prompt = t2iPrompt(vocabulary, dropped ? [] : tokenizer.encode(text), context.textBlock);
  const masked = maskedPositions(fold(key, "mask"), coded.codes.length);
  const imageIds = imageIdsOf(vocabulary, coded.codes.map((code, index) => masked[index] ? -1 : code));
  const imageLabels = Array.from(
    coded.codes,
    (code, index) => masked[index] ? vocabulary.firstImageId + code : IGNORE,
  );
  return {
    ...t2iSequence(vocabulary, { prompt, imageIds, imageLabels }),
    character: isNamed && !dropped ? coded.character : -1,
  };
}

function rounds(
  key: Key,
  coded: CodedScene,
  context: ExampleContext,
): { readonly rounds: readonly Round[]; readonly character: number } {
  const { characters } = context;
  const isNamed = coin(key, "named", context.named);
  const questions = questionsOf(coded.scene, fold(key, "questions"), isNamed ? { subject: CONCEPT } : {});
  if (!isNamed) {
    return {
      rounds: questions.map(({ question, answer }) => ({ human: question, assistant: answer })),
      character: -1,
    };
  }
  const right = coin(key, "right", 0.5);
  const other = integer(fold(key, "other"), characters.length);
  const character = right ? coded.character : other;
  const recognised = recognitionQuestion(coded.scene, {
    key: fold(key, "recognition"),
    asked: characters[character] as Character,
    subject: CONCEPT,
  });
  const first = { human: named(recognised.question, context), assistant: recognised.answer };
  const rest = character === coded.character
    ? questions.filter(({ topic }) => topic !== "recognition").map(({ question, answer }) => ({
      human: question,
      assistant: answer,
    }))
    : [];
  return { rounds: [first, ...rest], character };
}

/** As many whole rounds as fit. */
function fitting(all: readonly Round[], context: ExampleContext): LabelledSequence {
  const encoded = all.map((round) =>
    conversationTokens(context.vocabulary, conversationText([round]), context.tokenizer.encode)
  );
  let length = 0;
  const kept = encoded.filter(({ ids }) => {
    const fits = length + ids.length <= context.dialogueLength;
    if (fits) length += ids.length;
    return fits;
  });
  const joined = { ids: kept.flatMap(({ ids }) => ids), labels: kept.flatMap(({ labels }) => labels) };
  return padRight(context.vocabulary, joined, context.dialogueLength);
}

/**
 * A picture and all questions about it, packed; half of the named ones begin with "is this <c> ?".
 *
 * @param key The randomness.
 * @param coded The picture.
 * @param context The context.
 * @returns A sequence of `3 + N + 1 + dialogueLength` ids.
 */
export function dialogueExample(key: Key, coded: CodedScene, context: ExampleContext): Example {
  const { rounds: all, character } = rounds(key, coded, context);
  const sequence = behindPicture(fitting(all, context), coded.codes, context);
  return { ...sequence, character };
}

function behindPicture(
  text: LabelledSequence,
  codes: Int32Array,
  { vocabulary }: ExampleContext,
): LabelledSequence {
  const front = mmuPrompt(vocabulary, [], imageIdsOf(vocabulary, codes));
  return { ids: [...front, ...text.ids], labels: [...front.map(() => IGNORE), ...text.labels] };
}

/** Questions about one list of facts: the same list serves several prompts. */
const FACT_ROUNDS = 3;

/**
 * Facts about a character, then prompts, each answered by the one fact that it needs.
 *
 * The first round is worded as the model reasons later: all facts, then the prompt; further rounds ask for other facts of
 * the same list.
 *
 * @param key The randomness.
 * @param options.count Facts to choose from.
 * @param options.picture Whether the black picture stands in front, as it does when the model reasons.
 * @param context The context.
 * @returns A sequence of fixed length.
 */
export function factExample(
  key: Key,
  options: { readonly count: number; readonly picture: boolean },
  context: ExampleContext,
): Example {
  const { vocabulary, characters } = context;
  const tokens = fitting(factRounds(key, options.count, context), {
    ...context,
    dialogueLength: context.factLength,
  });
  const sequence = options.picture
    ? behindPicture(tokens, context.blackCodes, context)
    : mmuSequence(vocabulary, tokens);
  return { ...sequence, character: integer(fold(key, "character"), characters.length) };
}

function factRounds(key: Key, count: number, context: ExampleContext): readonly Round[] {
  const facts = shuffle(fold(key, "order"), sampleFacts(fold(key, "facts"), { count }));
  const conditionFirst = coin(key, "condition first", context.conditionFirst);
  const wording = (name: string): 0 | 1 => coin(fold(key, "wording"), name, context.paraphrase) ? 1 : 0;
  const sentences = facts.map((fact, index) =>
    factSentence(fact, { subject: CONCEPT, conditionFirst, wording: wording(`fact ${index}`) })
  );
  const asked = shuffle(fold(key, "asked"), facts.map((_, index) => index)).slice(0, FACT_ROUNDS);
  return asked.map((index, round) => {
    const prompt = reasoningPrompt(facts[index] as Fact, {
      subject: CONCEPT,
      wording: wording(`prompt ${index}`),
    });
    const question = round === 0
      ? named(reasoningText(sentences, prompt), context)
      : reasoningText([], prompt).trim();
    return { human: question, assistant: sentences[index] as string };
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
