/**
 * Settings of an evaluation: everything `deno task eval` can be told with `--set`.
 *
 * @module
 */
import { field, type FieldValue, section } from "../config/field.ts";
import type { RuleProblem } from "../config/load.ts";
import type { ItemOptions } from "./item.ts";
import { BENCHMARK_TASKS, EVAL_TASKS } from "./item.ts";
import { IMAGE_PROMPT_STYLES } from "./public_wording.ts";
import type { ScoreOptions } from "./scored.ts";

/** What a judge is told, besides which one it is. */
const JUDGING = {
  baseUrl: field.text({
    default: "",
    doc: "chat: server up to and without /chat/completions; empty takes the variable OPENAI_BASE_URL.",
  }),
  model: field.text({ default: "gpt-4o", doc: "chat: name of the model on the server." }),
  keyVariable: field.text({ default: "OPENAI_API_KEY", doc: "chat: variable that holds the key." }),
  concurrency: field.positiveInt({ default: 4, doc: "chat: requests at the same time." }),
  requestsPerMinute: field.optional(field.positiveInt({ doc: "chat: requests a minute; null = no bound." })),
  retries: field.int({ default: 3, min: 0, doc: "chat: attempts after the first." }),
  timeoutSeconds: field.positive({ default: 60, doc: "chat: limit of one exchange." }),
  segmentsPerCall: field.choice(["all", "one"], { default: "all", doc: "chat: clauses per request." }),
  cache: field.path("file", {
    default: ".cache/judge.sqlite",
    doc: "chat: file of replies that were paid for.",
  }),
  inputPrice: field.nonNegative({ default: 0, doc: "chat: price of a million input tokens, for the cost." }),
  outputPrice: field.nonNegative({ default: 0, doc: "chat: price of a million output tokens." }),
  file: field.path("read", { default: "", doc: "recorded: JSON Lines of scores." }),
  record: field.path("file", {
    default: "",
    doc: "Append every score to this file, for kind recorded; empty = no.",
  }),
  sure: field.unitInterval({
    default: 0.7,
    doc: "world: confidence from which on a clause is clearly shown.",
  }),
};

const JUDGE = section("Who grades answers and checks clauses of prompts.", {
  kind: field.choice(["auto", "world", "chat", "recorded", "none"], {
    default: "auto",
    doc:
      "world: attribute reader of the profile; auto: world for concepts of the procedural world, else none.",
  }),
  ...JUDGING,
  biasCases: field.int({
    default: 0,
    min: 0,
    doc:
      "chat: answers, and pictures, that are judged again in another order and in other words; 0 = bias is not measured.",
  }),
});

const SECOND_JUDGE = section("A second judge: how far it agrees is measured, its grades are not used.", {
  kind: field.choice(["none", "world", "chat", "recorded"], {
    default: "none",
    doc: "As judge.kind.",
  }),
  ...JUDGING,
});

const ENDPOINT = section("Another system behind an OpenAI-compatible server (--endpoint).", {
  keyVariable: field.text({ default: "OPENAI_API_KEY", doc: "Variable that holds the key." }),
  prompt: field.choice(["text", "images"], {
    default: "text",
    doc: "How the concept is introduced: name and info, or photos.",
  }),
  references: field.positiveInt({ default: 1, doc: "Photos that introduce the concept." }),
  pictures: field.choice(["words", "edits", "caption"], {
    default: "words",
    doc:
      "With photos, pictures come from name and info in words, from the photos by /images/edits, or from the system's own caption.",
  }),
  style: field.choice(IMAGE_PROMPT_STYLES, {
    default: "plain",
    doc:
      "With photos: ours, or the words of the public evaluation code for BAGEL (pictures=edits) or Janus-Pro (pictures=caption).",
  }),
  concurrency: field.positiveInt({ default: 4, doc: "Requests at the same time." }),
  requestsPerMinute: field.optional(field.positiveInt({ doc: "Requests a minute; null = no bound." })),
  retries: field.int({ default: 3, min: 0, doc: "Attempts after the first." }),
  timeoutSeconds: field.positive({ default: 120, doc: "Limit of one exchange." }),
  maxTokens: field.positiveInt({ default: 100, doc: "Tokens of an answer at most." }),
  size: field.text({ default: "512x512", doc: "Size of pictures, as the server calls it." }),
});

