/**
 * The files of a new concept: info, prompts, default dialogues, training samples and test items.
 *
 * @module
 */
import { solidImage } from "../image/image.ts";
import { encodePng } from "../image/png.ts";
import { type Exchange, type Split, tokenOf } from "./concept.ts";
import {
  knowledgeExchanges,
  photoExchanges,
  recognitionExchanges,
  recognitionQuestion,
  type Subject,
} from "./dialogue_templates.ts";
import type { Placed, SortedPhotos } from "./new_concept_photos.ts";
import type { ExistingRoot, NewConcept } from "./new_concept_spec.ts";

const BLACK = "black_512x512.png";
const TRAINED_NEGATIVES = 0.6;
const OTHER_CLASSES = ["dog", "cat", "cup", "toy", "backpack", "person"];

const json = (value: unknown): string => `${JSON.stringify(value, null, 1)}\n`;
const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
const query = ({ question, answer }: Exchange) => ({ query: question, answer });
const byPath = (photos: readonly Placed[], exchanges: (index: number) => readonly Exchange[]) =>
  Object.fromEntries(photos.map(({ path }, index) => [path, exchanges(index).map(query)]));

function conditions(spec: NewConcept) {
  const rea = spec.denseRea ?? [];
  return {
    schema: "unifybench++/1",
    base: [`A photo of ${tokenOf(spec.id)}.`],
    personalized_driven_generation: spec.facts.map(({ reasoningPrompt }) => reasoningPrompt),
    explicit_personalized_driven_generation: spec.facts.map(({ explicitPrompt }) => explicitPrompt ?? null),
    details: spec.facts.map(({ detail }) => detail ?? null),
    dense_prompt_generation: spec.dense ?? [],
    personalized_dense_prompt_generation: rea.map(({ text }) => text),
    explicit_personalized_dense_prompt_generation: rea.map(({ explicitText }) => explicitText ?? null),
    personalized_dense_facts: rea.map(({ factIndices }) => factIndices),
  };
}

function infoFile(spec: NewConcept, splits: readonly Split[]) {
  const category = spec.category ?? "object";
  return {
    schema: "unifybench++/1",
    name: spec.id,
    class: spec.className,
    category,
    info: spec.info,
    extra_info: spec.facts.map(({ text }) => text),
    extra_info_split: splits,
    num_testing_info: splits.filter((split) => split === "test").length,
    conversation_type: category,
    generation_type: category === "object" ? "object" : "live_subject",
  };
}

const sample = (image: string, { question, answer }: Exchange) => ({
  image,
  conversations: [{ from: "human", value: `<image>\n${question}` }, { from: "gpt", value: answer }],
});

/** Everything that is asked in training, per photo and without one. */
interface Lessons {
  readonly subject: Subject;
  readonly text: readonly Exchange[];
  readonly trainedEasy: readonly Placed[];
  readonly testedEasy: readonly Placed[];
}

function trainingFiles(
  id: string,
  photos: SortedPhotos,
  lessons: Lessons,
): readonly (readonly [string, string])[] {
  const { token } = lessons.subject;
  const about = (list: readonly Placed[], exchanges: (index: number) => readonly Exchange[]) =>
    list.flatMap(({ path }, index) => exchanges(index).map((exchange) => sample(path, exchange)));
  const first = [
    ...about(photos.train, (index) => recognitionExchanges(token, true, index)),
    ...about([...photos.hard, ...lessons.trainedEasy], (index) => recognitionExchanges(token, false, index)),
    ...about(photos.train, () => photoExchanges(lessons.subject)),
  ];
  const third = [...first, ...lessons.text.map((exchange) => sample(BLACK, exchange))];
  return [first, first, third].map((samples, index) =>
    [`showo_training_data_stage_${index + 1}/${id}.json`, json(samples)] as const
  );
}

function testItems(photos: SortedPhotos, lessons: Lessons) {
  const { token, className, info } = lessons.subject;
  const item = (type: string, image: string, exchange: Exchange) => ({ ...sample(image, exchange), type });
  const rec = (list: readonly Placed[], answer: string) =>
    list.map(({ path }) => item("rec", path, { question: recognitionQuestion(token), answer }));
  const others = OTHER_CLASSES.filter((other) => other !== className).slice(0, 3);
  const choices = [others[0], className, ...others.slice(1)].map((name, index) =>
    `${"ABCD"[index]}. ${name}`
  );
  const choice = `What is ${token}? ${choices.join(" ")} Answer with the letter of the right choice.`;
  return [
    ...rec(photos.test, "Yes."),
    ...rec(lessons.testedEasy, "No."),
    item("choice", BLACK, { question: choice, answer: "B" }),
    item("text_only", BLACK, { question: `What does ${token} look like?`, answer: info }),
  ];
}

function makeLessons(spec: NewConcept, splits: readonly Split[], photos: SortedPhotos): Lessons {
  const { id, className, info = "", category = "object" } = spec;
  const subject = { token: tokenOf(id), className, category, info };
  const told = spec.facts.filter((_, index) => splits[index] === "train").map(({ text }) => text);
  const boundary = Math.ceil(photos.easy.length * TRAINED_NEGATIVES);
  return {
    subject,
    text: knowledgeExchanges(subject, told),
    trainedEasy: photos.easy.slice(0, boundary),
    testedEasy: photos.easy.slice(boundary),
  };
}

/**
 * Writes the JSON files of a concept.
 *
 * @param spec The concept, texts with its token.
 * @param splits One per fact.
 * @returns Paths relative to the root, with their texts.
 */
export function textFiles(
  spec: NewConcept,
  splits: readonly Split[],
  photos: SortedPhotos,
): readonly (readonly [string, string])[] {
  const lessons = makeLessons(spec, splits, photos);
  const { subject, text, trainedEasy } = lessons;
  const [train, test] = [`concept/train/${spec.id}`, `concept/test/${spec.id}`];
  const recognitions = (truth: boolean) => (index: number) =>
    recognitionExchanges(subject.token, truth, index);
  const conversations = {
    ...Object.fromEntries(
      photos.train.map(({ path }) => [baseName(path), photoExchanges(subject).map(query)]),
    ),
    text_only: text.map(query),
  };
  const asked = [{ question: `What does ${subject.token} look like?`, answer: subject.info }];
  return [
    [`${train}/info.json`, json(infoFile(spec, splits))],
    [`${train}/conversations.json`, json(conversations)],
    [`${train}/positive_recognitions.json`, json(byPath(photos.train, recognitions(true)))],
    [`${train}/random_recognitions.json`, json(byPath(trainedEasy, recognitions(false)))],
    [`${test}/t2i_conditions.json`, json(conditions(spec))],
    [`${test}/text_only.json`, json(asked)],
    ...trainingFiles(spec.id, photos, lessons),
    [`test_data/${spec.id}.json`, json(testItems(photos, lessons))],
  ];
}

/**
 * Writes the files that all concepts of a root share.
 *
 * @param existing What the root holds so far.
 * @returns Paths relative to the root, with their contents.
 */
export function rootFiles(
  id: string,
  photos: SortedPhotos,
  existing: ExistingRoot,
): readonly (readonly [string, Uint8Array | string])[] {
  const trainImages = { ...existing.trainImages, [id]: photos.train.map(({ path }) => baseName(path)) };
  return [
    [BLACK, encodePng(solidImage(512, 512))],
    ["concepts_list.json", json([...existing.concepts.filter((other) => other !== id), id])],
    ["concept/train/train_images.json", json(trainImages)],
  ];
}
