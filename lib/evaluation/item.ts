/**
 * What an evaluation asks of a model: tasks, questions, prompts to draw.
 *
 * @module
 */
import type { TextRubric } from "../metrics/judge/judge.ts";
import type { Splitter } from "../metrics/segments.ts";

/**
 * Tasks that are answered in words; `choice` and `text_choice` are letter questions with and without a photo, `rea_train` asks for
 * the training facts, `rea_wording` for the test facts in wordings kept for the test, `rea_new` for new combinations.
 */
export const ASK_TASKS = [
  "rec",
  "vqa",
  "qa",
  "choice",
  "text_choice",
  "rea",
  "dense_rea",
  "rea_train",
  "rea_wording",
  "rea_new",
] as const;

/** Tasks that are answered with pictures. */
export const DRAW_TASKS = [
  "plain_gen",
  "pure_gen",
  "dense_gen",
  "rea_gen",
  "dense_rea_gen",
  "rea_new_gen",
  "face",
] as const;

/** All tasks, in the order in which they run. */
export const EVAL_TASKS = [...ASK_TASKS, ...DRAW_TASKS] as const;

/** Tasks that the benchmark does not have; they run only where they are named. */
const FURTHER_TASKS = ["rea_train", "rea_wording", "rea_new", "rea_new_gen"] as const;

/** A task of the benchmark. */
export type BenchmarkTask = Exclude<EvalTask, typeof FURTHER_TASKS[number]>;

const isBenchmarkTask = (task: EvalTask): task is BenchmarkTask =>
  !FURTHER_TASKS.some((further) => further === task);

/** The tasks of the benchmark, in the order in which they run. */
export const BENCHMARK_TASKS: readonly BenchmarkTask[] = EVAL_TASKS.filter(isBenchmarkTask);

/** A task of {@link ASK_TASKS}. */
export type AskTask = typeof ASK_TASKS[number];

/** A task of {@link DRAW_TASKS}. */
export type DrawTask = typeof DRAW_TASKS[number];

/** A task of {@link EVAL_TASKS}. */
export type EvalTask = typeof EVAL_TASKS[number];

/** A question. */
export interface AskItem {
  readonly kind: "ask";
  readonly task: AskTask;
  /** `<task>_NNN`, from 0 in file order. */
  readonly id: string;
  /** As it is asked; the concept is written as its token. */
  readonly question: string;
  /** Path of the photo; `null` = a question without a photo. */
  readonly image: string | null;
  /** The right answer; `null` = the data has none, so the item cannot be scored. */
  readonly reference: string | null;
  /** How a judge grades the answer. */
  readonly rubric: TextRubric;
  /** The prompt that needs a fact (`rea` and its like); `null` elsewhere. */
  readonly prompt: string | null;
}

/** A prompt to draw. */
export interface DrawItem {
  readonly kind: "draw";
  readonly task: DrawTask;
  /** `prompt_NNN`, from 0 in file order. */
  readonly id: string;
  /** With the concept's token. */
  readonly prompt: string;
  /** What the picture must show, with the token; `null` = the data does not say, so no text is compared. */
  readonly wanted: string | null;
  /** The clauses of `wanted`. */
  readonly segments: readonly string[];
  /** The question whose answer completes the prompt. */
  readonly upstream: { readonly task: "rea" | "dense_rea" | "rea_new"; readonly id: string } | null;
}

/** One item. */
export type Item = AskItem | DrawItem;

/** Which items. */
export interface ItemOptions {
  /** Default {@link BENCHMARK_TASKS}. */
  readonly tasks?: readonly EvalTask[];
  /** Facts that the reasoning tasks ask for; default `test`. The others are for diagnosis. */
  readonly facts?: "test" | "train" | "all";
  /** Turn of text-only reasoning with `{facts}` and `{prompt}`. */
  readonly textTemplate?: string;
  /** Facts that this turn lists, the needed one and others of its split; default 0: all, in file order. */
  readonly shownFacts?: number;
  /** Lists in which each fact of `rea` is asked for, where `shownFacts` are listed; default 1. */
  readonly orders?: number;
  /** Plain prompts with `<sks>`; default the 25 of DreamBench. */
  readonly purePrompts?: readonly string[];
  /** Where dense prompts are cut; default `clauses`. */
  readonly splitter?: Splitter;
  /** Photos without the concept, for a recognition test where the data has none; default the unrelated photos. */
  readonly otherImages?: readonly string[];
}

/** Stands for the concept in lists of prompts. */
export const ANY_CONCEPT = "<sks>";

/** The name of an item: `rea_003`. */
export function numbered(prefix: string, index: number): string {
  return `${prefix}_${String(index).padStart(3, "0")}`;
}
