/**
 * Concepts of the world as files, in the on-disk layout of UnifyBench++.
 *
 * @module
 */
import { solidImage } from "../image/image.ts";
import { fold, type Key } from "../core/key.ts";
import { encodePng } from "../image/png.ts";
import { type ConceptOptions, makeConcept, randomScenes, type WorldConcept } from "./concept.ts";
import { type Dialogue, knowledgeDialogues, pictureDialogues, recognitionDialogues } from "./dialogues.ts";
import { renderScene } from "./draw.ts";
import { OPENINGS } from "./concept_facts.ts";
import { explicitPrompt, type Fact, factSentence, reasoningPrompt } from "./facts.ts";
import { captionOf } from "./language.ts";
import { accessoryPhrase, nounPhrase } from "./lexicon.ts";
import { type Character, characterId, DEFAULT_SCENE, isPerson, type Kind, type Scene } from "./scene.ts";

/** Path → content; PNG files as bytes, everything else as text. */
export type FileTree = ReadonlyMap<string, Uint8Array | string>;

/** How pictures and facts are written. */
export interface FolderOptions {
  /** Pixels a side of a picture, a multiple of 64; 64 if left out. */
  readonly size?: number;
  /**
   * Whether facts put the condition first (`at the beach <mip> wears a red hat .`), which is the easier form to look up; false
   * if left out.
   */
  readonly conditionFirst?: boolean;
  /** The other concepts under the same root: their test pictures are negatives. */
  readonly others?: readonly { readonly name: string; readonly testImages: number }[];
}

const BLACK = "black_512x512.png";
const RANDOM_IMAGES = 10;
const RANDOM_TRAIN = 6;
const QUESTIONS_A_PICTURE = 6;

const json = (value: unknown): string => `${JSON.stringify(value, null, 1)}\n`;
const randomPath = (index: number): string => `random_images/${index}.png`;
const trainPath = (name: string, index: number): string => `concept/train/${name}/${index}.png`;
const testPath = (name: string, index: number): string => `concept/test/${name}/${index}.png`;
const negativePath = (name: string, index: number): string =>
  `concept/train/${name}/negative_example/${index}.png`;

/**
 * Writes the folder of one concept: pictures, info, dialogues, prompts, and its share of the training and test data.
 *
 * `train_images.json`, the black picture and the random pictures belong to the root: see {@link worldRoot}.
 *
 * @param options Name, sizes, picture size, other concepts.
 * @returns Paths relative to the root, with their contents.
 *
 * @example
 * ```ts
 * import { keyFromSeed } from "../core/key.ts";
 * import { conceptFiles } from "./concept_folder.ts";
 * import assert from "node:assert/strict";
 * const files = conceptFiles({ kind: "dog", colour: "blue", pattern: "spotted" }, keyFromSeed(1), { name: "mip" });
 * assert.ok(files.has("concept/train/mip/info.json"));
 * ```
 */
export function conceptFiles(
  character: Character,
  key: Key,
  options: ConceptOptions & FolderOptions,
): FileTree {
  const concept = makeConcept(character, key, options);
  return new Map<string, Uint8Array | string>([
    ...pictureFiles(concept, options.size ?? 64),
    ...trainFiles(concept, options),
    ...testFiles(concept, options),
    ...trainingDataFiles(concept),
    ...testDataFiles(concept, options),
  ]);
}

function pictureFiles(concept: WorldConcept, size: number): readonly (readonly [string, Uint8Array])[] {
  const { name, character } = concept;
  const picture = (scene: Scene) => encodePng(renderScene(scene, { size }));
  const alone = picture({ ...DEFAULT_SCENE, character });
  return [
    ...concept.trainScenes.map((scene, index) => [trainPath(name, index), picture(scene)] as const),
    ...concept.trainScenes.map((_, index) => [`concept/train/${name}/cropped/${index}.png`, alone] as const),
    ...concept.negativeScenes.map((scene, index) => [negativePath(name, index), picture(scene)] as const),
    ...concept.testScenes.map((scene, index) => [testPath(name, index), picture(scene)] as const),
  ];
}

/**
 * Sorts a kind into the benchmark's categories.
 *
 * @returns `human`, `animal` or `object`.
 */
export function categoryOf(kind: Kind): "human" | "animal" | "object" {
  return kind === "man" || kind === "woman" ? "human" : kind === "robot" ? "object" : "animal";
}

type TextFiles = readonly (readonly [string, string])[];

