/**
 * Gates of a run on a bundled concept: is it recognised, drawn by its name, and is there something left to reinforce?
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { Concept } from "../../lib/concept/concept.ts";
import { choose, fold, type Key, keyFromSeed } from "../../lib/core/key.ts";
import type { Stage } from "../../lib/core/stage.ts";
import type { AttributeReader, Sights } from "../../lib/experts/attribute_reader/attribute_reader_load.ts";
import type { Draw } from "../../lib/trained/assistant.ts";
import type { RunAssistant } from "../../lib/trained/checkpointed.ts";
import { cleanReasoning, compoundPrompt } from "../../lib/method/compound_prompt.ts";
import { evaluatedList } from "../../lib/method/listed_facts.ts";
import { reasoningQuestion } from "../../lib/method/task.ts";
import { similarCharacters } from "../../lib/world/concept.ts";
import { renderScene } from "../../lib/world/draw.ts";
import { captionOf } from "../../lib/world/language.ts";
import { IDENTITY_TOPICS } from "../../lib/world/questions.ts";
import {
  allCharacters,
  type Character,
  characterId,
  sampleScene,
  type Scene,
} from "../../lib/world/scene.ts";
import { attributesOf, constraintsOf } from "../../lib/world/scene_truth.ts";
import { type GateResult, share, shareGate } from "./gate.ts";
import { readRight } from "./picture_gates.ts";

/** The model of a run and the judge. */
export interface PersonalParts {
  readonly run: Pick<RunAssistant, "assistant" | "concept" | "settings" | "profile">;
  readonly reader: Pick<AttributeReader, "read">;
}

/** How much is tried. */
export interface PersonalTrials {
  /** Pictures of the character; as many of look-alikes and of others together. */
  readonly count: number;
  readonly seed: number;
}

/**
 * Finds the character of the world that a bundled concept is.
 *
 * @param concept A concept whose info sentence describes its identity in the world's words.
 * @returns The character; undefined for a concept of another world.
 */
export function characterOf(concept: Pick<Concept, "info">): Character | undefined {
  const said = constraintsOf(concept.info);
  const fits = allCharacters().filter((character) => {
    const truth: Readonly<Record<string, string>> = attributesOf(sceneWith(character, keyFromSeed(0)));
    return IDENTITY_TOPICS.every((topic) => truth[topic] === "none" || said[topic] === truth[topic]);
  });
  return said.kind === undefined ? undefined : fits.find((character) => character.kind === said.kind);
}

function sceneWith(character: Character, key: Key): Scene {
  return sampleScene(key, { characters: [character], combinations: "all" });
}

function recognitionGates(
  { run }: Pick<PersonalParts, "run">,
  character: Character,
  { count, seed }: PersonalTrials,
): Stage<unknown, readonly GateResult[]> {
  const others = allCharacters().filter((other) => characterId(other) !== characterId(character));
  const asked = Array.from({ length: 2 * count }, (_, index) => {
    const key = fold(fold(keyFromSeed(seed), "recognition"), index);
    const isTrue = index % 2 === 0;
    const from = index % 4 === 1 ? similarCharacters(character) : others;
    const shown = isTrue ? character : choose(fold(key, "other"), from);
    return {
      question: `is this ${run.concept.token} ?`,
      image: renderScene(sceneWith(shown, fold(key, "scene")), { size: run.profile.imageSize }),
      key,
      truth: isTrue ? "yes" : "no",
    };
  });
  return pipe(
    run.assistant.answer(asked),
    RTE.map((answers) => {
      const hits = answers.map((answer, index) => answer.startsWith(asked[index]?.truth as string));
      const part = (rest: readonly number[]) => hits.filter((_, index) => rest.includes(index % 4));
      const weight = (share(part([0, 2])) + share(part([1, 3]))) / 2;
      return [
        { name: "recognition by name (mean of yes and no)", least: 0.75, value: weight, trials: hits.length },
        shareGate({ name: "recognition: yes to the concept", least: 0 }, part([0, 2])),
        shareGate({ name: "recognition: no to look-alikes", least: 0 }, part([1])),
        shareGate({ name: "recognition: no to others", least: 0 }, part([3])),
      ];
    }),
  );
}

/** Mean accuracy over the identity's attributes of pictures of a character, named or described. */
function identity(
  { run, reader }: PersonalParts,
  scenes: readonly Scene[],
  options: { readonly subject?: string; readonly seed: number },
): Stage<unknown, readonly boolean[]> {
  const { subject, seed } = options;
  const draws = scenes.map((scene, index) => {
    const key = fold(fold(keyFromSeed(seed), "identity"), index);
    const named = subject === undefined ? {} : { subject };
    return { prompt: captionOf(scene, fold(key, "caption"), { form: "sentence", ...named }), key };
  });
  return pipe(
    run.assistant.draw(draws),
    RTE.flatMap((pictures) => reader.read(pictures)),
    RTE.map((sights) => {
      const read = readRight(scenes, sights);
      return IDENTITY_TOPICS.flatMap((topic) => read[topic] ?? []);
    }),
  );
}

