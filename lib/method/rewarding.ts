/**
 * Rewards of previews and of finished trajectories: rows for the experts, the ensemble, the experts of a profile.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { Concept } from "../concept/concept.ts";
import { loadConceptImages } from "../concept/photo.ts";
import type { HasFiles, HasLog } from "../core/capability.ts";
import type { RgbImage } from "../image/image.ts";
import type { Stage } from "../core/stage.ts";
import { loadBlip2 } from "../experts/blip2/blip2_load.ts";
import { loadDinov2 } from "../experts/dinov2/dinov2_expert.ts";
import { loadErnie } from "../experts/ernie/ernie_expert.ts";
import { loadFaces } from "../experts/face/face_load.ts";
import { berExpert } from "../rewards/ber.ts";
import { derExpert } from "../rewards/der.ts";
import type { RewardConcept, RewardExpert, RewardRow } from "../rewards/expert.ts";
import { type RewardWeights, weightOf } from "../rewards/ensemble.ts";
import type { ImageEncoder } from "../rewards/features.ts";
import { ferExpert } from "../rewards/fer.ts";
import { rememberImages } from "../rewards/remember.ts";
import { tierExpert } from "../rewards/tier.ts";
import type { HasBlobs } from "../tensor/weight_source.ts";
import type { Profile } from "./profile.ts";
import { explicitPromptOf } from "./compound_prompt.ts";
import type { Prompted } from "./rollout.ts";
import type { TrainingSettings } from "./settings.ts";
import type { Task } from "./task.ts";

/** The experts of a run, and what frees them. */
export interface LoadedExperts {
  /** Every expert that counts or is logged. */
  readonly experts: readonly RewardExpert[];
  /** Scores previews; without DSOG nothing does, and every preview gets 1. */
  readonly previewExpert: RewardExpert;
  readonly weights: RewardWeights;
  /** Features of images, shared by rewards and watches; `null` where the profile has no such network. */
  readonly encoder: ImageEncoder | null;
  readonly dispose: () => void;
}

/**
 * What experts know of a concept: its name and its reference photos.
 *
 * @param imageSize Side to which photos are cropped.
 * @returns The concept for reward rows; bad photos are skipped with a warning. Left if no photo is left.
 */
export function rewardConcept(concept: Concept, imageSize: number): Stage<HasFiles & HasLog, RewardConcept> {
  const { id, token, className, category } = concept;
  return pipe(
    loadConceptImages(concept.trainImages, imageSize),
    RTE.map(({ photos }) => ({
      id,
      token,
      className,
      category,
      references: photos.map(({ image }) => image),
    })),
  );
}

/**
 * Writes a trajectory as the row that experts read.
 *
 * @param task The group's task.
 * @param options The concept for experts and the picture.
 */
export function rewardRow(
  task: Task,
  prompted: Prompted,
  options: { readonly concept: RewardConcept; readonly image: RgbImage },
): RewardRow {
  return {
    ...options,
    mode: task.mode,
    question: task.question,
    prompt: task.basePrompt,
    compoundPrompt: prompted.compoundPrompt,
    ...(task.explicitPrompt === undefined ? {} : { explicitPrompt: task.explicitPrompt }),
    reasoning: prompted.text,
    candidates: task.candidates,
    truthIndex: task.truthIndex,
  };
}

/**
 * Writes a preview as the row that the screening expert reads.
 *
 * @param options The concept for experts, the preview, and the settings that say which text it is compared with.
 * @returns The row of {@link rewardRow}; with `dsog.text` `explicit` or `base` its prompts are the one text of the group.
 */
export function previewRow(
  task: Task,
  prompted: Prompted,
  options: {
    readonly concept: RewardConcept;
    readonly image: RgbImage;
    readonly settings: Pick<TrainingSettings, "dsog" | "reasoning">;
  },
): RewardRow {
  const { concept, image, settings: { dsog, reasoning } } = options;
  const row = rewardRow(task, prompted, { concept, image });
  if (dsog.text === "compound") return row;
  const text = dsog.text === "base" ? task.basePrompt : explicitPromptOf(task, reasoning);
  return { ...row, compoundPrompt: text, explicitPrompt: text };
}

const missing = (expert: string): Stage<unknown, never> =>
  RTE.left({
    _tag: "InputInvalid",
    where: "profile",
    problem: `names no folder for ${expert}`,
    remedy: `add it, or set the weight rewards.${expert} to 0${
      expert === "ber" ? " and dsog.enabled=false" : ""
    }`,
  });

/** An expert, the encoder of images behind it if that is one, and what frees them. */
interface LoadedExpert {
  readonly expert: RewardExpert;
  readonly encoder: ImageEncoder | null;
  readonly dispose: () => void;
}

type Loading = Stage<HasFiles & HasBlobs, LoadedExpert>;