function trainFiles(concept: WorldConcept, options: FolderOptions): TextFiles {
  const { name, subject, trainScenes } = concept;
  const folder = `concept/train/${name}`;
  const conversations = {
    ...Object.fromEntries(trainScenes.map((_, index) => [`${index}.png`, trainDialogues(concept, index)])),
    text_only: trainKnowledge(concept),
  };
  const captions = trainScenes.map((scene, index) => [
    `${index}.png`,
    captionOf(scene, fold(fold(concept.key, "caption"), index), { subject, form: "sentence" }),
  ]);
  const positive = trainScenes.map((_, index) => trainPath(name, index));
  return [
    [`${folder}/info.json`, json(infoOf(concept, options))],
    [`${folder}/conversations.json`, json(conversations)],
    [`${folder}/captions.json`, json(Object.fromEntries(captions))],
    [`${folder}/positive_recognitions.json`, json(recognitions(subject, true, positive))],
    [
      `${folder}/random_recognitions.json`,
      json(recognitions(subject, false, range(RANDOM_TRAIN).map(randomPath))),
    ],
  ];
}

function infoOf(concept: WorldConcept, options: FolderOptions): Readonly<Record<string, unknown>> {
  const { name, subject, character, facts } = concept;
  const category = categoryOf(character.kind);
  return {
    schema: "unifybench++/1",
    name,
    class: character.kind,
    category,
    info: `${subject} is ${nounPhrase(character)} .`,
    extra_info: facts.map((fact) => sentenceOf(fact, subject, options)),
    extra_info_split: facts.map((fact) => fact.split),
    num_testing_info: facts.filter((fact) => fact.split === "test").length,
    conversation_type: category,
    generation_type: category === "object" ? "object" : "live_subject",
  };
}

const range = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);

const recognitions = (subject: string, truth: boolean, paths: readonly string[]) =>
  Object.fromEntries(paths.map((path) => [path, recognitionDialogues(subject, truth)]));

const trainDialogues = (concept: WorldConcept, index: number): readonly Dialogue[] =>
  pictureDialogues(concept.trainScenes[index] as Scene, fold(fold(concept.key, "train"), index), {
    subject: concept.subject,
    count: QUESTIONS_A_PICTURE,
  });

const testDialogues = (concept: WorldConcept, index: number): readonly Dialogue[] =>
  pictureDialogues(concept.testScenes[index] as Scene, fold(fold(concept.key, "test"), index), {
    subject: concept.subject,
    count: QUESTIONS_A_PICTURE,
  });

const trainKnowledge = (concept: WorldConcept): readonly Dialogue[] =>
  knowledgeDialogues(concept.character, {
    subject: concept.subject,
    facts: concept.facts.filter((fact) => fact.split === "train"),
    wording: 0,
  });

/** The same knowledge in the other wording. */
const testKnowledge = (concept: WorldConcept): readonly Dialogue[] =>
  knowledgeDialogues(concept.character, {
    subject: concept.subject,
    facts: concept.facts.filter((fact) => fact.split === "train"),
    wording: 1,
  });

function testFiles(concept: WorldConcept, options: FolderOptions): TextFiles {
  const { name, testScenes } = concept;
  const folder = `concept/test/${name}`;
  const vqa = Object.fromEntries(
    testScenes.map((_, index) => [testPath(name, index), testDialogues(concept, index)]),
  );
  const textOnly = testKnowledge(concept).map(({ query, answer }) => ({ question: query, answer }));
  return [
    [`${folder}/vqa.json`, json(vqa)],
    [`${folder}/text_only.json`, json(textOnly)],
    [`${folder}/t2i_conditions.json`, json(conditions(concept, options))],
    [`${folder}/world.json`, json(truth(concept, options))],
  ];
}

const promptsOf = (fact: Fact, subject: string): readonly string[] =>
  OPENINGS[fact.split].map((opening) => reasoningPrompt(fact, { subject, opening }));

const sentenceOf = (fact: Fact, subject: string, { conditionFirst = false }: FolderOptions): string =>
  factSentence(fact, { subject, conditionFirst });

function conditions(concept: WorldConcept, options: FolderOptions): Readonly<Record<string, unknown>> {
  const { subject, facts, newCombinations, dense, denseReasoning } = concept;
  return {
    schema: "unifybench++/1",
    base: [`a photo of ${subject} .`],
    personalized_driven_generation: facts.map((fact) => promptsOf(fact, subject)[0]),
    personalized_driven_wordings: facts.map((fact) => promptsOf(fact, subject).slice(1)),
    explicit_personalized_driven_generation: facts.map((fact) => explicitPrompt(fact, { subject })),
    details: facts.map((fact) => accessoryPhrase(fact.accessory)),
    new_combinations: newCombinations.map((fact) => ({
      fact: sentenceOf(fact, subject, options),
      prompts: promptsOf(fact, subject),
      explicit: explicitPrompt(fact, { subject }),
      detail: accessoryPhrase(fact.accessory),
    })),
    dense_prompt_generation: dense.map((prompt) => prompt.text),
    dense_segments: dense.map((prompt) => prompt.segments),
    personalized_dense_prompt_generation: denseReasoning.map((prompt) => prompt.text),
    explicit_personalized_dense_prompt_generation: denseReasoning.map((prompt) => prompt.explicit),
    personalized_dense_facts: denseReasoning.map((prompt) => prompt.facts),
    explicit_personalized_dense_segments: denseReasoning.map((prompt) => prompt.segments),
  };
}