function identityGates(
  parts: PersonalParts,
  character: Character,
  { count, seed }: PersonalTrials,
): Stage<unknown, readonly GateResult[]> {
  const scenes = Array.from(
    { length: count },
    (_, index) => sceneWith(character, fold(keyFromSeed(seed), index)),
  );
  return pipe(
    RTE.Do,
    RTE.bindW("named", () => identity(parts, scenes, { subject: parts.run.concept.token, seed })),
    RTE.bindW("worded", () => identity(parts, scenes, { seed })),
    RTE.map(({ named, worded }) => {
      const byWords = shareGate({ name: "identity drawn from words", least: 0 }, worded);
      const least = Math.max(0, byWords.value - 0.15);
      return [byWords, shareGate({ name: "identity drawn by name (words less .15)", least }, named)];
    }),
  );
}

type Fact = Concept["facts"][number];

/** A picture to draw for a fact. */
interface FactDraw extends Draw {
  readonly fact: Fact;
}

/** Prompts that need a fact, each with what the model said it needs, several times. */
function reasonedDraws(
  { assistant, concept, settings: { reasoning } }: PersonalParts["run"],
  { count, seed }: PersonalTrials,
): Stage<unknown, readonly FactDraw[]> {
  const facts = concept.facts.filter(({ reasoningPrompt }) => reasoningPrompt !== undefined);
  const copies = Math.max(1, Math.round(count / Math.max(1, facts.length)));
  const asked = facts.map((fact, index) => ({
    question: reasoningQuestion(
      reasoning.textTemplate,
      evaluatedList(concept, fact, { shown: reasoning.shownFacts }).map(({ text }) => text),
      fact.reasoningPrompt ?? "",
    ),
    image: null,
    key: fold(fold(keyFromSeed(seed), "hits"), index),
  }));
  return pipe(
    assistant.answer(asked),
    RTE.map((answers) =>
      facts.flatMap((fact, index) => {
        const said = cleanReasoning(answers[index] ?? "", concept, { maxWords: reasoning.maxWords });
        const prompt = compoundPrompt({ basePrompt: fact.reasoningPrompt ?? "" }, said);
        const key = asked[index]?.key as Key;
        return Array.from({ length: copies }, (_, copy) => ({ prompt, fact, key: fold(key, copy) }));
      })
    ),
  );
}

const showsFact = ({ text }: Fact, seen: Sights | undefined): boolean => {
  const { accessory, accessory_colour } = constraintsOf(text);
  return seen?.["accessory"]?.value === accessory && seen?.["accessory_colour"]?.value === accessory_colour;
};

/** A hit shows the item of the fact in the colour of the fact. */
const hitGates = (
  { run, reader }: PersonalParts,
  trials: PersonalTrials,
): Stage<unknown, readonly GateResult[]> =>
  pipe(
    RTE.Do,
    RTE.bindW("draws", () => reasonedDraws(run, trials)),
    RTE.bindW("pictures", ({ draws }) => run.assistant.draw(draws)),
    RTE.bindW("sights", ({ pictures }) => reader.read(pictures)),
    RTE.map(({ draws, sights }) => {
      const hits = draws.map(({ fact }, index) => ({
        split: fact.split,
        hit: showsFact(fact, sights[index]),
      }));
      const of = (split: string) => hits.filter((each) => each.split === split).map(({ hit }) => hit);
      return [
        shareGate(
          { name: "reasoning generation: fact shown", least: 0.25, most: 0.75 },
          hits.map(({ hit }) => hit),
        ),
        shareGate({ name: "reasoning generation: training facts", least: 0 }, of("train")),
        shareGate({ name: "reasoning generation: test facts", least: 0 }, of("test")),
      ];
    }),
  );

/**
 * Measures a run on a bundled concept.
 *
 * @param parts The run's model and the judge.
 * @param trials How much is tried.
 * @returns Recognition (≥ 0.75), identity by name (words less 0.15), hits of reasoning generation (0.25 to 0.75); Left
 * `InputInvalid` for a concept that is not of the procedural world.
 */
export function personalGates(
  parts: PersonalParts,
  trials: PersonalTrials,
): Stage<unknown, readonly GateResult[]> {
  const character = characterOf(parts.run.concept);
  if (character === undefined) {
    return RTE.left({
      _tag: "InputInvalid",
      where: `concept ${parts.run.concept.id}`,
      problem: "is not a character of the procedural world, so there is no ground truth",
      remedy: "name a run on a concept of assets/world",
    });
  }
  return pipe(
    [
      recognitionGates(parts, character, trials),
      identityGates(parts, character, trials),
      hitGates(parts, trials),
    ],
    RTE.sequenceSeqArray,
    RTE.map((groups) => groups.flat()),
  );
}
