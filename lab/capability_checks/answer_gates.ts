/**
 * Gates of answers: questions about pictures in words, and picking the fact that a prompt needs.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { choose, fold, keyFromSeed, shuffle } from "../../lib/core/key.ts";
import type { Stage } from "../../lib/core/stage.ts";
import type { Ask, Assistant } from "../../lib/trained/assistant.ts";
import { reasoningQuestion } from "../../lib/method/task.ts";
import { renderScene } from "../../lib/world/draw.ts";
import { type Fact, factSentence, reasoningPrompt, sampleFacts } from "../../lib/world/facts.ts";
import { questionsOf } from "../../lib/world/questions.ts";
import { type HeldoutScenes, heldoutScenes } from "./heldout_scenes.ts";
import { type Gate, type GateResult, shareGate } from "./gate.ts";

const exact = (
  assistant: Pick<Assistant, "answer">,
  asked: readonly (Ask & { readonly truth: string })[],
): Stage<unknown, readonly boolean[]> =>
  pipe(
    assistant.answer(asked),
    RTE.map((answers) => answers.map((answer, index) => answer.trim() === asked[index]?.truth)),
  );

/**
 * Measures visual question answering in words on held-out characters.
 *
 * @param options Scenes, all questions about each, and their size in pixels.
 * @returns Exact answers over all questions (≥ 0.85), and each topic beside it.
 */
export function vqaGates(
  assistant: Pick<Assistant, "answer">,
  options: HeldoutScenes & { readonly size: number },
): Stage<unknown, readonly GateResult[]> {
  const asked = heldoutScenes(options).flatMap((scene, index) => {
    const key = fold(fold(keyFromSeed(options.seed), "questions"), index);
    const image = renderScene(scene, { size: options.size });
    return questionsOf(scene, key).map(({ topic, yesNo, question, answer }) => ({
      ...{ question, image, key, truth: answer },
      kind: topic === "recognition" ? "recognition in words" : yesNo ? "yes or no" : topic,
    }));
  });
  return pipe(
    exact(assistant, asked),
    RTE.map((hits) => {
      const kinds = Map.groupBy(
        hits.map((right, index) => ({ right, kind: asked[index]?.kind })),
        ({ kind }) => kind,
      );
      return [
        shareGate({ name: "VQA: all questions", least: 0.85 }, hits),
        ...[...kinds].map(([kind, all]) =>
          shareGate({ name: `VQA: ${kind}`, least: 0 }, all.map(({ right }) => right))
        ),
      ];
    }),
  );
}

/** Lists of four and five facts, with the prompts that ask for one of them. */
function factQuestions(
  options: HeldoutScenes & {
    readonly token: string;
    readonly template: string;
    readonly split: Fact["split"];
    readonly conditionFirst: boolean;
  },
): readonly (Ask & { readonly truth: string })[] {
  const { count, seed, token, template, split, conditionFirst } = options;
  return Array.from({ length: count }, (_, index) => {
    const key = fold(fold(keyFromSeed(seed), `${split} facts`), index);
    const facts = shuffle(
      fold(key, "order"),
      sampleFacts(fold(key, "facts"), { count: 4 + index % 2, tests: 1 }),
    );
    const sentences = facts.map((fact) => factSentence(fact, { subject: token, conditionFirst }));
    const fact = choose(fold(key, "wanted"), facts.filter((each) => each.split === split));
    const prompt = reasoningPrompt(fact, { subject: token });
    return {
      question: reasoningQuestion(template, sentences, prompt),
      image: null,
      key,
      truth: sentences[facts.indexOf(fact)] as string,
    };
  });
}

/** The facts that are asked for, and how their list is written: as in the bundled concepts, or with all conditions in front. */
const PICKING: readonly (Gate & Pick<Parameters<typeof factQuestions>[0], "split" | "conditionFirst">)[] = [
  { name: "picking one of 4 to 5 facts", least: 0.6, split: "train", conditionFirst: false },
  { name: "picking, condition first", least: 0, split: "train", conditionFirst: true },
  { name: "picking a fact of a held-out combination", least: 0, split: "test", conditionFirst: false },
];

/**
 * Measures picking the one fact that a prompt needs, for a name that nobody has taught yet.
 *
 * @param assistant The model; its concept is `token`.
 * @param options How many lists of four or five facts, the concept token, and the wording of the turn.
 * @returns Exact answers for facts as pretraining may show them, with the condition at the end (≥ 0.6); the same with the
 * condition in front; and for held-out combinations.
 */
export function factGates(
  assistant: Pick<Assistant, "answer">,
  options: HeldoutScenes & { readonly token: string; readonly template: string },
): Stage<unknown, readonly GateResult[]> {
  return RTE.traverseSeqArray(({ split, conditionFirst, ...gate }: (typeof PICKING)[number]) =>
    pipe(
      exact(assistant, factQuestions({ ...options, split, conditionFirst })),
      RTE.map((hits) => shareGate(gate, hits)),
    )
  )(PICKING);
}