/** What only a procedural world can tell: the scene behind every picture and prompt. */
function truth(concept: WorldConcept, options: FolderOptions): Readonly<Record<string, unknown>> {
  return {
    schema: "world/1",
    id: characterId(concept.character),
    person: isPerson(concept.character),
    size: options.size ?? 64,
    character: concept.character,
    facts: concept.facts,
    new_combinations: concept.newCombinations,
    train_scenes: concept.trainScenes,
    test_scenes: concept.testScenes,
    negative_scenes: concept.negativeScenes,
    dense_scenes: concept.dense.map((prompt) => prompt.scene),
    personalized_dense_scenes: concept.denseReasoning.map((prompt) => prompt.scene),
  };
}

const turn = (image: string, { query, answer }: Dialogue) => ({
  image,
  conversations: [{ from: "human", value: `<image>\n${query}` }, { from: "gpt", value: answer }],
});

function trainingDataFiles(concept: WorldConcept): TextFiles {
  const { name, subject, trainScenes, negativeScenes } = concept;
  const ask = (path: string, isConcept: boolean) =>
    recognitionDialogues(subject, isConcept).map((dialogue) => turn(path, dialogue));
  const first = [
    ...trainScenes.flatMap((_, index) => ask(trainPath(name, index), true)),
    ...range(RANDOM_TRAIN).flatMap((index) => ask(randomPath(index), false)),
    ...negativeScenes.flatMap((_, index) => ask(negativePath(name, index), false)),
    ...trainScenes.flatMap((_, index) =>
      trainDialogues(concept, index).map((dialogue) => turn(trainPath(name, index), dialogue))
    ),
  ];
  const third = [...first, ...trainKnowledge(concept).map((dialogue) => turn(BLACK, dialogue))];
  return [
    [`showo_training_data_stage_1/${name}.json`, json(first)],
    [`showo_training_data_stage_2/${name}.json`, json(first)],
    [`showo_training_data_stage_3/${name}.json`, json(third)],
  ];
}

function testDataFiles(
  concept: WorldConcept,
  options: FolderOptions,
): TextFiles {
  const { name, subject, testScenes } = concept;
  const question = `can you see ${subject} in the photo ?`;
  const recognise = (image: string, isConcept: boolean) => ({
    ...turn(image, { query: question, answer: isConcept ? "Yes." : "No." }),
    type: "rec",
  });
  const negatives = [
    ...(options.others ?? []).flatMap((other) =>
      range(other.testImages).map((index) => testPath(other.name, index))
    ),
    ...range(RANDOM_IMAGES).slice(RANDOM_TRAIN).map(randomPath),
  ];
  return [[
    `test_data/${name}.json`,
    json([
      ...testScenes.map((_, index) => recognise(testPath(name, index), true)),
      ...negatives.map((path) => recognise(path, false)),
      ...testScenes.flatMap((_, index) =>
        testDialogues(concept, index).map((each) => ({ ...turn(testPath(name, index), each), type: "vqa" }))
      ),
      ...testKnowledge(concept).map((each) => ({ ...turn(BLACK, each), type: "text_only" })),
    ]),
  ]];
}

/** A concept to write, with its own randomness. */
export interface WorldMember extends ConceptOptions {
  readonly character: Character;
}

/**
 * Writes a whole benchmark root: all concepts, the list of them, the black picture and the random pictures.
 *
 * @param members The concepts; names must differ.
 * @param key The randomness of everything.
 * @param options Picture size and form of the facts.
 * @returns Paths relative to the root, with their contents.
 */
export function worldRoot(
  members: readonly WorldMember[],
  key: Key,
  options: Omit<FolderOptions, "others"> = {},
): FileTree {
  const size = options.size ?? 64;
  const files = members.flatMap((member) => {
    const others = members.filter((other) => other.name !== member.name)
      .map((other) => ({ name: other.name, testImages: other.testImages ?? 4 }));
    return [...conceptFiles(member.character, fold(key, member.name), { ...member, ...options, others })];
  });
  const trainImages = members.map((member) =>
    [member.name, range(member.trainImages ?? 6).map((index) => `${index}.png`)] as const
  );
  return new Map<string, Uint8Array | string>([
    [BLACK, encodePng(solidImage(512, 512))],
    ["concepts_list.json", json(members.map((member) => member.name))],
    ["concept/train/train_images.json", json(Object.fromEntries(trainImages))],
    ...randomScenes(fold(key, "random images"), RANDOM_IMAGES).map((scene, index) =>
      [randomPath(index), encodePng(renderScene(scene, { size }))] as const
    ),
    ...files,
  ]);
}