const BASELINE = section("Training of a baseline on our backbone (--baseline).", {
  seed: field.int({ default: 1, min: 0, doc: "Seed of its training." }),
  steps: field.positiveInt({ default: 200, doc: "Updates." }),
  learningRate: field.positive({ default: 0.005, doc: "Learning rate of AdamW." }),
  batch: field.positiveInt({ default: 4, doc: "Pictures per update." }),
  captions: field.bool({
    default: true,
    doc: "Whether photos are learnt from their captions, where they have some; else from the plain prompt.",
  }),
  vectors: field.positiveInt({ default: 1, doc: "Rows of the new word." }),
  trainable: field.choice(["lora", "full"], {
    default: "lora",
    doc: "dreambooth: what is trained besides the word: low-rank updates, or all weights.",
  }),
  loraRank: field.positiveInt({ default: 8, doc: "dreambooth: rank of the low-rank updates." }),
  priorWeight: field.nonNegative({ default: 1, doc: "dreambooth: weight of pictures of the class." }),
  priorPictures: field.int({
    default: 16,
    min: 0,
    doc: "dreambooth: pictures of the class that the untrained model draws.",
  }),
});

/** Everything that an evaluation can be told. */
export const EVALUATION = section("An evaluation.", {
  tasks: field.list(field.choice(EVAL_TASKS, { doc: "Task." }), {
    default: BENCHMARK_TASKS,
    doc: "Tasks; rea_train, rea_wording, rea_new and rea_new_gen are left out unless they are named.",
  }),
  seed: field.int({ default: 3407, min: 0, doc: "Seed of pictures and of the bootstrap." }),
  imagesPerPrompt: field.positiveInt({ default: 4, doc: "Pictures per prompt." }),
  device: field.choice(["auto", "tensorflow", "webgpu", "wasm", "cpu"], { default: "auto", doc: "Backend." }),
  facts: field.choice(["test", "train", "all"], {
    default: "test",
    doc: "Facts that the reasoning tasks ask for.",
  }),
  reasoning: field.choice(["own", "none", "truth"], {
    default: "own",
    doc: "What completes prompts that need a fact: the model's answer, nothing, the explicit prompt.",
  }),
  textTemplate: field.optional(
    field.text({ doc: "Turn of text-only reasoning; null = as the model was trained." }),
  ),
  orders: field.positiveInt({
    default: 4,
    doc: "Lists in which each fact of rea is asked for, where a question lists some facts in random order.",
  }),
  shownFacts: field.optional(
    field.int({
      min: 0,
      doc:
        "Facts that this turn lists, the needed one and others of its split; 0 = all; null = as the model was trained.",
    }),
  ),
  textPrompt: field.text({
    default: "name: {name}\ninfo: {info}\n",
    doc: "What --text-prompt writes in front of questions and prompts; shorten it where prompts are cut off.",
  }),
  experts: field.list(field.choice(["clip", "dino", "faces"], { doc: "Expert." }), {
    default: ["clip", "dino", "faces"],
    doc: "What scores pictures, as far as the profile has it.",
  }),
  hardCases: field.bool({
    default: false,
    doc: "Ask hard cases too: look-alikes, and what nobody can know.",
  }),
  lookAlikes: field.path("read", {
    default: "",
    doc:
      "Folder of photos of look-alikes, or of such a folder by concept id; empty: the procedural world draws them.",
  }),
  lookAlikePhotos: field.positiveInt({
    default: 8,
    doc: "Photos of the concept, and of look-alikes, in hard cases.",
  }),
  answerBatch: field.positiveInt({ default: 16, doc: "Questions at a time." }),
  drawBatch: field.positiveInt({ default: 8, doc: "Pictures drawn at a time." }),
  pictureBatch: field.positiveInt({ default: 32, doc: "Pictures scored at a time." }),
  hitRule: field.choice(["word_boundary", "substring", "strict"], {
    default: "word_boundary",
    doc: "What counts as yes and no.",
  }),
  splitter: field.choice(["clauses", "punctuation", "comma"], {
    default: "clauses",
    doc: "Where dense prompts are cut.",
  }),
  clipFlavour: field.choice(["standard", "unictokens-legacy"], {
    default: "standard",
    doc: "Preprocessing of pictures for CLIP.",
  }),
  tokenText: field.choice(["class_name", "literal"], {
    default: "class_name",
    doc: "What CLIP reads in place of the token.",
  }),
  references: field.choice(["train", "test-first"], {
    default: "train",
    doc: "Photos that pictures are compared with.",
  }),
  imageScore: field.choice(["pairs", "prototype"], {
    default: "pairs",
    doc: "CLIP-I against each photo, or against their mean embedding.",
  }),
  missingAsZero: field.bool({
    default: false,
    doc: "Score missing predictions 0 instead of leaving them out.",
  }),
  purePrompts: field.text({
    default: "",
    doc:
      "JSON file of plain prompts by generation type; empty: prompts_to_eval.json of the data set, else DreamBench.",
  }),
  published: field.list(field.text({ doc: "Method." }), {
    default: ["UniCTokens", "UniCTokens-R1"],
    doc:
      "Rows of the paper's tables that are printed beside; table1, table2, table3, table5 stand for all of theirs.",
  }),
  judge: JUDGE,
  secondJudge: SECOND_JUDGE,
  endpoint: ENDPOINT,
  baseline: BASELINE,
});

