/**
 * The unified model as a {@link Training}: which examples each update sees.
 *
 * @module
 */
import { fold, integer, type Key, keyFromSeed } from "../../lib/core/key.ts";
import type { ShowoConfig } from "../../lib/showo/config.ts";
import { mmuVisibility, t2iVisibility } from "../../lib/showo/mask.ts";
import { withConceptRows } from "../../lib/showo/vocabulary.ts";
import { adamw, chain, clipByGlobalNorm } from "../../lib/tensor/optimizer.ts";
import type { Tree } from "../../lib/tensor/tree.ts";
import { conceptTokens } from "../../lib/text/name_block.ts";
import type { PhiTokenizer } from "../../lib/text/phi_tokenizer.ts";
import type { Character } from "../../lib/world/scene.ts";
import type { Pretraining } from "./config.ts";
import { courseOf } from "./course.ts";
import { makeUpdate, type Training } from "./trainer.ts";
import { dialogueExample, factExample, identityExample, recognitionExample } from "./unified_dialogues.ts";
import {
  type CodedScene,
  coin,
  CONCEPT,
  drawingExample,
  type Example,
  type ExampleContext,
} from "./unified_examples.ts";
import {
  blockRows,
  initialUnified,
  pretrainingModel,
  unifiedConfig,
  type UnifiedParameters,
} from "./unified_model.ts";
import { packExamples, type UnifiedBatch, unifiedLoss } from "./unified_objective.ts";

/** What the unified model is trained on. */
export interface UnifiedData {
  readonly tokenizer: PhiTokenizer;
  readonly characters: readonly Character[];
  readonly scenes: readonly CodedScene[];
  /** Codes of the picture that stands for no picture. */
  readonly blackCodes: Int32Array;
}

const exampleContext = (config: Pretraining, sizes: ShowoConfig, data: UnifiedData): ExampleContext => {
  const part = config.unified;
  const block = { semanticTokens: part.semanticTokens, generationTokens: part.generationTokens };
  return {
    tokenizer: data.tokenizer.withConceptTokens(conceptTokens(CONCEPT, block)),
    vocabulary: withConceptRows(sizes.vocabulary, blockRows(part)),
    block,
    characters: data.characters,
    textBlock: part.textBlock,
    dialogueLength: part.dialogueLength,
    factLength: part.factLength,
    blackCodes: data.blackCodes,
    dropCondition: part.dropCondition,
    named: part.named,
    conditionFirst: part.conditionFirst,
    paraphrase: part.paraphrase,
  };
};

/**
 * How many facts an exercise holds: up to three in the first 60 % of the training, then two to five.
 *
 * @param progress Share of the training that is over, in [0, 1].
 * @returns 1 to 5.
 */
export function factCount(key: Key, progress: number): number {
  return progress < 0.6 ? 1 + integer(key, 3) : 2 + integer(key, 4);
}

/** How often text behind the black picture is about the identity instead of facts. */
const IDENTITY_SHARE = 0.4;

function drawBatch(key: Key, progress: number, options: {
  readonly part: Pretraining["unified"];
  readonly context: ExampleContext;
  readonly data: UnifiedData;
}): UnifiedBatch {
  const { part, context, data } = options;
  const { vocabulary, characters } = context;
  const packing = { vocabulary, characters: characters.length };
  const drawn = (ids: readonly number[]) => t2iVisibility(vocabulary, ids);
  const said = (ids: readonly number[]) => mmuVisibility(vocabulary, ids);
  const list = (name: string, count: number, make: (key: Key) => Example): readonly Example[] =>
    Array.from({ length: count }, (_, index) => make(fold(fold(key, name), index)));
  const pictured = (make: typeof drawingExample) => (from: Key): Example =>
    make(from, data.scenes[integer(fold(from, "scene"), data.scenes.length)] as CodedScene, context);
  const facts = (picture: boolean) => (from: Key): Example =>
    factExample(from, { count: factCount(fold(from, "count"), progress), picture }, context);
  const unseen = (from: Key): Example =>
    coin(from, "identity", IDENTITY_SHARE) ? identityExample(from, context) : facts(true)(from);
  const { drawings, dialogues, recognitions } = part;
  return {
    drawings: packExamples(list("drawing", drawings, pictured(drawingExample)), drawn, packing),
    dialogues: packExamples(list("dialogue", dialogues, pictured(dialogueExample)), said, packing),
    recognitions: packExamples(
      list("recognition", recognitions, pictured(recognitionExample)),
      said,
      packing,
    ),
    facts: packExamples(list("fact", part.facts, facts(false)), said, packing),
    pictureFacts: packExamples(list("picture fact", part.pictureFacts, unseen), said, packing),
  };
}

/**
 * Trains the unified model.
 *
 * @param context.folder Where state and curve are kept.
 * @param data Tokenizer, characters and coded pictures.
 * @returns The training; its parameters are {@link UnifiedParameters}.
 */
export function unifiedTraining(
  context: { readonly config: Pretraining; readonly folder: string },
  data: UnifiedData,
): Training {
  const { config } = context;
  const part = config.unified;
  const sizes = unifiedConfig(config, data.tokenizer);
  const rows = blockRows(part);
  const model = pretrainingModel(sizes, rows * data.characters.length);
  const key = keyFromSeed(part.seed);
  const optimizer = chain(
    clipByGlobalNorm(1),
    adamw({ betas: [0.9, 0.98], weightDecay: part.weightDecay, decays: (_, leaf) => leaf.rank === 2 }),
  );
  const examples = exampleContext(config, sizes, data);
  return {
    name: "unified",
    ...courseOf(part, context),
    initial: () => {
      const parameters = initialUnified(key, sizes, { characters: data.characters.length, rows }) as Tree;
      return { parameters, optimizer: optimizer.init(parameters) as Tree };
    },
    batch: (step) =>
      drawBatch(fold(fold(key, "data"), step), step / part.steps, { part, context: examples, data }),
    update: makeUpdate(
      "unified",
      (parameters: UnifiedParameters, batch: UnifiedBatch) => unifiedLoss(parameters, batch, { model, part }),
      optimizer,
    ),
  };
}
