/**
 * The in-memory form of a personal concept: what every layout on disk is normalised to.
 *
 * @module
 */

/** Whether a fact may be used in training or is kept for the reasoning tests. */
export type Split = "train" | "test";

/** What a concept is. */
export type Category = "human" | "animal" | "object";

/** Which of the two prompt lists of the generation test applies. */
export type GenerationType = "live_subject" | "object";

/** One piece of personal knowledge, and the prompts that need it. */
export interface Fact {
  /** Position in `extra_info`, from 0. */
  readonly index: number;
  readonly text: string;
  readonly split: Split;
  /** A prompt that can only be drawn right by somebody who knows the fact. */
  readonly reasoningPrompt?: string;
  /** The same prompt in other words. */
  readonly otherWordings?: readonly string[];
  /** The same prompt with the fact's detail written out; without it the prompt can't be scored. */
  readonly explicitPrompt?: string;
  /** The detail alone. */
  readonly detail?: string;
}

/** A prompt of several clauses. */
export interface DensePrompt {
  readonly id: string;
  readonly text: string;
  /** What a judge checks one by one; for a reasoning prompt with an explicit text, the clauses of that text. */
  readonly segments: readonly string[];
}

/** A dense prompt that also needs facts. */
export interface DenseReaPrompt extends DensePrompt {
  readonly explicitText?: string;
  /** Positions in `extra_info`, from 0; empty if the data does not say. */
  readonly factIndices: readonly number[];
}

/** A question and its answer. */
export interface Exchange {
  readonly question: string;
  readonly answer: string;
}

/** Questions and answers about one photo; `image` is a path. */
export interface PhotoDialogue {
  readonly image: string;
  readonly exchanges: readonly Exchange[];
}

/** One sample of `showo_training_data_stage_*`; without image if the file gives none. */
export interface TrainingSample {
  readonly image: string | null;
  readonly exchanges: readonly Exchange[];
}

/** The kinds of understanding questions. */
export type EvalKind = "rec" | "vqa" | "choice" | "text_only";

/** One item of `test_data`. */
export interface EvalItem extends Exchange {
  readonly kind: EvalKind;
  readonly image: string;
}

/** A personal concept with its photos (paths), knowledge, prompts and dialogues. */
export interface Concept {
  readonly id: string;
  /** The id in angle brackets, `<mochi>`. */
  readonly token: string;
  readonly category: Category;
  /** The class noun, `dog`. */
  readonly className: string;
  readonly generationType: GenerationType;
  /** One sentence that begins with `<id> is`. */
  readonly info: string;
  readonly facts: readonly Fact[];
  /**
   * What the concept might have instead, in combinations that nothing in training shows; asked for in lists of their own. Their
   * `index` counts from 0 here.
   */
  readonly newCombinations?: readonly Fact[];
  /** Plain prompts, first `A photo of <id>.` */
  readonly base: readonly string[];
  /** The knowledge-driven prompts of the base array form, in file order; linked to facts only if the counts agree. */
  readonly knowledgePrompts: readonly string[];
  readonly dense: readonly DensePrompt[];
  readonly denseRea: readonly DenseReaPrompt[];

  /** The dataset folder that all paths lie in. */
  readonly root: string;
  readonly trainImages: readonly string[];
  readonly testImages: readonly string[];
  /** Crops to the subject. */
  readonly croppedImages: readonly string[];
  /** Look-alikes: hard negatives. */
  readonly negativeImages: readonly string[];
  /** Unrelated photos: easy negatives. */
  readonly randomImages: readonly string[];
  /** Shown with questions that have no photo; null if the dataset has none. */
  readonly blackImage: string | null;

  /** Captions of train or cropped photos, by path; empty if the data has none. */
  readonly captions: Readonly<Record<string, string>>;

  /** Training dialogues about train photos. */
  readonly photoDialogues: readonly PhotoDialogue[];
  /** Training dialogues without a photo. */
  readonly textDialogues: readonly Exchange[];
  readonly positiveRecognitions: readonly PhotoDialogue[];
  readonly negativeRecognitions: readonly PhotoDialogue[];
  /** Test questions about test photos. */
  readonly vqa: readonly PhotoDialogue[];
  /** Test questions without a photo. */
  readonly textOnly: readonly Exchange[];
  readonly evalItems: readonly EvalItem[];
  readonly trainingData: {
    readonly stage1: readonly TrainingSample[];
    readonly stage2: readonly TrainingSample[];
    readonly stage3: readonly TrainingSample[];
  };
  /** Keys of `info.json` and `t2i_conditions.json` that this program does not know, as they were. */
  readonly unknownKeys: Readonly<Record<string, unknown>>;
}

/**
 * Writes a concept's id as its token.
 *
 * @param id The folder name.
 * @returns The id in angle brackets.
 */
export function tokenOf(id: string): string {
  return `<${id}>`;
}