/** An expert that can be loaded. */
export interface ExpertLoading {
  readonly name: "tier" | "ber" | "der" | "fer";
  /** `null`: the profile has none; then `load` fails. */
  readonly folder: string | null;
  readonly load: Loading;
}

const named = <A extends { readonly dispose: () => void }>(
  folder: string | null,
  name: ExpertLoading["name"],
  load: (folder: string) => Stage<HasFiles & HasBlobs, A>,
  wrap: (loaded: A) => RewardExpert | Pick<LoadedExpert, "expert" | "encoder">,
): ExpertLoading => ({
  name,
  folder,
  load: pipe(
    folder === null ? missing(name) : load(folder),
    RTE.map((loaded) => {
      const made = wrap(loaded);
      return { ...("expert" in made ? made : { expert: made, encoder: null }), dispose: loaded.dispose };
    }),
  ),
});

/**
 * Lists the experts that a concept of this category needs; a human's also look at faces. Nothing is loaded yet.
 *
 * @param profile Where they are.
 * @param settings Options.
 * @returns The experts; the first one scores previews.
 */
export function expertLoadings(
  profile: Profile,
  settings: Pick<TrainingSettings, "rewards" | "dsog">,
  concept: Pick<Concept, "category">,
): readonly ExpertLoading[] {
  const { rewards, dsog } = settings;
  const { orientation } = rewards;
  const mode = dsog.score === "itm" ? { mode: "itm" as const } : {};
  const faces = (folder: string) =>
    loadFaces(folder, profile.mtcnn === null ? {} : { detector: profile.mtcnn });
  return [
    named(
      profile.blip2,
      "ber",
      (folder) => loadBlip2(folder, mode),
      (blip2) => berExpert(blip2, { orientation, text: rewards.berText }),
    ),
    named(profile.ernie, "tier", loadErnie, (ernie) => tierExpert(ernie)),
    named(profile.dinov2, "der", loadDinov2, (dinov2) => {
      const encoder = rememberImages(dinov2, "der");
      return { expert: derExpert(encoder, { orientation }), encoder };
    }),
    ...(concept.category === "human"
      ? [named(profile.facenet, "fer", faces, (face) => ferExpert(face, { orientation }))]
      : []),
  ];
}

const UNSCREENED: RewardExpert = {
  name: "unscreened",
  score: (rows) => RTE.fromIO(() => Float32Array.from(rows, () => 1)),
};

/** Loads one after the other; what was loaded before a failure is freed. */
const loadAll =
  (loadings: readonly ExpertLoading[]): Stage<HasFiles & HasBlobs, readonly LoadedExpert[]> =>
  (needs) =>
  async () => {
    const loaded: LoadedExpert[] = [];
    for (const { load } of loadings) {
      const next = await load(needs)();
      if (E.isLeft(next)) {
        loaded.forEach(({ dispose }) => dispose());
        return next;
      }
      loaded.push(next.right);
    }
    return E.right(loaded);
  };

/**
 * Loads the experts that a concept of this category needs.
 *
 * An expert of weight 0 is loaded to be logged if the profile has it, and left out if not; the one that scores previews
 * is needed while DSOG is on. One that `rewards.remote` has behind a URL is not loaded.
 *
 * @param profile Where they are.
 * @param settings Weights and options.
 * @returns The experts. Left with one line that names the folder if something is missing, before any training; then
 * nothing stays loaded.
 */
export function loadExperts(
  profile: Profile,
  settings: Pick<TrainingSettings, "rewards" | "dsog">,
  concept: Pick<Concept, "category">,
): Stage<HasFiles & HasBlobs, LoadedExperts> {
  const { rewards, dsog } = settings;
  const weights: RewardWeights = {
    tier: rewards.tier,
    ...{ ber: rewards.ber, der: rewards.der, fer: rewards.fer } as RewardWeights,
  };
  const counts = ({ name }: ExpertLoading): boolean =>
    weightOf(weights, name, concept.category) > 0 || (name === "ber" && dsog.enabled);
  const wanted = expertLoadings(profile, settings, concept)
    .filter((loading) => rewards.remote[loading.name] === undefined)
    .filter((loading) => loading.folder !== null || counts(loading));
  return pipe(
    loadAll(wanted),
    RTE.map((loaded) => {
      const experts = loaded.map(({ expert }) => expert);
      return {
        experts,
        previewExpert: (dsog.enabled ? experts.find(({ name }) => name === "ber") : null) ?? UNSCREENED,
        weights: Object.fromEntries(experts.map(({ name }) => [name, weights[name]])) as RewardWeights,
        encoder: loaded.find(({ encoder }) => encoder !== null)?.encoder ?? null,
        dispose: () => loaded.forEach(({ dispose }) => dispose()),
      };
    }),
  );
}