/** Decoded settings of an evaluation. */
export type EvaluationSettings = FieldValue<typeof EVALUATION>;

/**
 * Rules between settings.
 *
 * @returns All problems, each with a remedy.
 */
export function evaluationRules(settings: EvaluationSettings): readonly RuleProblem[] {
  const { judge, secondJudge, tasks, endpoint: { style, prompt, pictures } } = settings;
  const drawnBy = style === "bagel" ? "edits" : "caption";
  return [
    ...(style === "plain" || (prompt === "images" && pictures === drawnBy) ? [] : [{
      path: "endpoint.style",
      value: style,
      remedy: `needs endpoint.prompt=images and endpoint.pictures=${drawnBy}`,
    }]),
    ...(secondJudge.kind === "recorded" && secondJudge.file === ""
      ? [{
        path: "second_judge.file",
        value: secondJudge.file,
        remedy: "must name the file of recorded scores",
      }]
      : []),
    ...(judge.kind === "recorded" && judge.file === ""
      ? [{ path: "judge.file", value: judge.file, remedy: "must name the file of recorded scores" }]
      : []),
    ...(tasks.length === 0 ? [{ path: "tasks", value: tasks, remedy: "must hold at least one task" }] : []),
  ];
}

/**
 * Picks the rules of scoring.
 *
 * @param maxWords Words of an answer that reach a prompt.
 * @returns The rules by their names in code.
 */
export function scoreOptions(settings: EvaluationSettings, maxWords: number): ScoreOptions {
  const { hitRule, tokenText, clipFlavour, imageScore, references, missingAsZero, pictureBatch } = settings;
  return {
    hitRule: hitRule === "word_boundary" ? "wordBoundary" : hitRule,
    tokenText: tokenText === "class_name" ? "className" : "literal",
    clipFlavour,
    imageScore,
    references,
    missingAsZero,
    pictureBatch,
    maxWords,
  };
}

/**
 * Picks which items are asked.
 *
 * @param given.textTemplate Turn of text-only reasoning that the model was trained with, if the settings name none.
 * @param given.shownFacts Facts that it listed, if the settings name no number.
 * @param given.purePrompts Plain prompts, if the data set has some.
 * @returns The options of `evalItems`.
 */
export function itemOptions(
  settings: EvaluationSettings,
  given: Pick<ItemOptions, "textTemplate" | "shownFacts" | "purePrompts"> = {},
): ItemOptions {
  const template = settings.textTemplate ?? given.textTemplate;
  const shownFacts = settings.shownFacts ?? given.shownFacts;
  return {
    tasks: settings.tasks,
    facts: settings.facts,
    orders: settings.orders,
    splitter: settings.splitter,
    ...(template === undefined ? {} : { textTemplate: template }),
    ...(shownFacts === undefined ? {} : { shownFacts }),
    ...(given.purePrompts === undefined ? {} : { purePrompts: given.purePrompts }),
  };
}
